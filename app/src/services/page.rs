//! Fetches the service pages; the matrix's filter is the query string.

use super::api::{list_services, read_service};
use super::matrix::matrix;
use super::service::service;
use super::shape::ServiceFilter;
use crate::shell::loaded::loaded;
use crate::ui::keyboard::rows_move_with_j_and_k;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/services`
#[component]
pub(crate) fn ServicesPage() -> impl IntoView {
    rows_move_with_j_and_k();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).filter(|v| !v.is_empty());
        ServiceFilter { q: value("q"), team: value("team"), sort: value("sort"), after: value("after") }
    });
    let page = Resource::new_blocking(
        move || filter.get(),
        |filter| async move {
            // The filter comes back with its answer: it must not run ahead of the rows.
            let ServiceFilter { q, team, sort, after } = filter.clone();
            list_services(q, team, sort, after).await.map(|page| (page, filter))
        },
    );
    loaded(page, |(page, filter)| matrix(&page, &filter))
}

/// `/services/{name}`
#[component]
pub(crate) fn ServicePage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.read().get("name").unwrap_or_default());
    loaded(Resource::new_blocking(move || name.get(), read_service), |view| service(&view))
}
