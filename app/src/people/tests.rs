use super::ceremony::{Stop, sentence};
use super::view::{Keys, heading, keys};
use crate::error::UiError;
use crate::samples::{html, keys as sample, refused, words_of};
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
    view.needs_founder_code = true;
    let words = words_of(&shown(&view));
    assert!(words.contains("Founder's code") || words.contains("Founder&#x27;s code"), "{words}");
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
