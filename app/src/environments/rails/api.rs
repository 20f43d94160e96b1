//! The server function of the page of guard rails.

use super::shape::RailsView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The rails of one environment.
#[server(prefix = "/api/ui", endpoint = "environment_rails", input = GetUrl)]
pub(crate) async fn read_rails(name: String) -> Result<RailsView, UiError> {
    crate::api::ask(move |backend| backend.environment_rails(name)).await
}
