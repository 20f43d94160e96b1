//! The server function of the page of parity.

use super::shape::ParityView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// An environment beside the one that it mirrors.
#[server(prefix = "/api/ui", endpoint = "environment_parity", input = GetUrl)]
pub(crate) async fn read_parity(name: String) -> Result<ParityView, UiError> {
    crate::api::ask(move |backend| backend.environment_parity(name)).await
}
