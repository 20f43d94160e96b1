//! Server functions of the change pages.

use super::data::shape::DataChangeView;
use super::shape::{ChangePage, ChangeView, DecisionDone, DecisionRequest};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json, PostUrl};

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

/// Puts another rollback plan in the place of the one that stands. A release without migrations has no field for them.
#[server(prefix = "/api/ui", endpoint = "edit_plan", input = PostUrl)]
pub(crate) async fn edit_plan(
    number: String,
    subject_digest: String,
    to: String,
    migrations: Option<String>,
    note: String,
) -> Result<(), UiError> {
    let migrations = migrations.unwrap_or_default();
    crate::api::ask(move |backend| {
        backend.edit_plan(super::rollback::PlanForm { number, subject_digest, to, migrations, note })
    })
    .await
}

/// Confirms the plan that was read.
#[server(prefix = "/api/ui", endpoint = "confirm_plan", input = PostUrl)]
pub(crate) async fn confirm_plan(number: String, plan_digest: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.confirm_plan(number, plan_digest)).await
}

/// Marks a version: do not return to it.
#[server(prefix = "/api/ui", endpoint = "mark_version", input = PostUrl)]
pub(crate) async fn mark_version(number: String, why: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.mark_version(number, why)).await
}
