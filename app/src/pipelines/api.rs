//! Server functions of the pages of runs.

use super::shape::{RunPage, RunView};
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of runs. The filter is spread out, because a query string knows no empty structure.
#[server(prefix = "/api/ui", endpoint = "runs", input = GetUrl)]
pub(crate) async fn list_runs(
    service: Option<String>,
    state: Option<String>,
    branch: Option<String>,
    find: Option<String>,
    after: Option<String>,
) -> Result<RunPage, UiError> {
    crate::api::ask(move |backend| backend.runs(super::shape::RunFilter { service, state, branch, find, after })).await
}

/// One run.
#[server(prefix = "/api/ui", endpoint = "run", input = GetUrl)]
pub(crate) async fn read_run(run: String) -> Result<RunView, UiError> {
    crate::api::ask(move |backend| backend.run(run)).await
}
