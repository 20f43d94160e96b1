use super::shape::{ScopeView, TokenRow, TokenState, TokensView};
use super::view::{Tokens, heading, tokens};
use crate::samples::{HOSTILE, html, words_of};
use crate::shape::{Availability, PersonView};
use crate::ui::live::Progress;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::problem::ReasonView;
use leptos::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn token(name: &str, state: TokenState) -> TokenRow {
    TokenRow {
        id: "01890000-0000-7000-8000-0000000000ff".to_owned(),
        name: name.to_owned(),
        owner: PersonView { id: "E-1002".to_owned(), name: Some("Rohan Das".to_owned()) },
        scopes: vec!["changes:read".to_owned(), "audit:read".to_owned()],
        issued_at: now() - Duration::days(3),
        expires_at: now() + Duration::days(87),
        last_used_at: None,
        state,
    }
}

fn page(yours: Vec<TokenRow>, others: Vec<TokenRow>) -> TokensView {
    let scopes = vec![ScopeView { code: "changes:read".to_owned(), what: "Changes".to_owned() }];
    TokensView { yours, others, issue: Availability::default(), scopes, longest_days: 365, as_of: now() }
}

fn shown(view: &TokensView) -> String {
    html(|| {
        let page = Tokens {
            name: RwSignal::new(String::new()),
            scopes: RwSignal::new(Vec::new()),
            days: RwSignal::new(90),
            made: RwSignal::new(None),
            progress: RwSignal::new(Progress::Idle),
        };
        tokens(view, page, Callback::new(|_| {}))
    })
}

#[test]
fn the_heading_counts_the_tokens_that_read() {
    let ended = token("old", TokenState::Revoked { at: now(), by: None });
    assert_eq!(heading(&page(vec![ended.clone()], vec![])), "No machine reads in your name");
    let live = token("new", TokenState::Live);
    assert_eq!(heading(&page(vec![live.clone(), ended], vec![])), "One machine reads in your name");
    assert_eq!(heading(&page(vec![live.clone(), live], vec![])), "Two machines read in your name");
}

#[test]
fn a_live_token_can_be_ended_and_an_ended_one_says_so() {
    let html = shown(&page(vec![token("dash", TokenState::Live), token("old", TokenState::Expired)], vec![]));
    assert_eq!(html.matches("Revoke dash").count(), 1);
    assert!(!html.contains("Revoke old") && words_of(&html).contains("Expired"), "{html}");
}

#[test]
fn everybody_elses_are_there_for_security_only() {
    assert!(!shown(&page(vec![], vec![])).contains("for security"));
    let html = shown(&page(vec![], vec![token("theirs", TokenState::Live)]));
    assert!(html.contains("for security") && html.contains("Rohan Das"));
}

#[test]
fn who_may_not_issue_one_reads_why() {
    let reason = ReasonView { code: "no_key".to_owned(), sentence: "You have no active security key.".to_owned() };
    let html = shown(&TokensView { issue: Availability { reasons: vec![reason] }, ..page(vec![], vec![]) });
    assert!(words_of(&html).contains("You have no active security key."), "{html}");
}

#[test]
fn hostile_words_are_text() {
    let html = shown(&page(vec![token(HOSTILE, TokenState::Live)], vec![token(HOSTILE, TokenState::Live)]));
    assert!(!html.contains("<script") && !html.contains('\u{202E}'), "{html}");
}
