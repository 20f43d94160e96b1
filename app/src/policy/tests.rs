use super::shape::{
    DifferenceRow, DifferenceView, FileDifferenceView, HistoryRow, LineView, PolicyFile, PolicyView, ProposalView,
    ValueRow,
};
use super::view::{heading, policy};
use crate::samples::{HOSTILE, html, words_of};
use crate::shape::Availability;
use crate::ui::live::Progress;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::problem::ReasonView;
use leptos::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn page() -> PolicyView {
    let since = now() - Duration::days(3);
    PolicyView {
        digest: "a".repeat(64),
        six_words: ["abandon"; 6].map(str::to_owned).to_vec(),
        since,
        number: Some("CHG-2026-000007".to_owned()),
        policy_digest: "b".repeat(64),
        fault: None,
        files: vec![PolicyFile { name: "gatehouse.rego".to_owned(), text: "package gatehouse.promotion\n".to_owned() }],
        values: vec![ValueRow { place: "roles.dpo".to_owned(), value: "altscore-dpo".to_owned() }],
        proposal: None,
        file_fault: None,
        history: vec![HistoryRow { digest: "a".repeat(64), since, number: Some("CHG-2026-000007".to_owned()) }],
        as_of: now(),
    }
}

fn proposal(text: &str) -> ProposalView {
    ProposalView {
        digest: "c".repeat(64),
        six_words: ["zoo"; 6].map(str::to_owned).to_vec(),
        difference: DifferenceView {
            rows: vec![DifferenceRow {
                place: "admitted.E-1.roles".to_owned(),
                before: None,
                after: Some(text.to_owned()),
            }],
            files: vec![FileDifferenceView {
                name: "gatehouse.rego".to_owned(),
                lines: vec![
                    LineView::Same("x".to_owned()),
                    LineView::Gone("seats: 2".to_owned()),
                    LineView::New(text.to_owned()),
                ],
                cut: true,
            }],
        },
        number: None,
        propose: Availability::default(),
    }
}

fn shown(view: &PolicyView) -> String {
    html(|| policy(view, RwSignal::new(Progress::Idle), Callback::new(|_| {})))
}

#[test]
fn the_heading_says_what_is_the_case() {
    let with = |proposal| PolicyView { proposal: Some(proposal), ..page() };
    assert_eq!(heading(&page()), "The rules in force are the ones in the file");
    assert_eq!(heading(&with(proposal("x"))), "A file says something else than what is in force");
    let number = Some("CHG-2026-000008".to_owned());
    let open = with(ProposalView { number, ..proposal("x") });
    assert_eq!(heading(&open), "Other rules wait for everybody’s signature");
    let failed = PolicyView { fault: Some("it does not compile".to_owned()), ..page() };
    assert_eq!(heading(&failed), "The policy gives no answer: every gate is shut");
}

#[test]
fn what_is_in_force_can_be_read_without_javascript() {
    let html = shown(&page());
    for told in ["CHG-2026-000007", "package gatehouse.promotion", "altscore-dpo", "3 d ago", &"a".repeat(64)] {
        assert!(html.contains(told), "{told}: {html}");
    }
    assert!(!html.contains(">Propose<"), "nothing is proposed");
    let adopted = PolicyView { number: None, ..page() };
    assert!(words_of(&shown(&adopted)).contains("adopted, without signatures"));
}

#[test]
fn what_differs_stands_beside_the_button_that_proposes_it() {
    let view = PolicyView { proposal: Some(proposal("engineer")), ..page() };
    let words = words_of(&shown(&view));
    for told in ["admitted.E-1.roles", "Added", "not there", "− seats: 2", "+ engineer", "More lines differ", "Propose"]
    {
        assert!(words.contains(told), "{told}: {words}");
    }
}

#[test]
fn who_may_not_propose_reads_why_and_what_is_proposed_already_leads_there() {
    let reason = ReasonView { code: "proposal_locks_out".to_owned(), sentence: "Nobody could sign.".to_owned() };
    let refused = ProposalView { propose: Availability { reasons: vec![reason] }, ..proposal("x") };
    let html = shown(&PolicyView { proposal: Some(refused), ..page() });
    assert!(words_of(&html).contains("Nobody could sign.") && html.contains("disabled"), "{html}");
    let open = ProposalView { number: Some("CHG-2026-000008".to_owned()), ..proposal("x") };
    let html = shown(&PolicyView { proposal: Some(open), ..page() });
    assert!(html.contains("/changes/CHG-2026-000008") && !html.contains(">Propose<"), "{html}");
}

#[test]
fn hostile_words_are_text() {
    let mut view = PolicyView { proposal: Some(proposal(HOSTILE)), file_fault: Some(HOSTILE.to_owned()), ..page() };
    view.files.push(PolicyFile { name: HOSTILE.to_owned(), text: HOSTILE.to_owned() });
    view.values.push(ValueRow { place: HOSTILE.to_owned(), value: HOSTILE.to_owned() });
    let html = shown(&view);
    assert!(!html.contains("<script") && !html.contains('\u{202E}'), "{html}");
}
