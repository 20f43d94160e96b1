//! Server functions of the audit page.

use super::shape::AuditPage;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of the log. The filter is spread out, because a query string knows no empty structure.
#[server(prefix = "/api/ui", endpoint = "audit", input = GetUrl)]
pub(crate) async fn list_entries(
    act: Option<String>,
    actor: Option<String>,
    about: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<String>,
) -> Result<AuditPage, UiError> {
    let filter = super::shape::AuditFilter { act, actor, about, since, until, before };
    crate::api::ask(move |backend| backend.audit(filter)).await
}
