//! Server functions of the home page.

use super::shape::HomeView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What needs the caller.
#[server(prefix = "/api/ui", endpoint = "home", input = GetUrl)]
pub(crate) async fn read_home() -> Result<HomeView, UiError> {
    crate::api::ask(|backend| backend.home()).await
}
