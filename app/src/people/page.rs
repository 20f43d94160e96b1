//! Fetches the caller's keys, the admitted people and single requests, and carries out what is done with them.

use super::api::{read_keys, read_people, read_request};
use super::endorse::{speak, withdraw};
use super::enrol::{enrol, revoke};
use super::people::people;
use super::request::{Panel, Word, request as request_page};
use super::shape::EnrolRequest;
use super::view::{Do, Keys, keys};
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use crate::ui::live::Progress;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// `/keys`
#[component]
pub(crate) fn KeysPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_keys());
    let shell = use_context::<Shell>();
    let progress = RwSignal::new(Progress::Idle);
    let (name, founder_code) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let act = Callback::new(move |wish: Do| {
        leptos::task::spawn_local(async move {
            let done = match wish {
                Do::Enrol => enrol(request(name, founder_code), progress).await,
                Do::Revoke(key) => revoke(key, progress).await,
                Do::Withdraw(request) => withdraw(request, progress).await,
            };
            progress.set(match done {
                Ok(message) => {
                    name.set(String::new());
                    founder_code.set(String::new());
                    Progress::Done(message)
                }
                Err(stop) => stop.into(),
            });
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| keys(&view, Keys { name, founder_code, progress, act }))
}

/// `/people`
#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    loaded(Resource::new_blocking(|| (), |()| read_people()), |view| people(&view))
}

/// `/people/requests/:id`
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let view = Resource::new_blocking(move || id.get(), read_request);
    let shell = use_context::<Shell>();
    let progress = RwSignal::new(Progress::Idle);
    // Another request is shown: nothing said about the one before may stay.
    Effect::new(move |_| {
        id.track();
        progress.set(Progress::Idle);
    });
    let act = Callback::new(move |(word, request, digest): (Word, String, String)| {
        leptos::task::spawn_local(async move {
            progress.set(match speak(word, request, digest, progress).await {
                Ok(message) => Progress::Done(message),
                Err(stop) => stop.into(),
            });
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| request_page(&view, Panel { progress, act }))
}

fn request(name: RwSignal<String>, founder_code: RwSignal<String>) -> EnrolRequest {
    let code = founder_code.get_untracked().trim().to_owned();
    EnrolRequest { name: name.get_untracked().trim().to_owned(), founder_code: (!code.is_empty()).then_some(code) }
}
