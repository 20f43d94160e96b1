//! Fetches the audit log; the filter is the query string.

use super::api::list_entries;
use super::shape::AuditFilter;
use super::view::audit;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/audit`
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        AuditFilter {
            act: value("act"),
            actor: value("actor"),
            about: value("about"),
            since: value("since"),
            until: value("until"),
            before: value("before"),
        }
    });
    let page = Resource::new_blocking(
        move || filter.get(),
        |filter| async move {
            let AuditFilter { act, actor, about, since, until, before } = filter.clone();
            // The filter comes back with its answer: it must not run ahead of the rows.
            list_entries(act, actor, about, since, until, before).await.map(|page| (page, filter))
        },
    );
    loaded(page, |(page, filter)| audit(&page, &filter))
}
