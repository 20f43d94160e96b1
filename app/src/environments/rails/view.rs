//! The page of guard rails, as a function of its shape. [`panel`] can stand on another page too.

use super::shape::{RailRow, RailsView};
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, count, foreign, number_word, visible};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::guard_rails::{Finding, Outside, Verdict};
use gatehouse_domain::environments::{Gap, plural};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page.
pub(crate) fn rails(view: &RailsView) -> impl IntoView + use<> {
    let title = heading(view);
    let (panel, outside) = (panel(view), outside(&view.outside));
    view! {
        <Title text=title.clone() />
        <h1>{visible(&title)}</h1>
        <p class="lead">"What clusters of ours were promised to keep, judged by what the cluster says now."</p>
        {panel}
        <Section title="Not judged" id="outside">{outside}</Section>
    }
    .into_any()
}

/// `Two rails of staging are broken`.
pub(crate) fn heading(view: &RailsView) -> String {
    let of = &view.environment;
    let all = |verdict| view.rails.iter().filter(|row| row.judged.verdict == verdict).count();
    match (all(Verdict::Broken), all(Verdict::CouldNotTell)) {
        _ if view.rails.is_empty() => format!("Whether {of} keeps its rails could not be told"),
        (0, 0) => format!("{} keeps every rail", capital(of)),
        (0, unknown) => format!("{} of {of}'s rails could not be judged", capital(&number_word(unknown))),
        (1, _) => format!("One rail of {of} is broken"),
        (broken, _) => format!("{} rails of {of} are broken", capital(&number_word(broken))),
    }
}

/// The rails alone.
pub(crate) fn panel(view: &RailsView) -> impl IntoView + use<> {
    if let Some(why) = &view.fault {
        return view! { <p role="status">{badge("Could not tell", Tone::Unknown)} " " {foreign(why)}</p> }.into_any();
    }
    let as_of = view.as_of;
    let rows = view.rails.iter().map(|row| rail(row, as_of)).collect_view();
    view! { <ul class="rails">{rows}</ul> }.into_any()
}

fn rail(row: &RailRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let judged = &row.judged;
    let (verdict, code) = (judged.verdict, judged.rail.code());
    let found = match row.findings {
        0 => format!("{} looked at", count(judged.looked_at, "object", "objects")),
        n => count(n, "finding", "findings"),
    };
    let when = match judged.as_of {
        Some(at) => view! { "as of " {ago(at, as_of)} }.into_any(),
        None => "never read whole".into_any(),
    };
    let gaps = judged.gaps.iter().map(|it| gap(it, as_of)).collect_view();
    let findings = judged.findings.iter().map(|it| finding(it, as_of)).collect_view();
    let more = row.findings.saturating_sub(judged.findings.len());
    let body = (row.findings > 0).then(|| {
        view! {
            <details class="rail-evidence" open=verdict == Verdict::Broken>
                <summary>"Evidence"</summary>
                <ul class="parts">{findings}</ul>
                {(more > 0).then(|| view! { <p class="dim">{format!("And {more} more.")}</p> })}
            </details>
        }
    });
    view! {
        <li class="rail" data-rail=code data-verdict=verdict.word()>
            <div class="rail-head">
                {badge(&capital(verdict.word()), verdict.tone())} " " <b>{judged.rail.promise()}</b>
                <span class="dim">" " {found} ", " {when}</span>
            </div>
            {body}
            {(!judged.gaps.is_empty()).then(|| view! { <ul class="parts">{gaps}</ul> })}
        </li>
    }
    .into_any()
}

fn finding(it: &Finding, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let place = match &*it.name.namespace {
        "" => it.name.name.to_string(),
        namespace => format!("{namespace}/{}", it.name.name),
    };
    let chip = (it.tone != Tone::Bad).then(|| {
        let word = if it.tone == Tone::Unknown { "Could not tell" } else { "Needs a look" };
        view! { {badge(word, it.tone)} " " }
    });
    let pods = (it.pods > 0).then(|| format!(" {} so.", count(it.pods as usize, "pod runs", "pods run")));
    let seen = it.seen.map(|at| view! { <span class="dim">" Last seen " {ago(at, as_of)} "."</span> });
    view! {
        <li>
            {chip} {it.kind.clone()} " " <b>{foreign(&place)}</b> " " <code>{visible(&it.field)}</code>
            <div>{foreign(&it.evidence)} {pods} {seen}</div>
        </li>
    }
    .into_any()
}

/// What could not be looked at, until when it could be, and why.
pub(crate) fn gap(it: &Gap, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let until = it.as_of.map(|at| view! { " What is known was read " {ago(at, as_of)} "." });
    view! { <li>{badge("Could not tell", Tone::Unknown)} " " {plural(it.kind)} ": " {foreign(&it.why)} {until}</li> }
        .into_any()
}

fn outside(all: &[Outside]) -> impl IntoView + use<> {
    if all.is_empty() {
        return empty("Every namespace is judged.", "The policy's guard-rails.json names those that are not, and why.")
            .into_any();
    }
    let rows = all.iter().map(|it| {
        view! {
            <li><b>{foreign(&it.namespace)}</b> ", " {count(it.pods, "pod", "pods")} ": " {foreign(&it.why)}</li>
        }
    });
    view! {
        <ul class="parts">{rows.collect_view()}</ul>
        <p class="hint">"Written in the policy's guard-rails.json; changing it is a change of the policy. Every other namespace is judged."</p>
    }
    .into_any()
}
