//! What happened to a service, on one axis: runs, changes, pods and incidents above each other, so that one sees what
//! came just before what. The same as a list below it, for reading and for who does not see the picture.

use super::matrix::titled;
use super::shape::{Event, Lane};
use crate::ui::badge::tone_class;
use crate::ui::section::empty;
use crate::ui::text::{foreign, visible};
use crate::ui::time::moment;
use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;

/// The drawing's size, in units of its own.
const WIDE: f64 = 960.0;
const LEFT: f64 = 84.0;
const EDGE: f64 = 12.0;
const LANE: f64 = 30.0;
const BELOW: f64 = 22.0;

/// More than this is no list that anybody reads; the log has all of it.
const LISTED: usize = 60;

/// Picture and list.
pub(super) fn line(events: &[Event], from: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    if events.is_empty() {
        return empty(
            "Nothing happened lately.",
            view! { "Runs, changes, restarts of pods and incidents appear here." },
        )
        .into_any();
    }
    let rest = events.len().saturating_sub(LISTED);
    let mut day = None;
    let lines = events.iter().take(LISTED).map(|event| {
        let is_new_day = day.replace(event.at.date_naive()) != Some(event.at.date_naive());
        let date =
            is_new_day.then(|| view! { <li class="timeline-day">{event.at.format("%-d %B %Y").to_string()}</li> });
        let what = match event.href.clone() {
            Some(href) => view! { <a href=href>{foreign(&event.what)}</a> }.into_any(),
            None => foreign(&event.what).into_any(),
        };
        view! {
            {date}
            <li class=format!("timeline-line {}", tone_class(event.tone))>
                <span class="timeline-text"><span class="dim">{event.lane.word()}</span> " " <b>{foreign(&event.actor)}</b> " " {what}</span>
                " " {moment(event.at, event.at.format("%H:%M").to_string())}
            </li>
        }
    });
    view! {
        {picture(events, from, as_of)}
        <details class="more" open>
            <summary>"The same in words, newest first"</summary>
            <ol class="timeline">{lines.collect_view()}</ol>
            {(rest > 0).then(|| view! { <p class="hint">{format!("{rest} earlier ones are on the picture only.")}</p> })}
        </details>
    }
    .into_any()
}

fn picture(events: &[Event], from: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let lanes = Lane::ALL.len();
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    let high = lanes as f64 * LANE + BELOW;
    let whole = seconds(as_of - from).max(1.0);
    let across = move |at: DateTime<Utc>| {
        let share = (seconds(at - from) / whole).clamp(0.0, 1.0);
        LEFT + share * (WIDE - LEFT - EDGE)
    };
    let grid = Lane::ALL.into_iter().enumerate().map(|(index, lane)| {
        let y = middle(index);
        view! {
            <line x1=at(LEFT) x2=at(WIDE - EDGE) y1=at(y) y2=at(y) class="chart-grid" />
            <text x=at(LEFT - 10.0) y=at(y + 4.0) text-anchor="end">{lane.word()}</text>
        }
    });
    let ticks = days(from, as_of).into_iter().map(|day| {
        let x = at(across(day));
        view! {
            <line x1=x.clone() x2=x.clone() y1="0" y2=at(high - BELOW) class="chart-grid" />
            <text x=x y=at(high - 6.0) text-anchor="middle">{day.format("%-d %b").to_string()}</text>
        }
    });
    let marks = events.iter().map(|event| {
        let index = Lane::ALL.iter().position(|lane| *lane == event.lane).unwrap_or(0);
        let title = titled(event.at, &format!("{} {}", event.actor, event.what));
        view! {
            <circle cx=at(across(event.at)) cy=at(middle(index)) r="5" class=format!("line-mark {}", tone_class(event.tone))>
                <title>{title}</title>
            </circle>
        }
    });
    let label = format!(
        "{} things that happened from {} to {}, in the lanes runs, changes, pods and incidents; the list below says them in words.",
        events.len(),
        visible(&from.format("%-d %B").to_string()),
        as_of.format("%-d %B")
    );
    view! {
        <svg class="chart line-chart" viewBox=format!("0 0 {WIDE} {high}") role="img" aria-label=label>
            {ticks.collect_view()}
            {grid.collect_view()}
            {marks.collect_view()}
        </svg>
    }
    .into_any()
}

/// The middle of a lane.
fn middle(index: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    let index = index as f64;
    index.mul_add(LANE, LANE / 2.0)
}

fn seconds(length: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "weeks in seconds are far from 2^52")]
    let seconds = length.num_seconds() as f64;
    seconds
}

fn at(figure: f64) -> String {
    format!("{figure:.1}")
}

/// Midnights in UTC, at most eight of them.
fn days(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let all: Vec<_> = std::iter::successors(from.date_naive().succ_opt(), |day| day.succ_opt())
        .filter_map(|day| day.and_hms_opt(0, 0, 0))
        .map(|midnight| midnight.and_utc())
        .take_while(|midnight| *midnight < to)
        .take(100)
        .collect();
    let step = all.len().div_ceil(8).max(1);
    all.into_iter().step_by(step).collect()
}
