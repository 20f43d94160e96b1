//! Lines of the webhook's log.

use super::super::facts::DeliveryFacts;
use super::{Unfit, number};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Deserialize)]
pub(in crate::github) struct RawDelivery {
    id: u64,
    guid: String,
    event: String,
    delivered_at: DateTime<Utc>,
    installation_id: Option<u64>,
}

impl TryFrom<RawDelivery> for DeliveryFacts {
    type Error = Unfit;
    fn try_from(raw: RawDelivery) -> Result<Self, Unfit> {
        Ok(Self {
            id: number(raw.id, "a delivery's id is no id")?,
            guid: raw.guid,
            event: raw.event,
            delivered_at: raw.delivered_at,
            installation_id: raw.installation_id,
        })
    }
}
