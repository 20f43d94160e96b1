#![expect(clippy::indexing_slicing, reason = "tests")]

use super::ceremony::{Stop, sentence};
use super::people;
use super::request::{Panel, request as request_page};
use super::shape::{PeopleView, RequestRow, RequestView, WaitView};
use super::view::{Keys, heading, keys};
use crate::error::UiError;
use crate::samples::{as_of, html, keys as sample, person, refused, request, words, words_of};
use crate::ui::live::Progress;
use leptos::prelude::{Callback, RwSignal};

fn shown(view: &super::shape::KeysView) -> String {
    html(|| {
        let keys_of = Keys {
            name: RwSignal::new(String::new()),
            founder_code: RwSignal::new(String::new()),
            progress: RwSignal::new(Progress::Idle),
            act: Callback::new(|_| ()),
        };
        keys(view, keys_of)
    })
}

#[test]
fn the_heading_counts_keys_that_can_sign() {
    let mut view = sample();
    assert_eq!(heading(&view), "You have two keys");
    view.keys.truncate(1);
    assert_eq!(heading(&view), "You have one key");
    view.keys.clear();
    assert_eq!(heading(&view), "You have no key yet");
}

#[test]
fn a_revoked_key_stays_and_cannot_be_revoked_again() {
    let html = shown(&sample());
    assert_eq!(html.matches("aria-label=\"Revoke ").count(), 2, "{html}");
    assert!(words_of(&html).contains("Old black key") && words_of(&html).contains("Revoked"));
}

#[test]
fn a_further_key_says_that_it_takes_two_touches() {
    let mut view = sample();
    assert!(words_of(&shown(&view)).contains("Two touches"));
    view.needs_first_key = false;
    view.needs_endorsement = true;
    let words = words_of(&shown(&view));
    assert!(words.contains("after two others have endorsed it") && words.contains("if you have one"), "{words}");
}

#[test]
fn a_refused_enrolment_says_why() {
    let mut view = sample();
    view.enrol = refused(&[("not_admitted", "You are not on the admitted list.")]);
    let html = shown(&view);
    assert!(
        words_of(&html).contains("You are not on the admitted list.")
            && html.contains("aria-describedby=\"why-not-add-a-key\""),
        "{html}"
    );
}

#[test]
fn what_the_browser_refuses_is_said_in_words() {
    assert_eq!(sentence("NotAllowedError"), "You did not touch the key; nothing was signed.");
    for name in ["AbortError", "InvalidStateError", "NotSupportedError", "SecurityError", "Unsupported", "SomethingNew"]
    {
        assert!(sentence(name).contains("nothing was signed"), "{name}");
    }
}

#[test]
fn a_refusal_is_told_from_a_key_that_was_not_touched() {
    assert_eq!(Progress::from(Stop::NotSigned("no".to_owned())), Progress::Stopped("no".to_owned()));
    assert!(matches!(Progress::from(Stop::Refused(UiError::without_backend())), Progress::Refused(_)));
}

#[test]
fn a_key_that_waits_says_what_for_and_is_not_counted() {
    let mut view = sample();
    view.keys.truncate(1);
    view.keys[0].waits = Some(WaitView {
        request: "01890000-0000-7000-9000-000000000001".to_owned(),
        endorsed_by: vec![person("E-1001", "Asha Rao")],
        counts_from: None,
        expires_at: view.as_of + chrono::Duration::days(6),
        six_words: words(),
    });
    assert_eq!(heading(&view), "Your key waits for others");
    let shown_one = shown(&view);
    let said = words_of(&shown_one);
    assert!(
        said.contains("Asha Rao has endorsed it; one more person must") && said.contains("expires in 6 d"),
        "{said}"
    );
    assert!(said.contains("Withdraw the request") && !shown_one.contains("aria-label=\"Revoke "), "{said}");
    if let Some(waits) = &mut view.keys[0].waits {
        waits.counts_from = Some(view.as_of + chrono::Duration::hours(24));
    }
    let said = words_of(&shown(&view));
    assert!(said.contains("It signs in 1 d , if nobody refuses"), "{said}");
}

fn page_of(view: &RequestView) -> String {
    html(|| request_page(view, Panel { progress: RwSignal::new(Progress::Idle), act: Callback::new(|_| ()) }))
}

#[test]
fn who_is_asked_reads_the_six_words_and_how_to_compare_them() {
    let view = request();
    let said = words_of(&page_of(&view));
    assert!(said.contains("Nikhil Joshi asks for a security key") && said.contains("in person or by video"), "{said}");
    assert!(view.six_words.iter().all(|word| said.contains(word.as_str())), "{said}");
    assert!(said.contains("Endorse") && said.contains("Refuse") && !said.contains("Withdraw"), "{said}");
}

#[test]
fn ones_own_request_can_only_be_taken_back() {
    let mut view = request();
    view.can_withdraw = true;
    let own = [("endorses_self", "Nobody endorses themselves: two others must.")];
    view.approve = refused(&own);
    view.refuse = refused(&own);
    let said = words_of(&page_of(&view));
    assert!(
        said.contains("This is your own request") && said.contains("Withdraw") && !said.contains("Refuse"),
        "{said}"
    );
}

#[test]
fn what_stands_in_the_way_of_a_yes_is_beside_the_button() {
    let mut view = request();
    view.approve = refused(&[("request_complete", "Two others have endorsed it.")]);
    let html = page_of(&view);
    assert!(words_of(&html).contains("You can still refuse this"), "{html}");
    assert!(html.contains("aria-describedby=\"why-not-endorse\""), "{html}");
}

#[test]
fn the_people_page_counts_what_waits_for_the_caller() {
    let row = request().row;
    let view = |requests: Vec<RequestRow>| PeopleView { requests, people: vec![], is_relaxed: false, as_of: as_of() };
    let other = RequestRow { is_yours: false, ..row.clone() };
    assert_eq!(people::heading(&view(vec![])), "Nobody waits to be let in");
    assert_eq!(people::heading(&view(vec![other.clone()])), "One request waits");
    assert_eq!(people::heading(&view(vec![row.clone(), other])), "One request waits for your word");
    let said = words_of(&html(|| people::people(&view(vec![row]))));
    assert!(said.contains("your word") && said.contains("Endorsed by 1 of 2"), "{said}");
}
