//! The way in.

use super::api::read_shell;
use super::loaded::{loaded, say_alive};
use crate::paths;
use crate::shape::ShellView;
use crate::ui::icon::{Icon, icon};
use crate::ui::text::foreign;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What Gatehouse is, and the one link in; `to` is where to come back to.
pub(crate) fn sign_in(to: &str) -> impl IntoView + use<> {
    view! {
        <Title text="Sign in" />
        <div class="signin">
            <h1>"Sign in to Gatehouse"</h1>
            <p>
                "Gatehouse is the one way into production: it holds every promotion until the people who must sign it have signed with their security keys, and keeps the proof."
            </p>
            <p>
                // The router would keep this inside the page.
                <a class="button button-primary" rel="external" href=paths::login(to)>
                    {icon(Icon::Key)} "Sign in with AltScore SSO"
                </a>
            </p>
            <p class="hint">"You sign in with your company account. Your security key is asked for only when you sign something."</p>
        </div>
    }
    .into_any()
}

/// `/signin`: also shows whoever is signed in already that they are.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let shell = Resource::new_blocking(|| (), |()| read_shell());
    let to = use_query_map()
        .with_untracked(|query| query.get("to"))
        .filter(|to| is_own_path(to))
        .unwrap_or_else(paths::home);
    say_alive();
    loaded(shell, move |shell: ShellView| match shell.me {
        None => sign_in(&to).into_any(),
        Some(me) => view! {
            <Title text="Sign in" />
            <div class="signin">
                <h1>"You are signed in as " {foreign(me.person.shown())}</h1>
                <p><a class="button button-primary" href=to.clone()>"Go on"</a></p>
            </div>
        }
        .into_any(),
    })
}

/// Only a path of ours: `//host` and `/\host` lead elsewhere.
pub(crate) fn is_own_path(to: &str) -> bool {
    to.starts_with('/') && !to.starts_with("//") && !to.contains('\\') && !to.chars().any(char::is_control)
}
