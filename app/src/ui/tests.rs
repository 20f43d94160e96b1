#![expect(clippy::unwrap_used, reason = "tests")]

use super::badge::badge;
use super::button::{Act, Weight};
use super::live::{Live, Progress};
use super::problem::problem;
use super::section::empty;
use super::text::*;
use super::time::*;
use crate::samples::{HOSTILE, as_of, html, reason, words_of};
use chrono::{Duration, TimeZone, Utc};
use gatehouse_domain::problem::Problem;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

#[test]
fn a_length_has_its_two_largest_units() {
    let of = |seconds| length(Duration::seconds(seconds));
    assert_eq!(
        [0, 59, 60, 3_599, 3_600, 7_800, 86_400, 248_400].map(of),
        ["0 s", "59 s", "1 min", "59 min", "1 h", "2 h 10 min", "1 d", "2 d 21 h"]
    );
    assert_eq!(of(-5), "0 s");
}

#[test]
fn times_say_what_they_mean() {
    let at = |seconds: i64| as_of() + Duration::seconds(seconds);
    assert_eq!(relative(at(-840), as_of()), "14 min ago");
    assert_eq!(relative(at(-2), as_of()), "just now");
    assert_eq!(relative(at(3), as_of()), "just now");
    assert_eq!(relative(at(40), as_of()), "in 40 s");
    assert_eq!(waiting(at(-7_800), as_of()), "waiting 2 h 10 min");
    assert_eq!(expiry(at(248_400), as_of()), "expires in 2 d 21 h");
    assert_eq!(expiry(at(-10_800), as_of()), "expired 3 h ago");
    let moment = Utc.with_ymd_and_hms(2026, 11, 22, 9, 52, 10).unwrap();
    assert_eq!(exact(moment), "2026-11-22 09:52:10 UTC");
}

#[test]
fn a_moment_carries_its_exact_time() {
    let html = html(|| ago(as_of() - Duration::minutes(3), as_of()));
    assert!(html.contains("title=\"2026-11-22 11:45:07 UTC\""), "{html}");
    assert!(html.contains("datetime=\"2026-11-22T11:45:07Z\"") && html.contains("3 min ago"), "{html}");
}

#[test]
fn nothing_hides_in_a_strangers_words() {
    assert_eq!(visible("fix \u{202E}txt.exe"), "fix ⟨U+202E⟩txt.exe");
    assert_eq!(visible("a\u{200B}b\u{FEFF}c\u{00AD}d\u{0007}e"), "a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+00AD⟩d⟨U+0007⟩e");
    assert_eq!(visible("\u{E0041}\u{3164}"), "⟨U+E0041⟩⟨U+3164⟩");
    assert_eq!(visible("two\nlines\tand"), "two lines and");
    assert_eq!(visible_lines("two\r\nlines"), "two\nlines");
    assert_eq!(visible("आशा राव · naïve · 数据 · שלום"), "आशा राव · naïve · 数据 · שלום", "what can be seen stays");
}

#[test]
fn a_strangers_words_are_text_and_cannot_turn_the_line() {
    let html = html(|| foreign(HOSTILE));
    assert!(!html.contains("<script"), "{html}");
    assert!(html.starts_with("<bdi") && html.contains("⟨U+202E⟩pord ot⟨U+202C⟩ ⟨U+200B⟩approve"), "{html}");
}

#[test]
fn numbers_become_words_where_people_read() {
    assert_eq!(number_word(2), "two");
    assert_eq!(number_word(11), "11");
    assert_eq!((count(1, "file", "files"), count(3, "file", "files")), ("1 file".to_owned(), "3 files".to_owned()));
    assert_eq!(capital("two"), "Two");
    assert_eq!(short_sha("a41e07c9d2f3"), "a41e07c");
    assert_eq!(short_sha("\u{1F600}"), "\u{1F600}", "no panic inside a character");
}

#[test]
fn every_tone_has_a_word_a_sign_and_a_colour() {
    let tones = [Tone::Neutral, Tone::Accent, Tone::Running, Tone::Ok, Tone::Warn, Tone::Bad, Tone::Unknown];
    let shapes: std::collections::BTreeSet<_> = tones
        .map(|tone| {
            let html = html(|| badge("Word", tone));
            assert!(html.contains("Word") && html.contains("tone-"), "{html}");
            html.split_once("<path").unwrap().1.to_owned()
        })
        .into();
    assert_eq!(shapes.len(), tones.len(), "two tones share a sign");
}

#[test]
fn a_refused_button_is_disabled_and_says_every_reason() {
    let refused = || vec![reason("contributed", "You had a part."), reason("no_key", "You have no key.")];
    let render = |refused: Vec<_>| {
        html(
            move || view! { <Act label="Approve" weight=Weight::Primary key=Some("a") sign=None refused busy=false on_act=Callback::new(|()| ()) /> },
        )
    };
    let shut = render(refused());
    assert!(shut.contains(" disabled"), "{shut}");
    assert!(shut.contains("aria-describedby=\"why-not-approve\"") && shut.contains("id=\"why-not-approve\""), "{shut}");
    assert!(words_of(&shut).contains("You had a part.") && words_of(&shut).contains("You have no key."), "{shut}");
    let open = render(Vec::new());
    assert!(!open.contains("disabled"), "{open}");
}

#[test]
fn a_problem_says_its_title_once_and_all_reasons() {
    let shown = html(|| {
        problem(Problem {
            code: "contributed".to_owned(),
            title: "You had a part.".to_owned(),
            status: 403,
            reasons: vec![reason("contributed", "You had a part."), reason("no_key", "You have no key.")],
            request_id: "01JD".to_owned(),
        })
    });
    assert_eq!(words_of(&shown), "You had a part. You have no key. Request 01JD");
    assert!(shown.contains("role=\"alert\""));
}

#[test]
fn what_happens_is_announced() {
    let quiet = html(|| view! { <Live progress=RwSignal::new(Progress::Idle) /> });
    assert!(
        quiet.contains("aria-live=\"polite\"") && words_of(&quiet).is_empty(),
        "the region is there before its words: {quiet}"
    );
    let said = html(|| view! { <Live progress=RwSignal::new(Progress::Busy("Touch your key…")) /> });
    assert_eq!(words_of(&said), "Touch your key…");
}

#[test]
fn an_empty_state_says_what_would_fill_it() {
    assert_eq!(words_of(&html(|| empty("There is none.", "Add one."))), "There is none. Add one.");
}
