//! Server functions of the service pages.

use super::shape::{MatrixView, ServiceView};
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of the matrix.
#[server(prefix = "/api/ui", endpoint = "services", input = GetUrl)]
pub(crate) async fn list_services(
    q: Option<String>,
    team: Option<String>,
    sort: Option<String>,
    after: Option<String>,
) -> Result<MatrixView, UiError> {
    crate::api::ask(move |backend| backend.services(super::shape::ServiceFilter { q, team, sort, after })).await
}

/// One service.
#[server(prefix = "/api/ui", endpoint = "service", input = GetUrl)]
pub(crate) async fn read_service(name: String) -> Result<ServiceView, UiError> {
    crate::api::ask(move |backend| backend.service(name)).await
}
