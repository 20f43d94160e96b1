//! The page about habits, as a function of its shape.

use super::shape::{HabitsView, LoadRow, PairRow, ReadingDot, ShareView};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::chart::{Axis, Dot, scatter};
use crate::ui::section::{Section, empty};
use crate::ui::text::foreign;
use crate::ui::time::{exact, length, moment};
use chrono::Duration;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

const LINES: Axis = Axis {
    label: "lines changed",
    ticks: &[(1.0, "1"), (10.0, "10"), (100.0, "100"), (1_000.0, "1,000"), (10_000.0, "10,000")],
};
const TIME: Axis = Axis {
    label: "from first look to signature",
    ticks: &[(1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3_600.0, "1 h"), (86_400.0, "1 d")],
};
/// Ten lines a second, from ten lines on.
const LIMIT: [(f64, f64); 2] = [(20.0, 2.0), (10_000.0, 1_000.0)];

/// The page.
pub(crate) fn habits(view: &HabitsView) -> impl IntoView + use<> {
    let quick = view.dots.iter().filter(|dot| dot.is_too_quick).count();
    let title = "How signatures are given";
    let (approvals, since) = (view.approvals, view.since);
    let (reading, pairs, load) = (reading(view, quick), pairs(&view.pairs), load(&view.load));
    view! {
        <Title text=title />
        <h1>{title}</h1>
        <p class="lead">
            {approvals} " approvals since " {moment(since, exact(since))}
            ". Meant for a talk over coffee: it ranks nobody, and no gate asks it."
        </p>
        <Section title="Reading" id="reading">{reading}</Section>
        <Section title="Each other's work" id="pairs">{pairs}</Section>
        <Section title="Load by role" id="load">{load}</Section>
    }
    .into_any()
}

fn reading(view: &HabitsView, quick: usize) -> impl IntoView + use<> {
    if view.dots.is_empty() {
        return empty(
            "No approval's reading time is known yet.",
            "Gatehouse notices when somebody who could sign first sees what they would sign.",
        )
        .into_any();
    }
    let dots = view.dots.iter().map(|dot| Dot {
        x: dot.lines as f64,
        y: dot.seconds as f64,
        tone: if dot.is_too_quick { Tone::Warn } else { Tone::Neutral },
        title: told(dot),
    });
    let sentence = match quick {
        0 => "Every one of them took long enough to have been read.".to_owned(),
        1 => "One was signed faster than anybody reads.".to_owned(),
        n => format!("{n} were signed faster than anybody reads."),
    };
    let rows = view.dots.iter().filter(|dot| dot.is_too_quick).map(|dot| {
        view! { <li><a class="mono" href=paths::change(&dot.number)>{dot.number.clone()}</a> " " {spent(dot)}</li> }
    });
    view! {
        <p>{badge(if quick == 0 { "Read" } else { "Worth a talk" }, if quick == 0 { Tone::Ok } else { Tone::Warn })} " " {sentence}</p>
        {scatter("Reading time by size of the change", LINES, TIME, LIMIT, dots.collect())}
        <p class="hint">"Each dot is one approval; below the dashed line more than ten lines were signed each second. A page that was left open counts as being read."</p>
        {(quick > 0).then(|| view! { <ul class="parts">{rows.collect_view()}</ul> })}
    }
    .into_any()
}

fn told(dot: &ReadingDot) -> String {
    format!("{}: {}", dot.number, spent(dot))
}

fn spent(dot: &ReadingDot) -> String {
    let seconds = i64::try_from(dot.seconds).unwrap_or(i64::MAX / 1_000);
    format!("{} lines, {}", dot.lines, length(Duration::seconds(seconds)))
}

fn pairs(pairs: &[PairRow]) -> impl IntoView + use<> {
    if pairs.is_empty() {
        return empty("Nobody approved each other's work.", "Approvals go round, as they should.").into_any();
    }
    let rows = pairs.iter().map(|pair| {
        let chip = pair.is_habit.then(|| badge("Nearly always", Tone::Warn));
        view! {
            <tr>
                <td class="grow">{foreign(pair.one.shown())} " and " {foreign(pair.other.shown())}</td>
                <td data-label="of the first one's">{share(&pair.of_one)}</td>
                <td data-label="of the other's">{share(&pair.of_other)}</td>
                <td class="cell-end">{chip}</td>
            </tr>
        }
    });
    view! {
        <table class="rows keys">
            <thead>
                <tr>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Of the first one's changes, the other approved"</th>
                    <th scope="col">"Of the other's, the first"</th>
                    <th scope="col"><span class="sr-only">"Habit"</span></th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn share(share: &ShareView) -> String {
    format!("{} of {}", share.approved, share.all)
}

fn load(load: &[LoadRow]) -> impl IntoView + use<> {
    let rows = load.iter().map(|row| {
        let usually = row.usually.and_then(|seconds| i64::try_from(seconds).ok());
        let usually = usually.map_or_else(|| "–".to_owned(), |seconds| length(Duration::seconds(seconds)));
        let hands = match row.given {
            0 => "none".to_owned(),
            given => format!("{given} by {} of {}; the busiest gave {}", row.hands, row.holders, row.busiest),
        };
        let alone = (row.holders == 1).then(|| badge("One person", Tone::Warn));
        view! {
            <tr>
                <td class="grow">{row.role.clone()} " " {alone}</td>
                <td data-label="signatures">{hands}</td>
                <td data-label="waiting now">{row.waiting}</td>
                <td data-label="usually after">{usually}</td>
            </tr>
        }
    });
    view! {
        <table class="rows keys">
            <thead>
                <tr>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Signatures"</th>
                    <th scope="col">"Waiting now"</th>
                    <th scope="col">"Usually after"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
