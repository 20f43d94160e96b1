//! The Freezes page, as a function of its shape.

use super::shape::{FreezesView, LaneWish, StopRow, WindowRow};
use super::strip::{days, strip};
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::live::{Live, Progress};
use crate::ui::section::{Section, empty};
use crate::ui::text::{foreign, number_word, visible, visible_lines};
use crate::ui::time::{ago, moment, relative};
use chrono::{DateTime, NaiveDateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// What outlives the data: what is typed, and what is happening.
#[derive(Clone, Copy)]
pub(crate) struct Freezes {
    /// Which environment.
    pub(crate) environment: RwSignal<String>,
    /// Until when, as the field has it.
    pub(crate) until: RwSignal<String>,
    /// Why.
    pub(crate) why: RwSignal<String>,
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
}

impl Freezes {
    /// Nothing is typed.
    pub(crate) fn new() -> Self {
        Self {
            environment: RwSignal::new(String::new()),
            until: RwSignal::new(String::new()),
            why: RwSignal::new(String::new()),
            progress: RwSignal::new(Progress::Idle),
        }
    }

    /// It is done: what was typed was for that.
    pub(crate) fn forget(self) {
        self.until.set(String::new());
        self.why.set(String::new());
    }

    fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.progress.read().is_busy())
    }
}

/// What a browser's field of date and time says, in UTC; `Err` for what is no time.
pub(crate) fn parse_until(text: &str) -> Result<Option<DateTime<Utc>>, ()> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S"));
    parsed.map(|naive| Some(naive.and_utc())).map_err(drop)
}

/// `Nothing stands against a release`, `The line to production is stopped`.
pub(crate) fn heading(view: &FreezesView) -> String {
    let mut stopped: Vec<&str> =
        view.stops.iter().filter(|stop| stop.stands).map(|stop| stop.environment.as_str()).collect();
    stopped.dedup();
    let frozen = view.windows.iter().any(|window| window.from <= view.as_of && view.as_of < window.until);
    match (stopped.as_slice(), frozen) {
        ([], false) => "Nothing stands against a release".to_owned(),
        ([], true) => "A freeze window holds".to_owned(),
        ([one], _) => format!("The line to {} is stopped", visible(one)),
        (many, _) => format!("The lines to {} environments are stopped", number_word(many.len())),
    }
}

/// The page.
pub(crate) fn freezes(view: &FreezesView, page: Freezes, act: Callback<LaneWish>) -> impl IntoView + use<> {
    let (standing, over): (Vec<&StopRow>, Vec<&StopRow>) = view.stops.iter().partition(|stop| stop.stands);
    let now = view.as_of;
    let stands = if standing.is_empty() {
        empty("No line is stopped.", "Whoever sees something going wrong stops it below, with one touch of a key.")
            .into_any()
    } else {
        let rows = standing.into_iter().map(|stop| standing_stop(stop, now, page, act)).collect_view();
        view! { <ul class="stops">{rows}</ul> }.into_any()
    };
    let windows = if view.windows.is_empty() {
        empty(
            "The policy names no freeze window.",
            "They stand in freezes.json beside the policy; changing it is a change of the policy.",
        )
        .into_any()
    } else {
        let rows = view.windows.iter().map(|window| window_row(window, now)).collect_view();
        view! {
            <table class="rows">
                <thead><tr><th scope="col">"State"</th><th scope="col">"Where"</th><th scope="col">"Why"</th><th scope="col">"When, in UTC"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let before = (!over.is_empty()).then(|| {
        let rows = over.into_iter().map(|stop| past_stop(stop, now)).collect_view();
        view! { <Section title="Stops before" id="stops-before"><ul class="stops">{rows}</ul></Section> }
    });
    let (title, weeks, form) = (heading(view), strip(&days(view)), stop_form(view, page, act));
    view! {
        <Title text="Freezes" />
        <h1>{title}</h1>
        <p class="lead">"While a line is stopped or frozen, people can still sign; nothing is released until it is over."</p>
        <Section title="Stopped now" id="stopped-now">{stands}</Section>
        <Section title="The next four weeks" id="four-weeks">{weeks}</Section>
        {form}
        <Section title="The policy's windows" id="windows">{windows}</Section>
        {before}
        <Live progress=page.progress />
    }
    .into_any()
}

fn standing_stop(stop: &StopRow, now: DateTime<Utc>, page: Freezes, act: Callback<LaneWish>) -> impl IntoView + use<> {
    let until = stop.until.map_or_else(
        || view! { <span class="dim">"until it is lifted"</span> }.into_any(),
        |until| view! { <span class="dim">"ends " {moment(until, relative(until, now))}</span> }.into_any(),
    );
    let id = stop.id.clone();
    let refused = stop.lift.reasons.clone();
    let on_act = Callback::new(move |()| {
        act.run(LaneWish::Lift { stop: id.clone(), why: page.why.get_untracked().trim().to_owned() });
    });
    view! {
        <li class="stop">
            <div class="signature-head">
                {badge("Line stopped", Tone::Bad)} <b>{foreign(&stop.environment)}</b>
                <span>"by " {foreign(stop.by.shown())}</span> <span class="dim">{ago(stop.since, now)}</span> {until}
            </div>
            {said(stop)}
            <Act label="Let it go on" weight=Weight::Plain refused busy=page.busy() on_act />
        </li>
    }
    .into_any()
}

fn past_stop(stop: &StopRow, now: DateTime<Utc>) -> impl IntoView + use<> {
    let end = match (&stop.lifted, stop.until) {
        (Some((at, by)), _) => view! { "lifted by " {foreign(by.shown())} " " {ago(*at, now)} }.into_any(),
        (None, Some(until)) => view! { "ended by itself " {ago(until, now)} }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <li class="stop">
            <div class="signature-head">
                {badge("Over", Tone::Neutral)} <b>{foreign(&stop.environment)}</b>
                <span>"stopped by " {foreign(stop.by.shown())} " " {ago(stop.since, now)} ", " {end}</span>
            </div>
            {said(stop)}
        </li>
    }
    .into_any()
}

fn said(stop: &StopRow) -> impl IntoView + use<> {
    let words = stop.why.clone().filter(|why| !why.is_empty());
    words.map(|words| view! { <blockquote class="quote"><bdi>{visible_lines(&words)}</bdi></blockquote> }).into_any()
}

fn window_row(window: &WindowRow, now: DateTime<Utc>) -> impl IntoView + use<> {
    let (word, tone) = match () {
        () if window.until <= now => ("Over", Tone::Neutral),
        () if window.from <= now => ("Holds now", Tone::Warn),
        () => ("To come", Tone::Neutral),
    };
    let services = if window.services.is_empty() { "all services".to_owned() } else { window.services.join(", ") };
    let at = |at: DateTime<Utc>| moment(at, at.format("%Y-%m-%d %H:%M").to_string());
    view! {
        <tr>
            <td class="cell-chip">{badge(word, tone)}</td>
            <td data-label="where"><b>{foreign(&window.environment)}</b> <span class="dim">" · " {foreign(&services)}</span></td>
            <td class="grow" data-label="why">{foreign(&window.because)}</td>
            <td data-label="when">{at(window.from)} " to " {at(window.until)}</td>
        </tr>
    }
    .into_any()
}

fn stop_form(view: &FreezesView, page: Freezes, act: Callback<LaneWish>) -> impl IntoView + use<> {
    let first = view.environments.first().cloned().unwrap_or_default();
    let options = view.environments.iter().map(|name| view! { <option value=name.clone()>{visible(name)}</option> });
    let refused = view.stop.reasons.clone();
    let on_act = Callback::new(move |()| {
        let typed = page.environment.get_untracked();
        let environment = if typed.is_empty() { first.clone() } else { typed };
        match parse_until(&page.until.get_untracked()) {
            Ok(until) => {
                act.run(LaneWish::Stop { environment, until, why: page.why.get_untracked().trim().to_owned() });
            }
            Err(()) => page.progress.set(Progress::Stopped("“Until” is no time; nothing was signed.".to_owned())),
        }
    });
    view! {
        <section class="panel" aria-labelledby="stop-the-line">
            <h2 id="stop-the-line">"Stop the line"</h2>
            <p class="hint">"It holds at once, for everybody, until its time or until an engineer or security lifts it. Your name and your words stand on every page."</p>
            <div class="field">
                <label for="environment">"Environment"</label>
                <select id="environment" on:change:target=move |event| page.environment.set(event.target().value())>{options.collect_view()}</select>
            </div>
            <div class="field">
                <label for="until">"Until, in UTC"</label>
                <input id="until" type="datetime-local" aria-describedby="until-hint" prop:value=move || page.until.get() on:input:target=move |event| page.until.set(event.target().value()) />
                <span class="hint" id="until-hint">"Leave it empty, and it holds until somebody lifts it."</span>
            </div>
            <div class="field">
                <label for="why">"Why"</label>
                <textarea id="why" rows="2" maxlength="2000" aria-describedby="why-hint" prop:value=move || page.why.get() on:input:target=move |event| page.why.set(event.target().value())></textarea>
                <span class="hint" id="why-hint">"It is signed and kept in the log. Lifting a stop needs a word of why here too."</span>
            </div>
            <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
            <div class="acts">
                <Act label="Stop the line" weight=Weight::Danger refused busy=page.busy() on_act />
            </div>
        </section>
    }
    .into_any()
}
