//! Server functions of the lane.

use super::shape::{FreezesView, LaneWish};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

/// When nothing goes out.
#[server(prefix = "/api/ui", endpoint = "freezes", input = GetUrl)]
pub(crate) async fn read_freezes() -> Result<FreezesView, UiError> {
    crate::api::ask(|backend| backend.freezes()).await
}

/// Asks what the key is to sign.
#[server(prefix = "/api/ui", endpoint = "begin_lane", input = Json)]
pub(crate) async fn begin_lane(wish: LaneWish) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_lane(wish)).await
}

/// Gives the signature.
#[server(prefix = "/api/ui", endpoint = "finish_lane", input = Json)]
pub(crate) async fn finish_lane(ceremony: String, assertion: String) -> Result<String, UiError> {
    crate::api::ask(move |backend| backend.finish_lane(ceremony, assertion)).await
}
