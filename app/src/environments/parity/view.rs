//! The page of parity, as a function of its shape.

use super::shape::ParityView;
use crate::environments::rails::view::gap;
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, count, foreign, number_word, visible};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::parity::{Compared, Comparison, Difference, Side, Stale, Why};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page.
pub(crate) fn parity(view: &ParityView) -> impl IntoView + use<> {
    let title = heading(view);
    let body = match &view.comparison {
        Some(comparison) => compared(comparison, view.more, view.as_of).into_any(),
        None => {
            let why = view.fault.clone().unwrap_or_default();
            view! { <p role="status">{badge("Could not tell", Tone::Unknown)} " " {foreign(&why)}</p> }.into_any()
        }
    };
    view! {
        <Title text=title.clone() />
        <h1>{visible(&title)}</h1>
        {body}
    }
    .into_any()
}

/// `Staging differs from production in five places`.
pub(crate) fn heading(view: &ParityView) -> String {
    let Some(it) = &view.comparison else { return format!("What {} mirrors could not be told", view.environment) };
    let blind = it.aspects.iter().filter(|aspect| !aspect.gaps.is_empty()).count();
    match (it.findings().count() + view.more, blind) {
        (0, 0) => format!("{} mirrors {}", capital(&it.left), it.right),
        (0, _) => format!("Whether {} mirrors {} could not wholly be told", it.left, it.right),
        (1, _) => format!("{} differs from {} in one place", capital(&it.left), it.right),
        (n, _) => format!("{} differs from {} in {} places", capital(&it.left), it.right, number_word(n)),
    }
}

fn compared(it: &Comparison, more: usize, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let findings = it.aspects.iter().filter(|aspect| aspect.differences.iter().any(|d| d.explained.is_none()));
    let findings = findings.map(|aspect| table(it, aspect, false)).collect::<Vec<_>>();
    let explained = it.aspects.iter().filter(|aspect| aspect.differences.iter().any(|d| d.explained.is_some()));
    let explained = explained.map(|aspect| table(it, aspect, true)).collect::<Vec<_>>();
    let count_explained = it.aspects.iter().flat_map(|a| &a.differences).filter(|d| d.explained.is_some()).count();
    let found = if findings.is_empty() {
        empty("Nothing differs that nobody explained.", "What is compared, and how far it could be, stands below.")
            .into_any()
    } else {
        findings.collect_view().into_any()
    };
    let stale = (!it.stale.is_empty()).then(|| {
        let all = stale(&it.stale);
        view! { <Section title="Explanations that explain nothing" id="stale">{all}</Section> }
    });
    let (aspects, left_out) = (aspects(it, as_of), left_out(it));
    let explained = (!explained.is_empty()).then(|| {
        view! {
            <details class="explained">
                <summary>{count(count_explained, "difference is", "differences are")} " explained"</summary>
                {explained.collect_view()}
            </details>
        }
    });
    view! {
        <p class="lead">{foreign(&capital(&it.left))} " was declared to mirror " {foreign(&it.right)} "."</p>
        <Section title="Differences" id="differences">
            {found}
            {(more > 0).then(|| view! { <p class="dim">{format!("And {more} more.")}</p> })}
            {explained}
        </Section>
        <Section title="What is compared" id="aspects">{aspects}</Section>
        {stale}
        <Section title="What is not compared" id="left-out">{left_out}</Section>
    }
    .into_any()
}

/// The differences of an aspect, side by side.
fn table(it: &Comparison, aspect: &Compared, is_explained: bool) -> impl IntoView + use<> {
    let (left, right) = (capital(&it.left), capital(&it.right));
    let rows = aspect.differences.iter().filter(|it| it.explained.is_some() == is_explained);
    let rows = rows.map(|difference| line(difference, &left, &right)).collect_view();
    view! {
        <table class="rows keys parity">
            <caption>{aspect.aspect.words()}</caption>
            <thead>
                <tr>
                    <th scope="col">"What"</th>
                    <th scope="col">{visible(&left)}</th>
                    <th scope="col">{visible(&right)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn line(it: &Difference, left: &str, right: &str) -> impl IntoView + use<> {
    let why = it.explained.as_ref().map(|it| because(it, "until"));
    let expired = it.expired.as_ref().filter(|_| it.explained.is_none()).map(|it| because(it, "explained until"));
    view! {
        <tr>
            <td class="grow"><b>{foreign(&it.object)}</b> " " <code>{visible(&it.field)}</code> {why} {expired}</td>
            <td data-label=left.to_owned()>{value(it.left.as_deref())}</td>
            <td data-label=right.to_owned()>{value(it.right.as_deref())}</td>
        </tr>
    }
    .into_any()
}

fn because(it: &Why, until: &'static str) -> impl IntoView + use<> {
    view! { <div class="dim">{foreign(&it.why)} " (" {until} " " {it.until.to_string()} ")"</div> }.into_any()
}

/// A digest is told by its beginning; the whole of it is in the title.
fn value(value: Option<&str>) -> impl IntoView + use<> {
    match value {
        None => view! { <span class="dim">"not set"</span> }.into_any(),
        Some(text) => {
            let is_digest = text.len() == 71 && text.starts_with("sha256:");
            let shown = if is_digest { format!("{}…", text.get(..15).unwrap_or(text)) } else { text.to_owned() };
            view! { <code class="value" title=visible(text)>{visible(&shown)}</code> }.into_any()
        }
    }
}

fn aspects(it: &Comparison, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = it.aspects.iter().map(|aspect| {
        let when = aspect.as_of.map(|at| view! { ", as of " {ago(at, as_of)} });
        let gaps = aspect.gaps.iter().map(|(side, it_gap)| {
            let of = if *side == Side::Left { &it.left } else { &it.right };
            view! { <div>{visible(&capital(of))} <ul class="parts">{gap(it_gap, as_of)}</ul></div> }
        });
        view! {
            <li data-aspect=aspect.aspect.code()>
                {badge(&capital(aspect.verdict.word()), aspect.verdict.tone())} " " {aspect.aspect.words()}
                <span class="dim">" " {count(aspect.objects, "object", "objects")} {when}</span>
                {gaps.collect_view()}
            </li>
        }
    });
    view! { <ul class="rails">{rows.collect_view()}</ul> }.into_any()
}

fn stale(all: &[Stale]) -> impl IntoView + use<> {
    let rows = all.iter().map(|it| {
        let word = if it.is_over { "Expired" } else { "Fits nothing" };
        let of = &it.explained;
        view! {
            <li>
                {badge(word, Tone::Warn)} " " {of.aspect.words()} ", " <b>{foreign(&of.object)}</b> " "
                <code>{visible(&of.field)}</code> ": " {foreign(&of.why)} " (until " {of.until.to_string()} ")"
            </li>
        }
    });
    view! {
        <ul class="parts">{rows.collect_view()}</ul>
        <p class="hint">"They stand in the policy's parity.json. Take out what nobody needs, or say anew until when it counts."</p>
    }
    .into_any()
}

fn left_out(it: &Comparison) -> impl IntoView + use<> {
    let rows = it.left_out.iter().map(|it| view! { <li><b>{foreign(&it.what)}</b> ": " {foreign(&it.why)}</li> });
    view! { <ul class="parts">{rows.collect_view()}</ul> }.into_any()
}
