#![expect(clippy::indexing_slicing, reason = "tests")]

use super::list::heading as list_heading;
use super::list::list;
use super::panel::{Panel, heading};
use super::shape::{ChangeFilter, ChangePage, ChangeView, RuleRow};
use super::view::change;
use crate::samples::{HOSTILE, as_of, change as sample, change_of_author, html, reason, refused, row, words_of};
use gatehouse_domain::tone::Tone;
use leptos::prelude::Callback;

fn shown(view: &ChangeView) -> String {
    html(|| change(view, Panel::new(Callback::new(|()| ()))))
}

/// The opening tag of the button with this label.
fn button<'a>(html: &'a str, label: &str) -> &'a str {
    let end = html
        .find(&format!(">{label}"))
        .or_else(|| html.find(&format!("{label}<kbd")))
        .unwrap_or_else(|| panic_no(label, html));
    let start = html[..end].rfind("<button").unwrap_or_default();
    html[start..=end].split('>').next().unwrap_or_default()
}

fn panic_no(label: &str, html: &str) -> usize {
    unreachable!("no button {label} in {html}")
}

#[test]
fn the_panel_says_what_you_would_do() {
    let mut view = sample();
    assert_eq!(heading(&view), "You would fill Engineer 2");
    view.gate.seats[1].is_yours = false;
    assert_eq!(heading(&view), "You can approve this");
    assert_eq!(heading(&change_of_author()), "You cannot approve this");
    view.actions.approve = refused(&[("already_signed", "Your decision on this already stands.")]);
    assert_eq!(heading(&view), "You have decided");
    view.actions.approve = refused(&[("change_not_held", "This change is no longer held: it is released.")]);
    assert_eq!(heading(&view), "Nothing is left to decide");
}

#[test]
fn who_may_decide_has_buttons_words_and_a_comment() {
    let html = shown(&sample());
    assert!(!button(&html, "Approve").contains("disabled"), "{}", button(&html, "Approve"));
    assert!(!button(&html, "Reject").contains("disabled"));
    assert!(button(&html, "Withdraw").contains("disabled"));
    assert!(words_of(&html).contains("You have no standing decision on this to withdraw."));
    assert!(html.contains("<label for=\"comment\">Comment</label>") && html.contains("maxlength=\"2000\""));
}

#[test]
fn the_author_sees_disabled_buttons_and_every_reason_once() {
    let html = shown(&change_of_author());
    for label in ["Approve", "Reject", "Withdraw", "Close change"] {
        assert!(button(&html, label).contains("disabled"), "{label} is open to the author");
    }
    assert!(button(&html, "Approve").contains("aria-describedby=\"why-not\""));
    let words = words_of(&html);
    assert_eq!(words.matches("so you cannot approve it.").count(), 1, "said once, for approving and rejecting alike");
    assert_eq!(words.matches("You have no active security key.").count(), 1);
    assert!(!html.contains("id=\"comment\""), "nothing to comment for whoever can sign nothing");
}

#[test]
fn a_change_that_is_over_offers_nothing() {
    let mut view = sample();
    let over = refused(&[
        ("contributed", "You had a part in this change (author), so you cannot approve it."),
        ("change_not_held", "This change is no longer held: it is released."),
    ]);
    view.row.ended_at = Some(as_of());
    view.actions =
        super::shape::Actions { approve: over.clone(), reject: over.clone(), withdraw: over.clone(), close: over };
    let html = shown(&view);
    assert!(!html.contains("button-primary") && !html.contains("Why the gate is shut"), "{html}");
    assert!(words_of(&html).contains("This change is no longer held: it is released."));
    assert!(!words_of(&html).contains("You had a part"), "what stood in the way matters no more");
}

#[test]
fn a_fallen_approval_is_struck_through_with_its_cause() {
    let html = shown(&sample());
    let (_, after) = html.split_once("<s>").unwrap_or_default();
    let (struck, after) = after.split_once("</s>").unwrap_or_default();
    assert_eq!(words_of(struck), "Leela Menon");
    assert!(words_of(after).contains("The commit a41e07c replaced 77b02fe"), "{after}");
    assert_eq!(html.matches("<s>").count(), 1, "the standing one is not struck through");
}

#[test]
fn everything_that_is_signed_is_on_the_page() {
    let view = sample();
    let words = words_of(&shown(&view));
    for field in &view.subject {
        assert!(
            words.contains(&field.name) && words.contains(&field.value) && words.contains(&field.source),
            "{}",
            field.name
        );
    }
    assert!(words.contains(&view.subject_digest));
    for word in &view.six_words {
        assert!(words.contains(word), "{word}");
    }
}

#[test]
fn a_field_that_could_not_be_read_is_never_shown_as_fine() {
    let mut view = sample();
    view.subject.retain(|field| field.tone == Tone::Unknown);
    let html = shown(&view);
    assert!(html.contains("tone-unknown") && words_of(&html).contains("Unknown unreadable"), "{html}");
}

#[test]
fn every_reason_that_keeps_the_gate_shut_is_said() {
    let mut view = sample();
    view.gate.reasons = vec![
        reason("seat_empty", "Engineer 2 has not signed."),
        reason("field_unreadable", "Gatehouse could not read the base SHA."),
    ];
    let words = words_of(&shown(&view));
    assert!(words.contains("Engineer 2 has not signed.") && words.contains("could not read the base SHA"), "{words}");
}

#[test]
fn what_must_be_proved_is_shown_met_or_missing_with_its_remedy() {
    let mut view = sample();
    let words = words_of(&shown(&view));
    assert!(words.contains("1 of 3 missing") && words.contains("Proved Staging ran this very image"), "{words}");
    assert!(
        words.contains("Missing Tests cover at least 80 % of the lines The run left no coverage report."),
        "{words}"
    );
    assert!(words.contains("good until"), "{words}");
    assert!(!words.contains("An emergency may go out without it."), "staging is met");
    let mut wants: Vec<_> = view.decided.iter_mut().flat_map(|decided| &mut decided.wants).collect();
    wants[0].status.tone = Tone::Bad;
    wants[0].unmet = Some("Staging failed.".to_owned());
    wants[1].fresh_until = Some(as_of() - chrono::Duration::hours(1));
    let words = words_of(&shown(&view));
    assert!(words.contains("2 of 3 missing") && words.contains("An emergency may go out without it."), "{words}");
    assert!(words.contains("was good until"), "{words}");
    // What a report says is beside it, with its age and where it lies.
    assert!(words.contains("trivy it found nothing that counts") && shown(&view).contains("/artifacts/7"), "{words}");
}

#[test]
fn hostile_words_are_text_everywhere() {
    let mut view = sample();
    view.verdicts[0].said = Some(HOSTILE.to_owned());
    view.decided.iter_mut().flat_map(|it| &mut it.wants).for_each(|want| want.unmet = Some(HOSTILE.to_owned()));
    view.row.title = HOSTILE.to_owned();
    view.commits[0].title = HOSTILE.to_owned();
    view.commits[0].author = HOSTILE.to_owned();
    view.files[0].path = HOSTILE.to_owned();
    view.contributors[0].name = HOSTILE.to_owned();
    view.approvals[1].comment = Some(HOSTILE.to_owned());
    view.timeline[0].quote = Some(HOSTILE.to_owned());
    view.rollback.sentence = HOSTILE.to_owned();
    view.rollback.note = Some(HOSTILE.to_owned());
    view.origin.run_url = "javascript:alert(1)".to_owned();
    let html = shown(&view);
    assert!(!html.contains("<script"), "markup came through");
    assert!(!html.contains('\u{202E}') && !html.contains('\u{200B}'), "a hidden character came through");
    assert!(!html.contains("javascript:"), "a link that is a script came through");
    assert!(!html.contains(" style="), "an inline style, which the content security policy blocks");
}

#[test]
fn the_list_filters_without_javascript_and_pages_by_key() {
    let page = ChangePage {
        rows: vec![row()],
        next: Some("CHG-2026-000004".to_owned()),
        services: vec!["score-api".to_owned()],
        sees_habits: true,
        as_of: as_of(),
    };
    let filter = ChangeFilter { state: Some("held".to_owned()), service: None, after: None };
    let html = html(|| list(&page, &filter));
    assert!(html.contains("method=\"get\"") && html.contains("action=\"/changes\""), "{html}");
    assert!(html.contains("href=\"/changes?state=held&amp;after=CHG-2026-000004\""), "{html}");
    assert!(html.contains("value=\"held\" selected"), "{html}");
    assert_eq!(list_heading(&filter), "Held changes");
    assert_eq!(
        list_heading(&ChangeFilter { service: Some("score-api".to_owned()), ..filter }),
        "Held changes of score-api"
    );
}

#[test]
fn an_empty_list_says_why() {
    let page = ChangePage { rows: Vec::new(), next: None, services: Vec::new(), sees_habits: false, as_of: as_of() };
    let words = |filter: &ChangeFilter| words_of(&html(|| list(&page, filter)));
    assert!(words(&ChangeFilter::default()).contains("Gatehouse opens one when"));
    assert!(
        words(&ChangeFilter { state: Some("held".to_owned()), ..ChangeFilter::default() })
            .contains("No change is like that.")
    );
}

#[test]
fn the_page_says_which_path_matched_which_rule_and_what_nobody_could_tell() {
    let mut view = sample();
    let mut decided = view.decided.clone().unwrap_or_else(|| unreachable!("the sample was decided by a policy"));
    let paths = vec!["modules/eks/main.tf".to_owned(), HOSTILE.to_owned()];
    decided.rules.push(RuleRow { rule: "infrastructure".to_owned(), role: "Security".to_owned(), paths, more: 4 });
    decided.doubts = vec![format!("the submodule {HOSTILE} brings what another repository holds")];
    decided.fault = Some("it does not compile".to_owned());
    decided.freezes = vec!["until 2026-11-09T18:30:00Z (Diwali)".to_owned()];
    view.decided = Some(decided);
    let html = shown(&view);
    assert!(!html.contains("<script") && !html.contains('\u{202E}'), "a path came through as markup");
    let words = words_of(&html);
    for said in [
        "any production change Engineer whatever changes",
        "infrastructure Security modules/eks/main.tf",
        "and 4 more files",
        "Could not tell",
        "The policy gave no answer: it does not compile.",
        "Nothing goes out until 2026-11-09T18:30:00Z (Diwali)",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    view.decided = None;
    assert!(!shown(&view).contains("Why these signatures"), "a change from before says nothing");
}
