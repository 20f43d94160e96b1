//! The tokens page, as a function of its shape.

use super::shape::{ScopeView, TokenMade, TokenRow, TokenState, TokensView};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::field::Exact;
use crate::ui::icon::{Icon, icon};
use crate::ui::live::{Live, Progress};
use crate::ui::post::Post;
use crate::ui::section::{Section, empty};
use crate::ui::text::{foreign, number_word, visible};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// What one can do here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Do {
    /// Issue the token in the form.
    Issue,
    /// End the token with this id.
    Revoke(String),
}

/// What outlives the data: the form, the secret that is shown once, what is happening.
#[derive(Clone, Copy)]
pub(crate) struct Tokens {
    /// The token's name.
    pub(crate) name: RwSignal<String>,
    /// What it may read.
    pub(crate) scopes: RwSignal<Vec<String>>,
    /// For how long.
    pub(crate) days: RwSignal<u16>,
    /// The one that was just made.
    pub(crate) made: RwSignal<Option<TokenMade>>,
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
}

impl Tokens {
    fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.progress.read().is_busy())
    }
}

/// `Two machines read in your name`.
pub(crate) fn heading(view: &TokensView) -> String {
    match view.yours.iter().filter(|token| token.state == TokenState::Live).count() {
        0 => "No machine reads in your name".to_owned(),
        1 => "One machine reads in your name".to_owned(),
        n => format!("{} machines read in your name", crate::ui::text::capital(&number_word(n))),
    }
}

/// The page.
pub(crate) fn tokens(view: &TokensView, page: Tokens, act: Callback<Do>) -> impl IntoView + use<> {
    let title = heading(view);
    let yours = if view.yours.is_empty() {
        empty("You have issued no token.", "Issue one below for a program that reads: a dashboard, a report, a watch.")
            .into_any()
    } else {
        table(&view.yours, false, view.as_of, page, act).into_any()
    };
    let others = (!view.others.is_empty()).then(|| {
        let list = table(&view.others, true, view.as_of, page, act);
        view! { <Section title="Everybody else's, for security" id="others-tokens">{list}</Section> }
    });
    view! {
        <Title text="Machine tokens" />
        <h1>{title}</h1>
        <p class="lead">
            "A machine token reads what you name here, and does nothing else: it can never approve, enrol, revoke or issue. "
            <a href=paths::api_docs() rel="external">"What programs can ask"</a>
        </p>
        <Section title="Your tokens" id="your-tokens">{yours}</Section>
        {made(page)}
        {form(view, page, act)}
        {others}
        <Live progress=page.progress />
    }
    .into_any()
}

fn made(page: Tokens) -> impl IntoView + use<> {
    move || {
        page.made.get().map(|made| {
            view! {
                <Section title="Copy it now" id="made-token">
                    <p class="hint">"This is the only time that anybody sees it. Keep it where the program keeps its secrets."</p>
                    <Exact name="the token" value=made.secret />
                </Section>
            }
        })
    }
}

fn table(
    rows: &[TokenRow],
    with_owner: bool,
    as_of: DateTime<Utc>,
    page: Tokens,
    act: Callback<Do>,
) -> impl IntoView + use<> {
    let owner = with_owner.then(|| view! { <th scope="col">"Whose"</th> });
    let rows = rows.iter().map(|token| row(token, with_owner, as_of, page, act)).collect_view();
    view! {
        <table class="rows keys">
            <thead>
                <tr>
                    <th scope="col">"Token"</th>
                    {owner}
                    <th scope="col">"Reads"</th>
                    <th scope="col">"Issued"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Ends"</th>
                    <th scope="col"><span class="sr-only">"Revoke"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(
    token: &TokenRow,
    with_owner: bool,
    as_of: DateTime<Utc>,
    page: Tokens,
    act: Callback<Do>,
) -> impl IntoView + use<> {
    let id = token.id.clone();
    let owner = with_owner.then(|| view! { <td data-label="whose">{foreign(token.owner.shown())}</td> });
    let used = match token.last_used_at {
        Some(at) => ago(at, as_of).into_any(),
        None => view! { <span class="dim">"never"</span> }.into_any(),
    };
    let end = match &token.state {
        TokenState::Revoked { at, .. } => {
            view! { {badge("Revoked", Tone::Neutral)} " " <span class="dim">{ago(*at, as_of)}</span> }.into_any()
        }
        TokenState::Expired => badge("Expired", Tone::Neutral).into_any(),
        TokenState::Live => {
            let (value, label) = (id.clone(), format!("Revoke {}", visible(&token.name)));
            let on_act = Callback::new(move |()| act.run(Do::Revoke(id.clone())));
            view! {
                <Post action="revoke_token" name="token" value class="quiet danger" label busy=page.busy() on_act>"Revoke"</Post>
            }
            .into_any()
        }
    };
    view! {
        <tr class=(token.state != TokenState::Live).then_some("gone")>
            <td class="grow"><b>{foreign(&token.name)}</b></td>
            {owner}
            <td class="mono" data-label="reads">{visible(&token.scopes.join(" "))}</td>
            <td data-label="issued">{ago(token.issued_at, as_of)}</td>
            <td data-label="last used">{used}</td>
            <td data-label="ends">{ago(token.expires_at, as_of)}</td>
            <td class="cell-end">{end}</td>
        </tr>
    }
    .into_any()
}

fn form(view: &TokensView, page: Tokens, act: Callback<Do>) -> impl IntoView + use<> {
    let scopes = view.scopes.iter().map(|scope| choice(scope, page)).collect_view();
    let longest = view.longest_days;
    let issue = Callback::new(move |()| {
        if page.name.read_untracked().trim().is_empty() {
            page.progress.set(Progress::Stopped("Give the token a name first, so that you know it again.".to_owned()));
        } else if page.scopes.read_untracked().is_empty() {
            page.progress.set(Progress::Stopped("Choose what the token may read.".to_owned()));
        } else {
            act.run(Do::Issue);
        }
    });
    let refused = view.issue.reasons.clone();
    view! {
        <Section title="Another token" id="issue-token">
            <form class="form" on:submit=|event: leptos::ev::SubmitEvent| event.prevent_default()>
                <p class="hint">"One touch of your key: you sign what it may read, and until when."</p>
                <div class="field">
                    <label for="token-name">"Name of the token"</label>
                    <input id="token-name" type="text" autocomplete="off" maxlength="60" aria-describedby="token-name-hint"
                        prop:value=move || page.name.get()
                        on:input:target=move |event| page.name.set(event.target().value()) />
                    <span class="hint" id="token-name-hint">"Such as “release dashboard”."</span>
                </div>
                <fieldset class="field">
                    <legend>"It may read"</legend>
                    {scopes}
                </fieldset>
                <div class="field">
                    <label for="token-days">"For how many days"</label>
                    <input id="token-days" type="number" min="1" max=longest.to_string() aria-describedby="token-days-hint"
                        prop:value=move || page.days.get().to_string()
                        on:input:target=move |event| page.days.set(event.target().value().parse().unwrap_or_default()) />
                    <span class="hint" id="token-days-hint">{format!("At most {longest}.")}</span>
                </div>
                <Act label="Issue a token" weight=Weight::Primary sign=Some(icon(Icon::Key).into_any()) refused busy=page.busy() on_act=issue />
                <noscript><p class="hint">"Issuing a token needs JavaScript: without it no key can be touched."</p></noscript>
            </form>
        </Section>
    }
    .into_any()
}

fn choice(scope: &ScopeView, page: Tokens) -> impl IntoView + use<> {
    let code = scope.code.clone();
    let (shown, chosen) = (code.clone(), code.clone());
    let choose = move |is_on: bool| {
        page.scopes.update(|scopes| {
            scopes.retain(|other| *other != code);
            if is_on {
                scopes.push(code.clone());
            }
        });
    };
    view! {
        <label class="choice">
            <input type="checkbox" prop:checked=move || page.scopes.read().contains(&chosen)
                on:change:target=move |event| choose(event.target().checked()) />
            <span><span class="mono">{shown}</span> " " <span class="hint">{scope.what.clone()}</span></span>
        </label>
    }
    .into_any()
}
