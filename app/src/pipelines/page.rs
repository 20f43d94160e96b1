//! Fetches runs; the filter is the query string.

use super::api::{list_runs, read_run};
use super::list::list;
use super::shape::RunFilter;
use super::view::run;
use crate::shell::loaded::loaded;
use crate::ui::keyboard::rows_move_with_j_and_k;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/pipelines`
#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    rows_move_with_j_and_k();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).filter(|v| !v.is_empty());
        RunFilter {
            service: value("service"),
            state: value("state"),
            branch: value("branch"),
            find: value("find"),
            after: value("after"),
        }
    });
    let page = Resource::new_blocking(
        move || filter.get(),
        |filter| async move {
            let RunFilter { service, state, branch, find, after } = filter.clone();
            list_runs(service, state, branch, find, after).await.map(|page| (page, filter))
        },
    );
    loaded(page, |(page, filter)| list(&page, &filter))
}

/// `/pipelines/:run`
#[component]
pub(crate) fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("run").unwrap_or_default());
    let view = Resource::new_blocking(move || id.get(), read_run);
    loaded(view, |view| run(&view))
}
