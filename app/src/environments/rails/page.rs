//! Fetches the rails of the environment in the address.

use super::api::read_rails;
use super::view::rails;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/environments/:name/rails`
#[component]
pub(crate) fn RailsPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.read().get("name").unwrap_or_default());
    let view = Resource::new_blocking(move || name.get(), read_rails);
    loaded(view, |view| rails(&view))
}
