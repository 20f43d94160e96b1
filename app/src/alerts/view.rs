//! The incident pages, as functions of their shapes.

use super::shape::{IncidentRow, IncidentView, IncidentWish, IncidentsView, ReviewRow};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::live::{Live, Progress};
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, foreign, number_word, visible, visible_lines};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::alerts::Severity;
use gatehouse_domain::alerts::decide::Word;
use leptos::prelude::*;
use leptos_meta::Title;

/// What is typed into the form that declares.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    severity: RwSignal<String>,
    environment: RwSignal<String>,
    service: RwSignal<String>,
    /// In one line.
    pub(crate) title: RwSignal<String>,
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
}

impl Form {
    /// Nothing is typed.
    pub(crate) fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            severity: text(),
            environment: text(),
            service: text(),
            title: text(),
            progress: RwSignal::new(Progress::Idle),
        }
    }
}

/// What is typed beside a word about one incident.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// The words.
    pub(crate) words: RwSignal<String>,
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
}

impl Words {
    /// Nothing is typed.
    pub(crate) fn new() -> Self {
        Self { words: RwSignal::new(String::new()), progress: RwSignal::new(Progress::Idle) }
    }

    /// Another incident is shown.
    pub(crate) fn forget(self) {
        self.words.set(String::new());
        self.progress.set(Progress::Idle);
    }
}

/// `Nothing is on fire`, `Two incidents are open`.
pub(crate) fn heading(view: &IncidentsView) -> String {
    let open = view.rows.iter().filter(|row| row.closed.is_none()).count();
    let owed = view.rows.iter().filter(|row| row.status.word.contains("owed")).count();
    match (open, owed) {
        (0, 0) => "Nothing is on fire".to_owned(),
        (0, 1) => "One review is owed".to_owned(),
        (0, n) => format!("{} reviews are owed", capital(&number_word(n))),
        (1, _) => "One incident is open".to_owned(),
        (n, _) => format!("{} incidents are open", capital(&number_word(n))),
    }
}

/// The list.
pub(crate) fn incidents(view: &IncidentsView, form: Form, act: Callback<IncidentWish>) -> impl IntoView + use<> {
    let title = heading(view);
    let list = if view.rows.is_empty() {
        empty("No incident was ever declared.", "Whoever sees one declares it below; a P1 takes a second person.")
            .into_any()
    } else {
        let rows = view.rows.iter().map(|row| line(row, view.as_of)).collect_view();
        view! {
            <table class="rows">
                <thead><tr><th scope="col">"State"</th><th scope="col">"What"</th><th scope="col">"Where"</th><th scope="col">"Declared"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let declare = declare(view, form, act);
    view! {
        <Title text="Incidents" />
        <h1>{title}</h1>
        <p class="lead">"A live P1 lets a change of its service go out before it is proved in staging, never before two people signed. The proof is owed afterwards, and so is a review."</p>
        <Section title="Incidents" id="incidents">{list}</Section>
        {declare}
        <Live progress=form.progress />
    }
    .into_any()
}

fn line(row: &IncidentRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let (by, at) = &row.declared;
    view! {
        <tr>
            <td class="cell-chip">{badge(&format!("{} · {}", row.severity, row.status.word), row.status.tone)}</td>
            <td class="grow"><a class="row-link" href=paths::incident(&row.id)>{foreign(&row.title)}</a></td>
            <td data-label="where"><b>{foreign(&row.environment)}</b> <span class="dim">" · " {foreign(&row.services.join(", "))}</span></td>
            <td data-label="declared">{foreign(by.shown())} " " {ago(*at, as_of)}</td>
        </tr>
    }
    .into_any()
}

fn declare(view: &IncidentsView, form: Form, act: Callback<IncidentWish>) -> impl IntoView + use<> {
    let first = |names: &[String]| names.first().cloned().unwrap_or_default();
    let (first_environment, first_service) = (first(&view.environments), first(&view.services));
    let chosen = |signal: RwSignal<String>, first: &String| {
        let typed = signal.get_untracked();
        if typed.is_empty() { first.clone() } else { typed }
    };
    let options = |names: &[String]| {
        names.iter().map(|name| view! { <option value=name.clone()>{visible(name)}</option> }).collect_view()
    };
    let severities = Severity::ALL.map(|severity| {
        let words = match severity {
            Severity::P1 => "P1: customers cannot be served, or data is at risk",
            Severity::P2 => "P2: something important is degraded",
            Severity::P3 => "P3: it can wait for the morning",
        };
        view! { <option value=severity.code()>{words}</option> }
    });
    let refused = view.declare.reasons.clone();
    let busy = Signal::derive(move || form.progress.read().is_busy());
    let on_act = Callback::new(move |()| {
        act.run(IncidentWish::Declare {
            severity: chosen(form.severity, &Severity::P1.code().to_owned()),
            environment: chosen(form.environment, &first_environment),
            services: vec![chosen(form.service, &first_service)],
            title: form.title.get_untracked().trim().to_owned(),
        });
    });
    let (environments, services) = (options(&view.environments), options(&view.services));
    view! {
        <section class="panel" aria-labelledby="declare">
            <h2 id="declare">"Declare an incident"</h2>
            <div class="field">
                <label for="title">"What is wrong, in one line"</label>
                <input id="title" type="text" maxlength="200" prop:value=move || form.title.get() on:input:target=move |event| form.title.set(event.target().value()) />
            </div>
            <div class="field">
                <label for="severity">"Severity"</label>
                <select id="severity" on:change:target=move |event| form.severity.set(event.target().value())>{severities.into_iter().collect_view()}</select>
            </div>
            <div class="field">
                <label for="service">"Service"</label>
                <select id="service" on:change:target=move |event| form.service.set(event.target().value())>{services}</select>
            </div>
            <div class="field">
                <label for="environment">"Environment"</label>
                <select id="environment" on:change:target=move |event| form.environment.set(event.target().value())>{environments}</select>
            </div>
            <p class="hint">"It is signed with your key. Whoever declares a P1 cannot use it for a change: somebody else confirms it, and a third person attaches it."</p>
            <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
            <div class="acts"><Act label="Declare" weight=Weight::Danger refused busy on_act /></div>
        </section>
    }
    .into_any()
}

/// One incident.
pub(crate) fn incident(view: &IncidentView, typed: Words, act: Callback<IncidentWish>) -> impl IntoView + use<> {
    let row = &view.row;
    let step = |verb: &'static str, who: &str, at: DateTime<Utc>| {
        view! { <li>{verb} " by " {foreign(who)} " " {ago(at, view.as_of)}</li> }.into_any()
    };
    let (by, at) = &row.declared;
    let mut steps = vec![step("declared", by.shown(), *at)];
    steps.extend(row.confirmed.iter().map(|(by, at)| step("confirmed", by.shown(), *at)));
    steps.extend(row.closed.iter().map(|(by, at)| step("closed", by.shown(), *at)));
    let busy = Signal::derive(move || typed.progress.read().is_busy());
    let button = |label: &'static str, word: Word, weight, refused: &crate::shape::Availability| {
        let (id, refused) = (row.id.clone(), refused.reasons.clone());
        let on_act = Callback::new(move |()| {
            let words = typed.words.get_untracked().trim().to_owned();
            act.run(IncidentWish::Say { word, incident: id.clone(), words });
        });
        view! { <Act label weight refused busy on_act /> }.into_any()
    };
    let is_open = row.closed.is_none();
    let confirm = (is_open && row.severity == "P1" && row.confirmed.is_none())
        .then(|| button("Confirm that it is a P1", Word::Confirm, Weight::Primary, &view.confirm));
    let close = is_open.then(|| button("Close incident", Word::Close, Weight::Plain, &view.close));
    let review = (!is_open).then(|| button("Sign the review", Word::Review, Weight::Primary, &view.review));
    let reviews = view.reviews.iter().map(|review| one_review(review, view.as_of)).collect_view();
    let none = view.reviews.is_empty().then(|| {
        let next = if is_open {
            "It is owed once the incident is closed."
        } else {
            "Somebody else than whoever declared it writes what happened, why, and what changes now."
        };
        empty("Nobody has reviewed it.", next)
    });
    let label = if is_open { "Words" } else { "Review" };
    view! {
        <Title text=visible(&row.title) />
        <div class="change-head">{badge(&format!("{} · {}", row.severity, row.status.word), row.status.tone)}</div>
        <h1>{foreign(&row.title)}</h1>
        <p class="lead"><b>{foreign(&row.environment)}</b> " · " {foreign(&row.services.join(", "))}</p>
        <Section title="What happened to it" id="steps"><ul class="stops">{steps}</ul></Section>
        <Section title="Reviews" id="reviews">{none} <ul class="stops">{reviews}</ul></Section>
        <section class="panel" aria-labelledby="your-word">
            <h2 id="your-word">"Your word"</h2>
            <div class="field">
                <label for="words">{label}</label>
                <textarea id="words" rows="4" maxlength="2000" aria-describedby="words-hint" prop:value=move || typed.words.get() on:input:target=move |event| typed.words.set(event.target().value())></textarea>
                <span class="hint" id="words-hint">"It is signed and kept in the log. Closing and reviewing need it."</span>
            </div>
            <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
            <div class="acts">{confirm} {close} {review}</div>
        </section>
        <Live progress=typed.progress />
    }
    .into_any()
}

fn one_review(review: &ReviewRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let words = review.words.clone().unwrap_or_else(|| "The words were erased.".to_owned());
    view! {
        <li class="stop">
            <div class="signature-head"><b>{foreign(review.by.shown())}</b> <span class="dim">{ago(review.at, as_of)}</span></div>
            <blockquote class="quote"><bdi>{visible_lines(&words)}</bdi></blockquote>
        </li>
    }
    .into_any()
}
