//! What the browser says about the ceremony (§5.8.1, `CollectedClientData`).

use serde::Deserialize;

/// The members that are checked. Others may come and go (the standard says to tolerate them); a
/// doubled one of these is refused by serde.
#[derive(Deserialize)]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) challenge: String,
    pub(super) origin: String,
    #[serde(rename = "crossOrigin", default)]
    pub(super) cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    pub(super) top_origin: Option<String>,
}

impl ClientData {
    /// `None` when the bytes are not UTF-8 JSON of these members.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
