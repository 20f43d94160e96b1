//! Fetches one change, and carries out what the caller decides on it.

use super::api::read_change;
use super::panel::Panel;
use super::view::change;
use crate::error::UiError;
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Serialize, de::DeserializeOwned};

/// `/changes/:number`
#[component]
pub(crate) fn ChangePage() -> impl IntoView {
    of_number(read_change, change)
}

/// A page about the change whose number the address has: what is read of it, shown with a panel to decide on it.
pub(crate) fn of_number<T, Asked, Shown>(
    read: fn(String) -> Asked,
    show: impl Fn(&T, Panel) -> Shown + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Asked: Future<Output = Result<T, UiError>> + Send + 'static,
    Shown: IntoView + 'static,
{
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let view = Resource::new_blocking(move || number.get(), read);
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
    loaded(view, move |data| show(&data, panel))
}
