//! Fetches somebody's sessions, and ends them.

use super::api::{read_sessions, report_stolen, sign_out_elsewhere};
use super::view::{Do, Sessions, sessions};
use crate::error::UiError;
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use crate::ui::live::Progress;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/sessions`
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let query = use_query_map();
    let person = Memo::new(move |_| query.read().get("person").filter(|person| !person.is_empty()));
    let view = Resource::new_blocking(move || person.get(), read_sessions);
    let shell = use_context::<Shell>();
    let progress = RwSignal::new(Progress::Idle);
    let act = Callback::new(move |wish: Do| {
        progress.set(Progress::Busy("Ending…"));
        leptos::task::spawn_local(async move {
            let done = match wish {
                Do::ReportStolen(session) => report_stolen(session)
                    .await
                    .map(|()| "It ended. What was approved through it and was not executed yet counts no more."),
                Do::SignOutElsewhere => sign_out_elsewhere().await.map(|()| "You are signed in here only."),
            };
            progress.set(match done {
                Ok(message) => Progress::Done(message.to_owned()),
                Err(UiError(problem)) => Progress::Refused(problem),
            });
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| sessions(&view, Sessions { progress, act }))
}
