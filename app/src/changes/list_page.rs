//! Fetches the list of changes; the filter is the query string.

use super::api::list_changes;
use super::list::list;
use super::shape::ChangeFilter;
use crate::shell::loaded::loaded;
use crate::ui::keyboard::rows_move_with_j_and_k;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/changes`
#[component]
pub(crate) fn ChangesPage() -> impl IntoView {
    rows_move_with_j_and_k();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).filter(|v| !v.is_empty());
        ChangeFilter { state: value("state"), service: value("service"), after: value("after") }
    });
    let page = Resource::new_blocking(
        move || filter.get(),
        |filter| async move {
            // The filter comes back with its answer: it must not run ahead of the rows.
            list_changes(filter.state.clone(), filter.service.clone(), filter.after.clone())
                .await
                .map(|page| (page, filter))
        },
    );
    loaded(page, |(page, filter)| list(&page, &filter))
}
