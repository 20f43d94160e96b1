//! The keys page, as a function of its shape.

use super::shape::{KeyRow, KeysView, WaitView};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::icon::{Icon, icon};
use crate::ui::live::{Live, Progress};
use crate::ui::post::Post;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, foreign, number_word, visible};
use crate::ui::time::{ago, expiry, moment, relative};
use crate::ui::words::six_words;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_meta::Title;

/// What the caller can do here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Do {
    /// Enrol the key that the form names.
    Enrol,
    /// Revoke the key with this id.
    Revoke(String),
    /// Take back the request with this id.
    Withdraw(String),
}

/// What outlives the data: the form, what is happening, and how to act.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    /// The form's first field.
    pub(crate) name: RwSignal<String>,
    /// Its second, where it is needed.
    pub(crate) founder_code: RwSignal<String>,
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
    /// Carries it out.
    pub(crate) act: Callback<Do>,
}

impl Keys {
    fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.progress.read().is_busy())
    }
}

/// `You have two keys`.
pub(crate) fn heading(view: &KeysView) -> String {
    match view.keys.iter().filter(|key| signs(key)).count() {
        0 if view.keys.iter().any(|key| key.waits.is_some()) => "Your key waits for others".to_owned(),
        0 => "You have no key yet".to_owned(),
        1 => "You have one key".to_owned(),
        n => format!("You have {} keys", number_word(n)),
    }
}

fn signs(key: &KeyRow) -> bool {
    key.revoked_at.is_none() && key.waits.is_none()
}

/// The page.
pub(crate) fn keys(view: &KeysView, keys: Keys) -> impl IntoView + use<> {
    let title = heading(view);
    let rows = view.keys.iter().map(|key| row(key, view.as_of, keys)).collect_view();
    let list = if view.keys.is_empty() {
        empty("No key is enrolled.", "Add one below: without a key you can read everything, but sign nothing.")
            .into_any()
    } else {
        view! {
            <table class="rows keys">
                <thead>
                    <tr>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Signs with"</th>
                        <th scope="col">"Enrolled"</th>
                        <th scope="col">"Last signed"</th>
                        <th scope="col"><span class="sr-only">"Revoke"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let waits =
        view.keys.iter().filter_map(|key| Some(wait(key, key.waits.as_ref()?, view.as_of, keys))).collect_view();
    view! {
        <Title text="Keys" />
        <h1>{title}</h1>
        <p class="lead">"Your signature is a touch of a security key that stays in one device and checks that it is you. Keep two, in two places."</p>
        <Section title="Your keys" id="your-keys">{list}</Section>
        {waits}
        <p class="hint aside">"For a program that reads in your name: " <a class="link" href=paths::tokens()>"machine tokens"</a></p>
        {add(view, keys)}
        <Live progress=keys.progress />
    }
    .into_any()
}

fn row(key: &KeyRow, as_of: DateTime<Utc>, keys: Keys) -> impl IntoView + use<> {
    let id = key.id.clone();
    let last = match key.last_used_at {
        Some(at) => ago(at, as_of).into_any(),
        None => view! { <span class="dim">"never"</span> }.into_any(),
    };
    let status = badge(&key.status.word, key.status.tone);
    let end = match key.revoked_at {
        Some(at) => view! { {status} " " <span class="dim">{ago(at, as_of)}</span> }.into_any(),
        None if key.waits.is_some() => status.into_any(),
        None => view! {
            <button
                type="button"
                class="quiet danger"
                aria-label=format!("Revoke {}", visible(&key.name))
                disabled=keys.busy()
                on:click=move |_| keys.act.run(Do::Revoke(id.clone()))
            >
                "Revoke"
            </button>
        }
        .into_any(),
    };
    view! {
        <tr class=key.revoked_at.is_some().then_some("gone")>
            <td class="grow"><b>{foreign(&key.name)}</b></td>
            <td class="mono">{visible(&key.algorithm)}</td>
            <td data-label="enrolled">{ago(key.enrolled_at, as_of)}</td>
            <td data-label="last signed">{last}</td>
            <td class="cell-end">{end}</td>
        </tr>
    }
    .into_any()
}

/// What a key waits for, and what its owner can do about it.
fn wait(key: &KeyRow, waits: &WaitView, as_of: DateTime<Utc>, keys: Keys) -> impl IntoView + use<> {
    let by: Vec<String> = waits.endorsed_by.iter().map(|person| visible(person.shown())).collect();
    let stands = match (waits.counts_from, by.as_slice()) {
        (Some(at), _) => view! {
            <p>{by.join(" and ")} " have endorsed it. It signs " {moment(at, relative(at, as_of))} ", if nobody refuses until then."</p>
        }
        .into_any(),
        (None, []) => view! {
            <p>"Nobody has endorsed it yet. Meet two people who hold a role, in person or by video, and read these six words to them. The request " {moment(waits.expires_at, expiry(waits.expires_at, as_of))} "."</p>
        }
        .into_any(),
        (None, _) => view! {
            <p>{by.join(" and ")} " has endorsed it; one more person must. Read these six words to them, in person or by video. The request " {moment(waits.expires_at, expiry(waits.expires_at, as_of))} "."</p>
        }
        .into_any(),
    };
    let (name, words, see) = (foreign(&key.name), six_words(&waits.six_words), paths::request(&waits.request));
    let (request, value) = (waits.request.clone(), waits.request.clone());
    let on_act = Callback::new(move |()| keys.act.run(Do::Withdraw(request.clone())));
    view! {
        <Section title="What it waits for" id="what-it-waits-for">
            <p><b>{name}</b> " signs nothing yet: a first key counts after two others have endorsed it and 24 hours have passed."</p>
            {stands}
            {words}
            <div class="acts">
                <a class="button" href=see>"See the request"</a>
                <Post action="withdraw_request" name="request" value class="button" busy=keys.busy() on_act>
                    "Withdraw the request"
                </Post>
            </div>
        </Section>
    }
    .into_any()
}

fn add(view: &KeysView, keys: Keys) -> impl IntoView + use<> {
    let steps = if view.needs_first_key {
        "Two touches: first the new key, then one that you already have, which signs for it."
    } else if view.needs_endorsement {
        "One touch of the new key. It signs after two others have endorsed it and 24 hours have passed; a founder's code from `gatehouse init` spares a founder both."
    } else {
        "One touch of the new key."
    };
    let code = view.needs_endorsement.then(|| {
        view! {
            <div class="field">
                <label for="founder-code">"Founder's code, if you have one"</label>
                <input id="founder-code" type="text" autocomplete="off" spellcheck="false" maxlength="200"
                    prop:value=move || keys.founder_code.get()
                    on:input:target=move |event| keys.founder_code.set(event.target().value()) />
            </div>
        }
    });
    let title = if view.keys.iter().any(signs) { "Another key" } else { "Your first key" };
    let refused = view.enrol.reasons.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
    };
    let enrol = Callback::new(move |()| {
        if keys.name.read_untracked().trim().is_empty() {
            keys.progress.set(Progress::Stopped(format!(
                "{}.",
                capital("give the key a name first, so that you know it again")
            )));
        } else {
            keys.act.run(Do::Enrol);
        }
    });
    view! {
        <Section title=title id="add-key">
            <form class="form" on:submit=submit>
                <p class="hint">{steps}</p>
                <div class="field">
                    <label for="key-name">"Name of the key"</label>
                    <input id="key-name" type="text" autocomplete="off" aria-describedby="key-name-hint" maxlength="60"
                        prop:value=move || keys.name.get()
                        on:input:target=move |event| keys.name.set(event.target().value()) />
                    <span class="hint" id="key-name-hint">"Such as “blue YubiKey, on the key ring”."</span>
                </div>
                {code}
                <Act label="Add a key" weight=Weight::Primary sign=Some(icon(Icon::Key).into_any()) refused busy=keys.busy() on_act=enrol />
                <noscript><p class="hint">"Adding a key needs JavaScript: without it no key can be touched."</p></noscript>
            </form>
        </Section>
    }
    .into_any()
}
