#![expect(clippy::indexing_slicing, reason = "tests")]

use super::shape::{IncidentRow, IncidentView, IncidentsView, ReviewRow};
use super::view::{Form, Words, heading, incident, incidents};
use crate::samples::{HOSTILE, as_of, before, html, person, refused, words_of};
use crate::shape::{Availability, Status};
use chrono::Duration;
use gatehouse_domain::tone::Tone;
use leptos::prelude::Callback;

fn row() -> IncidentRow {
    IncidentRow {
        id: "01990000-0000-7000-8000-00000000000a".to_owned(),
        severity: "P1".to_owned(),
        status: Status::new("Waits for a second person", Tone::Warn),
        title: HOSTILE.to_owned(),
        environment: "production".to_owned(),
        services: vec!["score-api".to_owned()],
        declared: (person("E-1001", "Asha Rao"), before(Duration::minutes(5))),
        confirmed: None,
        closed: None,
    }
}

fn one() -> IncidentView {
    IncidentView {
        row: row(),
        reviews: vec![],
        confirm: refused(&[("own_incident", "You declared this incident.")]),
        close: Availability::default(),
        review: Availability::default(),
        as_of: as_of(),
    }
}

fn shown(view: &IncidentView) -> String {
    html(|| incident(view, Words::new(), Callback::new(|_| ())))
}

#[test]
fn the_list_says_what_is_open_and_who_may_not_declare() {
    let mut view = IncidentsView {
        rows: vec![row()],
        environments: vec!["production".to_owned()],
        services: vec!["score-api".to_owned()],
        declare: refused(&[("role_not_held", "You do not hold the role.")]),
        as_of: as_of(),
    };
    let page = html(|| incidents(&view, Form::new(), Callback::new(|_| ())));
    let words = words_of(&page);
    assert!(words.contains("One incident is open") && words.contains("You do not hold the role."), "{words}");
    assert!(!page.contains("<script>alert"), "a person's words became markup");
    view.rows[0].closed = Some((person("E-1003", "Leela Menon"), as_of()));
    view.rows[0].status = Status::new("Closed · review owed", Tone::Warn);
    assert_eq!(heading(&view), "One review is owed");
    view.rows[0].status = Status::new("Closed · reviewed", Tone::Ok);
    assert_eq!(heading(&view), "Nothing is on fire");
}

#[test]
fn an_open_p1_can_be_confirmed_and_closed_and_says_why_not() {
    let words = words_of(&shown(&one()));
    assert!(words.contains("Confirm that it is a P1") && words.contains("Close incident"), "{words}");
    assert!(words.contains("You declared this incident.") && !words.contains("Sign the review"), "{words}");
}

#[test]
fn a_closed_one_asks_for_a_review_and_shows_those_there_are() {
    let mut view = one();
    view.row.closed = Some((person("E-1003", "Leela Menon"), as_of()));
    let words = words_of(&shown(&view));
    assert!(words.contains("Nobody has reviewed it.") && words.contains("Sign the review"), "{words}");
    assert!(!words.contains("Close incident"), "{words}");
    let review = |words: Option<&str>| ReviewRow {
        by: person("E-1006", "Vikram Iyer"),
        at: before(Duration::minutes(1)),
        words: words.map(str::to_owned),
    };
    view.reviews = vec![review(Some("a timeout was too long")), review(None)];
    let words = words_of(&shown(&view));
    assert!(words.contains("a timeout was too long") && words.contains("The words were erased."), "{words}");
}
