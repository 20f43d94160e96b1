//! A portal where nothing is relaxed: two founders come in with their codes, and everybody else asks.

use super::{Browser, TestPortal};
use crate::people;

/// Asha Rao and Vikram Iyer.
const FOUNDERS: [&str; 2] = ["E-1001", "E-1006"];

impl TestPortal {
    /// Keys and roles wait for two others and a day.
    pub async fn start_strict() -> Self {
        Self::start_with(|text| {
            *text = text.replace("admit_first_keys = true", "admit_first_keys = false");
            for founder in FOUNDERS {
                let row = format!("person = \"{founder}\"");
                let (before, after) = text.split_once(&row).unwrap();
                let (rest, start) = before.rsplit_once("founder = false").unwrap();
                *text = format!("{rest}founder = true{start}{row}{after}");
            }
        })
        .await
    }

    /// Both founders, with keys and roles that count.
    pub async fn founders(&self) -> (Browser<'_>, Browser<'_>) {
        let codes = people::init(&self.ctx).await.unwrap();
        let (asha, vikram) = (self.browser(FOUNDERS[0]).await, self.browser(FOUNDERS[1]).await);
        asha.enrol_with("founding", Some(&codes[0].code)).await.unwrap();
        vikram.enrol_with("founding", Some(&codes[1].code)).await.unwrap();
        (asha, vikram)
    }
}
