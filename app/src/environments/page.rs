//! Fetches environments.

use super::api::{read_environment, read_environments};
use super::view::{environment, environments};
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/environments`
#[component]
pub(crate) fn EnvironmentsPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_environments());
    loaded(view, |view| environments(&view))
}

/// `/environments/:name`
#[component]
pub(crate) fn EnvironmentPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        (params.read().get("name").unwrap_or_default(), query.read().get("after").unwrap_or_default())
    });
    let view = Resource::new_blocking(move || asked.get(), |(name, after)| read_environment(name, after));
    loaded(view, |view| environment(&view))
}
