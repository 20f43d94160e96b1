//! The sessions page, as a function of its shape.

use super::shape::{SessionRow, SessionsView};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::live::{Live, Progress};
use crate::ui::post::Post;
use crate::ui::section::{Section, empty};
use crate::ui::text::{foreign, number_word, visible};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the caller can do here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Do {
    /// End this session as stolen.
    ReportStolen(String),
    /// End all others.
    SignOutElsewhere,
}

/// What outlives the data: what is happening, and how to act.
#[derive(Clone, Copy)]
pub(crate) struct Sessions {
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
    /// Carries it out.
    pub(crate) act: Callback<Do>,
}

impl Sessions {
    fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.progress.read().is_busy())
    }
}

/// `You are signed in here only`, `Asha Rao is signed in twice`.
pub(crate) fn heading(view: &SessionsView) -> String {
    let live = view.sessions.iter().filter(|session| session.is_live).count();
    let who = if view.is_own { "You are".to_owned() } else { format!("{} is", visible(view.person.shown())) };
    match live {
        0 => format!("{who} not signed in"),
        1 if view.is_own => "You are signed in here only".to_owned(),
        1 => format!("{who} signed in once"),
        2 => format!("{who} signed in twice"),
        n => format!("{who} signed in {} times", number_word(n)),
    }
}

/// The page.
pub(crate) fn sessions(view: &SessionsView, with: Sessions) -> impl IntoView + use<> {
    let has_others = view.is_own && view.sessions.iter().any(|session| session.is_live && !session.is_this);
    let rows = view.sessions.iter().map(|session| row(session, view.is_own, view.as_of, with)).collect_view();
    let list = if view.sessions.is_empty() {
        empty("No session is remembered.", "They are kept for four days, longer than any approval lives.").into_any()
    } else {
        view! {
            <table class="rows keys">
                <thead>
                    <tr>
                        <th scope="col">"Session"</th>
                        <th scope="col">"Began"</th>
                        <th scope="col">"Last seen"</th>
                        <th scope="col"><span class="sr-only">"End it"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let lead = if view.is_own {
        "Was one of these not you? Say so: it ends at once, and every approval that was given through it and is not executed yet counts no more. A session that merely ends takes nothing back."
    } else {
        "Reporting a session ends it at once; every approval that was given through it and is not executed yet counts no more. Your name stands beside that in the log."
    };
    view! {
        <Title text="Sessions" />
        <h1>{heading(view)}</h1>
        <p class="lead">{lead}</p>
        <Section title="Sessions" id="sessions">{list}</Section>
        {has_others.then(|| elsewhere(with))}
        {view.sees_everybody.then(|| whose(view))}
        <Live progress=with.progress />
    }
    .into_any()
}

fn row(session: &SessionRow, is_own: bool, as_of: DateTime<Utc>, with: Sessions) -> impl IntoView + use<> {
    let (word, tone) = match session {
        SessionRow { is_stolen: true, .. } => ("Reported stolen", Tone::Bad),
        SessionRow { is_this: true, .. } => ("This browser", Tone::Accent),
        SessionRow { is_live: true, .. } => ("Signed in", Tone::Ok),
        _ => ("Ended", Tone::Neutral),
    };
    let id = session.id.clone();
    let report = session.report.reasons.is_empty().then(|| {
        let value = id.clone();
        let on_act = Callback::new(move |()| with.act.run(Do::ReportStolen(id.clone())));
        view! {
            <Post action="report_stolen" name="session" value class="quiet danger" busy=with.busy() on_act>
                {if is_own { "This was not me: end it as stolen" } else { "End it as stolen" }}
            </Post>
        }
    });
    view! {
        <tr class=session.is_stolen.then_some("gone")>
            <td class="grow">{badge(word, tone)}</td>
            <td data-label="began">{ago(session.started_at, as_of)}</td>
            <td data-label="last seen">{ago(session.seen_at, as_of)}</td>
            <td class="cell-end">{report}</td>
        </tr>
    }
    .into_any()
}

fn elsewhere(with: Sessions) -> impl IntoView {
    let on_act = Callback::new(move |()| with.act.run(Do::SignOutElsewhere));
    view! {
        <Section title="Everywhere else" id="elsewhere">
            <p class="hint">"Ends every session but this one. What you approved through them stands."</p>
            <Post action="sign_out_elsewhere" class="button" busy=with.busy() on_act>"Sign out everywhere else"</Post>
        </Section>
    }
    .into_any()
}

fn whose(view: &SessionsView) -> impl IntoView + use<> {
    let person = if view.is_own { String::new() } else { view.person.id.clone() };
    let own = (!view.is_own).then(|| view! { <a class="quiet" href=paths::sessions(None)>"Your own"</a> });
    let shown = (!view.is_own).then(|| foreign(view.person.shown()));
    view! {
        <Section title="Somebody else's" id="whose">
            <form class="filters" method="get" action=paths::sessions(None) role="search" aria-label="Whose sessions">
                <label>"Employee id" <input type="text" name="person" value=person placeholder="E-1001" autocomplete="off" spellcheck="false" required=true /></label>
                <button type="submit" class="button">"Show"</button>
                {own}
            </form>
            <p class="hint">"You see this because you hold the role Security. " {shown}</p>
        </Section>
    }
    .into_any()
}
