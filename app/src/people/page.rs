//! Fetches the caller's keys, and carries out what they do with them.

use super::api::read_keys;
use super::enrol::{enrol, revoke};
use super::shape::EnrolRequest;
use super::view::{Do, Keys, keys};
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use crate::ui::live::Progress;
use leptos::prelude::*;

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

fn request(name: RwSignal<String>, founder_code: RwSignal<String>) -> EnrolRequest {
    let code = founder_code.get_untracked().trim().to_owned();
    EnrolRequest { name: name.get_untracked().trim().to_owned(), founder_code: (!code.is_empty()).then_some(code) }
}
