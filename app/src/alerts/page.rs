//! Fetches incidents, and carries out what the caller says of them.

use super::act::carry_out;
use super::api::{read_incident, read_incidents};
use super::view::{Form, Words, incident, incidents};
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/alerts`
#[component]
pub(crate) fn IncidentsPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_incidents());
    let shell = use_context::<Shell>();
    let form = Form::new();
    let act = Callback::new(move |wish| {
        carry_out(wish, form.progress, move |done| {
            if done.is_some() {
                form.title.set(String::new());
            }
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| incidents(&view, form, act))
}

/// `/alerts/:id`
#[component]
pub(crate) fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let view = Resource::new_blocking(move || id.get(), read_incident);
    let shell = use_context::<Shell>();
    let words = Words::new();
    Effect::new(move |_| {
        id.track();
        words.forget();
    });
    let act = Callback::new(move |wish| {
        carry_out(wish, words.progress, move |done| {
            if done.is_some() {
                words.words.set(String::new());
            }
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| incident(&view, words, act))
}
