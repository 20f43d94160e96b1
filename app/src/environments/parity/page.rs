//! Fetches the comparison of the environment in the address.

use super::api::read_parity;
use super::view::parity;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/environments/:name/parity`
#[component]
pub(crate) fn ParityPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.read().get("name").unwrap_or_default());
    let view = Resource::new_blocking(move || name.get(), read_parity);
    loaded(view, |view| parity(&view))
}
