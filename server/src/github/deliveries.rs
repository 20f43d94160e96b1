//! The webhook's own log: what GitHub says that it delivered, and the request to deliver it again.

use super::client::As;
use super::facts::{DeliveryFacts, DeliveryLog};
use super::wire::RawDelivery;
use super::{Client, Error};
use chrono::{DateTime, Utc};

const WHAT: &str = "the log of webhook deliveries";
/// 5,000 deliveries; what is beyond them the list of waiting runs still shows.
const MAX_PAGES: usize = 50;

impl Client {
    /// Every attempt to deliver since `since`, newest first. A line that cannot be read is left out, so that it does
    /// not hide the others; the log says so.
    pub async fn list_deliveries(&self, since: DateTime<Utc>) -> Result<DeliveryLog, Error> {
        let mut route = "/app/hook/deliveries?per_page=100".to_owned();
        let mut found = Vec::new();
        for _ in 0..MAX_PAGES {
            let page = self.read_page_as::<Vec<serde_json::Value>>(As::App, &route, WHAT).await?;
            for raw in page.items {
                let read = serde_json::from_value::<RawDelivery>(raw).map_err(|_| "its shape");
                match read.and_then(|raw| DeliveryFacts::try_from(raw).map_err(|unfit| unfit.0)) {
                    Ok(facts) if facts.delivered_at < since => {
                        return Ok(DeliveryLog { deliveries: found, is_complete: true });
                    }
                    Ok(facts) => found.push(facts),
                    Err(why) => tracing::warn!(why, "a line of the webhook's log cannot be read"),
                }
            }
            match page.next_query {
                Some(query) => route = format!("/app/hook/deliveries?{query}"),
                None => return Ok(DeliveryLog { deliveries: found, is_complete: true }),
            }
        }
        Ok(DeliveryLog { deliveries: found, is_complete: false })
    }

    /// Asks GitHub to deliver once more, with the same GUID. It answers before it does.
    pub async fn redeliver(&self, delivery: u64) -> Result<(), Error> {
        let route = format!("/app/hook/deliveries/{delivery}/attempts");
        self.write(As::App, &route, None, "delivery of this number").await
    }
}
