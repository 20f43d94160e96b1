//! The server function of DORA's figures.

use super::shape::DoraView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The five figures.
#[server(prefix = "/api/ui", endpoint = "dora", input = GetUrl)]
pub(crate) async fn read_dora(service: Option<String>, days: Option<String>) -> Result<DoraView, UiError> {
    crate::api::ask(move |backend| backend.dora(super::shape::DoraFilter { service, days })).await
}
