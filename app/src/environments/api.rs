//! Server functions of the environment pages.

use super::shape::{EnvironmentView, EnvironmentsView};
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Every environment.
#[server(prefix = "/api/ui", endpoint = "environments", input = GetUrl)]
pub(crate) async fn read_environments() -> Result<EnvironmentsView, UiError> {
    crate::api::ask(|backend| backend.environments()).await
}

/// One environment; `after` is where a page of its workloads begins.
#[server(prefix = "/api/ui", endpoint = "environment", input = GetUrl)]
pub(crate) async fn read_environment(name: String, after: String) -> Result<EnvironmentView, UiError> {
    crate::api::ask(move |backend| backend.environment(name, after)).await
}
