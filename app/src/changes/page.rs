//! Fetches one change, and carries out what the caller decides on it.

use super::api::read_change;
use super::panel::Panel;
use super::shape::ChangeView;
use super::view::change;
use crate::error::UiError;
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::time::Duration;

/// How soon a change that is being answered is read again: GitHub's answer takes about that long.
const ANSWERING: Duration = Duration::from_secs(2);

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
    loaded(view, move |data| {
        if is_being_answered(&data) {
            read_again(view);
        }
        change(&data, panel)
    })
}

/// The gate is open and GitHub does not have its answer yet: what is shown will soon be another thing.
pub(crate) fn is_being_answered(view: &ChangeView) -> bool {
    view.row.ended_at.is_none() && (view.gate.is_open || view.row.status.tone == Tone::Running)
}

/// Once; the page that comes of it decides whether to ask again.
fn read_again(view: Resource<Result<ChangeView, UiError>>) {
    Effect::new(move |_| {
        if let Ok(timer) = set_timeout_with_handle(move || view.refetch(), ANSWERING) {
            on_cleanup(move || timer.clear());
        }
    });
}
