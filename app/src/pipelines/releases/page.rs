//! Fetches one page of images; the filter is the query string.

use super::api::list_releases;
use super::shape::ReleaseFilter;
use super::view::releases;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/pipelines/releases`
#[component]
pub(crate) fn ReleasesPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).filter(|v| !v.is_empty());
        ReleaseFilter { service: value("service"), only: value("only"), after: value("after") }
    });
    let page = Resource::new_blocking(
        move || filter.get(),
        |filter| async move {
            // The filter comes back with its answer: it must not run ahead of the rows.
            list_releases(filter.service.clone(), filter.only.clone(), filter.after.clone())
                .await
                .map(|page| (page, filter))
        },
    );
    loaded(page, |(page, filter)| releases(&page, &filter))
}
