//! Server functions of the policy page.

use super::shape::{PolicyView, ProposalDone, ProposalRequest};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

/// The rules in force, and what is proposed instead.
#[server(prefix = "/api/ui", endpoint = "policy", input = GetUrl)]
pub(crate) async fn read_policy() -> Result<PolicyView, UiError> {
    crate::api::ask(|backend| backend.policy()).await
}

/// Begins to propose other rules.
#[server(prefix = "/api/ui", endpoint = "begin_proposal", input = Json)]
pub(crate) async fn begin_proposal(request: ProposalRequest) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_proposal(request)).await
}

/// Gives the signature; the change is open then.
#[server(prefix = "/api/ui", endpoint = "finish_proposal", input = Json)]
pub(crate) async fn finish_proposal(ceremony: String, assertion: String) -> Result<ProposalDone, UiError> {
    crate::api::ask(move |backend| backend.finish_proposal(ceremony, assertion)).await
}
