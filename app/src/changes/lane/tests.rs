#![expect(clippy::indexing_slicing, reason = "tests")]

use super::act::Words;
use super::queue::lane;
use super::shape::{FreezesView, InLaneRow, LaneView, StopRow, WindowRow};
use super::strip::days;
use super::view::{Freezes, freezes, heading, parse_until};
use crate::samples::{HOSTILE, as_of, before, html, person, refused, words_of};
use crate::shape::Availability;
use chrono::Duration;
use leptos::prelude::Callback;

fn stop() -> StopRow {
    StopRow {
        id: "01990000-0000-7000-8000-00000000000a".to_owned(),
        environment: "production".to_owned(),
        by: person("E-1004", "Sana Sheikh"),
        since: before(Duration::minutes(5)),
        until: None,
        why: Some(HOSTILE.to_owned()),
        lifted: None,
        stands: true,
        lift: Availability::default(),
    }
}

fn view() -> FreezesView {
    FreezesView {
        stops: vec![stop()],
        windows: vec![WindowRow {
            environment: "production".to_owned(),
            services: vec!["score-api".to_owned()],
            from: as_of() + Duration::days(3),
            until: as_of() + Duration::days(5),
            because: "audit week".to_owned(),
        }],
        environments: vec!["production".to_owned()],
        stop: refused(&[("no_key", "You have no active security key.")]),
        as_of: as_of(),
    }
}

fn shown(view: &FreezesView) -> String {
    html(|| freezes(view, Freezes::new(), Callback::new(|_| ())))
}

#[test]
fn the_page_says_who_stopped_what_and_why_a_button_does_nothing() {
    let html = shown(&view());
    let words = words_of(&html);
    assert!(words.contains("The line to production is stopped"), "{words}");
    assert!(words.contains("Sana Sheikh") && words.contains("audit week") && words.contains("score-api"), "{words}");
    assert!(words.contains("You have no active security key."), "{words}");
    assert!(!html.contains("<script>alert"), "a person's words became markup");
}

#[test]
fn a_heading_says_the_worst_first() {
    let mut of = view();
    assert_eq!(heading(&of), "The line to production is stopped");
    of.stops[0].stands = false;
    assert_eq!(heading(&of), "Nothing stands against a release");
    of.windows[0].from = as_of() - Duration::hours(1);
    assert_eq!(heading(&of), "A freeze window holds");
    of.windows.clear();
    of.stops.clear();
    assert!(words_of(&shown(&of)).contains("No line is stopped."));
}

#[test]
fn a_day_is_shut_by_a_stop_without_end_and_by_a_window_on_it() {
    let mut of = view();
    assert!(days(&of).iter().all(|day| !day.marks.is_empty()), "a stop without end leaves a day free");
    of.stops[0].until = Some(as_of() + Duration::minutes(1));
    let shut: Vec<usize> =
        days(&of).iter().enumerate().filter(|(_, day)| !day.marks.is_empty()).map(|(n, _)| n).collect();
    assert_eq!(shut, [0, 3, 4, 5]);
    of.stops[0].until = Some(as_of());
    assert!(days(&of)[0].marks.is_empty(), "a stop that is over shuts the rest of its day");
}

#[test]
fn a_time_is_taken_as_utc_and_anything_else_is_none() {
    assert_eq!(parse_until("  "), Ok(None));
    let at = parse_until("2026-11-24T18:30").ok().flatten().map(|at| at.to_rfc3339());
    assert_eq!(at.as_deref(), Some("2026-11-24T18:30:00+00:00"));
    assert_eq!(parse_until("tomorrow"), Err(()));
}

#[test]
fn the_lane_offers_to_end_older_changes_only_and_says_why_not() {
    let row = |number: &str, is_this, supersede| InLaneRow {
        number: number.to_owned(),
        is_this,
        since: before(Duration::hours(2)),
        is_executing: false,
        supersede,
    };
    let why = refused(&[("role_not_held", "You do not hold the role Engineer.")]);
    let of = LaneView {
        rows: vec![
            row("CHG-2026-000001", false, Some(("00".to_owned(), why))),
            row("CHG-2026-000002", true, None),
            row("CHG-2026-000003", false, None),
        ],
    };
    let shown = html(|| lane(&of, "CHG-2026-000002", "11", as_of(), Words::new(), Callback::new(|()| ())));
    let words = words_of(&shown);
    assert_eq!(shown.matches("Take its place").count(), 1, "{words}");
    assert!(words.contains("Holds the lane") && words.contains("You do not hold the role Engineer."), "{words}");
    assert!(!shown.contains("supersede-why"), "words are asked for where nothing can be done");
}
