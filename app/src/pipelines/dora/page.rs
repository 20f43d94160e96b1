//! Fetches DORA's figures; what they are of is the query string.

use super::api::read_dora;
use super::shape::DoraFilter;
use super::view::dora;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/pipelines/dora`
#[component]
pub(crate) fn DoraPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.read();
        let value = |name: &str| query.get(name).filter(|v| !v.is_empty());
        DoraFilter { service: value("service"), days: value("days") }
    });
    let view = Resource::new_blocking(
        move || filter.get(),
        |filter| async move { read_dora(filter.service.clone(), filter.days.clone()).await.map(|view| (view, filter)) },
    );
    loaded(view, |(view, filter)| dora(&view, &filter))
}
