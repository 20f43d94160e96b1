//! Fetches the caller's tokens, and carries out what they do with them.

use super::api::{begin_token, finish_token, read_tokens, revoke_token};
use super::shape::{TokenMade, TokenRequest};
use super::view::{Do, Tokens, tokens};
use crate::people::ceremony::{Stop, sign};
use crate::shell::loaded::loaded;
use crate::ui::live::Progress;
use leptos::prelude::*;

/// `/keys/tokens`
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_tokens());
    let page = Tokens {
        name: RwSignal::new(String::new()),
        scopes: RwSignal::new(Vec::new()),
        days: RwSignal::new(90),
        made: RwSignal::new(None),
        progress: RwSignal::new(Progress::Idle),
    };
    let act = Callback::new(move |wish: Do| {
        leptos::task::spawn_local(async move {
            let done = match wish {
                Do::Issue => issue(page).await.map(|made| {
                    page.made.set(Some(made));
                    page.name.set(String::new());
                    "The token is issued. Copy it now: it is not shown again.".to_owned()
                }),
                Do::Revoke(token) => {
                    page.progress.set(Progress::Busy("Revoking…"));
                    let revoked = revoke_token(token).await.map_err(Stop::from);
                    revoked.map(|()| "The token is revoked: it reads nothing any more.".to_owned())
                }
            };
            page.progress.set(done.map_or_else(Into::into, Progress::Done));
            view.refetch();
        });
    });
    loaded(view, move |view| tokens(&view, page, act))
}

async fn issue(page: Tokens) -> Result<TokenMade, Stop> {
    page.progress.set(Progress::Busy("Checking…"));
    page.made.set(None);
    let request = TokenRequest {
        name: page.name.get_untracked().trim().to_owned(),
        scopes: page.scopes.get_untracked(),
        days: page.days.get_untracked(),
    };
    let asked = begin_token(request).await?;
    page.progress.set(Progress::Busy("Touch your key to sign for the token…"));
    let assertion = sign(&asked.options).await?;
    page.progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_token(asked.ceremony, assertion).await?)
}
