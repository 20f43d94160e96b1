//! Server functions of the change pages.

use super::data::shape::DataChangeView;
use super::shape::{ChangePage, ChangeView, DecisionDone, DecisionRequest};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

/// One page of changes. The filter is spread out, because a query string knows no empty structure.
#[server(prefix = "/api/ui", endpoint = "changes", input = GetUrl)]
pub(crate) async fn list_changes(
    state: Option<String>,
    service: Option<String>,
    after: Option<String>,
) -> Result<ChangePage, UiError> {
    crate::api::ask(move |backend| backend.changes(super::shape::ChangeFilter { state, service, after })).await
}

/// One change.
#[server(prefix = "/api/ui", endpoint = "change", input = GetUrl)]
pub(crate) async fn read_change(number: String) -> Result<ChangeView, UiError> {
    crate::api::ask(move |backend| backend.change(number)).await
}

/// One change, for data protection.
#[server(prefix = "/api/ui", endpoint = "data_change", input = GetUrl)]
pub(crate) async fn read_data_change(number: String) -> Result<DataChangeView, UiError> {
    crate::api::ask(move |backend| backend.data_change(number)).await
}

/// Asks what the key is to sign.
#[server(prefix = "/api/ui", endpoint = "begin_decision", input = Json)]
pub(crate) async fn begin_decision(request: DecisionRequest) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_decision(request)).await
}

/// Gives the signature.
#[server(prefix = "/api/ui", endpoint = "finish_decision", input = Json)]
pub(crate) async fn finish_decision(ceremony: String, assertion: String) -> Result<DecisionDone, UiError> {
    crate::api::ask(move |backend| backend.finish_decision(ceremony, assertion)).await
}
