//! Server functions of the incident pages.

use super::shape::{IncidentDone, IncidentView, IncidentWish, IncidentsView};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

/// Every incident.
#[server(prefix = "/api/ui", endpoint = "incidents", input = GetUrl)]
pub(crate) async fn read_incidents() -> Result<IncidentsView, UiError> {
    crate::api::ask(|backend| backend.incidents()).await
}

/// One incident.
#[server(prefix = "/api/ui", endpoint = "incident", input = GetUrl)]
pub(crate) async fn read_incident(id: String) -> Result<IncidentView, UiError> {
    crate::api::ask(move |backend| backend.incident(id)).await
}

/// Asks what the key is to sign.
#[server(prefix = "/api/ui", endpoint = "begin_incident", input = Json)]
pub(crate) async fn begin_incident(wish: IncidentWish) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_incident(wish)).await
}

/// Gives the signature.
#[server(prefix = "/api/ui", endpoint = "finish_incident", input = Json)]
pub(crate) async fn finish_incident(ceremony: String, assertion: String) -> Result<IncidentDone, UiError> {
    crate::api::ask(move |backend| backend.finish_incident(ceremony, assertion)).await
}
