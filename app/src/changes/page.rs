//! Fetches one change, and carries out what the caller decides on it.

use super::api::read_change;
use super::panel::Panel;
use super::view::change;
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/changes/:number`
#[component]
pub(crate) fn ChangePage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let view = Resource::new_blocking(move || number.get(), read_change);
    let shell = use_context::<Shell>();
    let panel = Panel::new(Callback::new(move |()| {
        view.refetch();
        if let Some(shell) = shell {
            shell.refetch();
        }
    }));
    Effect::new(move |_| {
        number.track();
        panel.forget();
    });
    loaded(view, move |data| change(&data, panel))
}
