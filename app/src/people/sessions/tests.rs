use super::shape::{SessionRow, SessionsView};
use super::view::{Sessions, heading, sessions};
use crate::samples::{as_of, before, html, person, refused, words_of};
use crate::shape::Availability;
use crate::ui::live::Progress;
use chrono::Duration;
use leptos::prelude::{Callback, RwSignal};

fn session(id: &str, hours: i64, is_live: bool) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        started_at: before(Duration::hours(hours)),
        seen_at: before(Duration::minutes(hours)),
        is_this: false,
        is_live,
        is_stolen: false,
        report: Availability::default(),
    }
}

fn sample() -> SessionsView {
    SessionsView {
        person: person("E-1001", "Asha Rao"),
        is_own: true,
        sees_everybody: false,
        sessions: vec![
            SessionRow { is_this: true, ..session("s1", 1, true) },
            session("s2", 3, true),
            session("s3", 20, false),
            SessionRow {
                is_stolen: true,
                report: refused(&[("session_unknown", "It was reported before.")]),
                ..session("s4", 40, false)
            },
        ],
        as_of: as_of(),
    }
}

fn shown(view: &SessionsView) -> String {
    html(|| sessions(view, Sessions { progress: RwSignal::new(Progress::Idle), act: Callback::new(|_| ()) }))
}

#[test]
fn the_heading_says_where_one_is_signed_in() {
    let mut view = sample();
    assert_eq!(heading(&view), "You are signed in twice");
    view.is_own = false;
    assert_eq!(heading(&view), "Asha Rao is signed in twice");
    view.sessions.truncate(1);
    assert_eq!(heading(&view), "Asha Rao is signed in once");
    view.is_own = true;
    assert_eq!(heading(&view), "You are signed in here only");
    view.sessions.clear();
    assert_eq!(heading(&view), "You are not signed in");
}

#[test]
fn every_session_but_a_reported_one_can_be_reported_without_javascript() {
    let html = shown(&sample());
    assert_eq!(html.matches("action=\"/api/ui/report_stolen\"").count(), 3, "{html}");
    for id in ["s1", "s2", "s3"] {
        assert!(html.contains(&format!("name=\"session\" value=\"{id}\"")), "{html}");
    }
    let words = words_of(&html);
    for word in ["This browser", "Signed in", "Ended", "Reported stolen", "counts no more"] {
        assert!(words.contains(word), "{word} is not in {words}");
    }
}

#[test]
fn signing_out_elsewhere_is_offered_when_there_is_an_elsewhere() {
    let mut view = sample();
    assert!(words_of(&shown(&view)).contains("Sign out everywhere else"));
    view.sessions.remove(1);
    assert!(!words_of(&shown(&view)).contains("Sign out everywhere else"));
}

#[test]
fn security_finds_anybody_and_nobody_else_is_offered_to() {
    let mut view = sample();
    assert!(!shown(&view).contains("name=\"person\""));
    (view.sees_everybody, view.is_own) = (true, false);
    let html = shown(&view);
    assert!(html.contains("name=\"person\"") && words_of(&html).contains("End it as stolen"), "{html}");
    assert!(!words_of(&html).contains("Sign out everywhere else"), "another's sessions are ended one by one, by name");
}
