//! Fetches a change with what it does to people's data, and carries out what the caller decides on it.

use super::view::data;
use crate::changes::api::read_data_change;
use crate::changes::panel::Panel;
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/changes/:number/data`
#[component]
pub(crate) fn DataPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let view = Resource::new_blocking(move || number.get(), read_data_change);
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
    loaded(view, move |shown| data(&shown, panel))
}
