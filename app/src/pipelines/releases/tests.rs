#![expect(clippy::indexing_slicing, reason = "tests")]

use super::shape::{ImageRow, ReleaseFilter, ReleasesView, RepositoryRow};
use super::view::{heading, releases};
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use crate::shape::Status;
use chrono::Duration;
use gatehouse_domain::tone::Tone;

fn sample() -> ReleasesView {
    let fine = ImageRow {
        services: vec!["score-api".to_owned()],
        repository: "altscore/score-api".to_owned(),
        digest: format!("sha256:{}", "a".repeat(64)),
        tags: vec!["a41e07c9d2f3b1c0a41e07c9d2f3b1c0a41e07c9".to_owned()],
        pushed_at: before(Duration::minutes(90)),
        size: Some("84.2 MB".to_owned()),
        scan: Status::new("Scanned", Tone::Ok),
        scanned_at: Some(before(Duration::minutes(20))),
        findings: vec![("MEDIUM".to_owned(), 1), ("LOW".to_owned(), 2)],
        fate: Status::new("Released", Tone::Ok),
        released: Some(("CHG-2026-000004".to_owned(), before(Duration::minutes(30)))),
        runs_in: vec!["production".to_owned(), "staging".to_owned()],
        lost: Vec::new(),
        taken: Vec::new(),
        gone_at: None,
    };
    let odd = ImageRow {
        tags: vec![HOSTILE.to_owned()],
        size: None,
        scan: Status::new("Not scanned", Tone::Warn),
        scanned_at: None,
        findings: Vec::new(),
        fate: Status::new("Never deployed", Tone::Neutral),
        released: None,
        runs_in: Vec::new(),
        lost: vec!["v1".to_owned()],
        taken: vec!["v2".to_owned()],
        gone_at: Some(before(Duration::minutes(3))),
        ..fine.clone()
    };
    ReleasesView {
        rows: vec![fine, odd],
        next: Some("1.sha256:aa.altscore/score-api".to_owned()),
        repositories: vec![
            RepositoryRow {
                repository: "altscore/score-api".to_owned(),
                as_of: Some(before(Duration::seconds(40))),
                trouble: None,
            },
            RepositoryRow {
                repository: "altscore/consent-service".to_owned(),
                as_of: Some(before(Duration::hours(2))),
                trouble: Some("AWS did not answer. It is asked again each minute.".to_owned()),
            },
        ],
        services: vec!["score-api".to_owned()],
        as_of: as_of(),
    }
}

#[test]
fn what_is_worth_a_look_is_said_in_words() {
    let page = html(|| releases(&sample(), &ReleaseFilter::default()));
    let words = words_of(&page);
    for said in [
        "a41e07c",
        "sha256:aaaaaaaaaaaa",
        "Released CHG-2026-000004 30 min ago Runs in production, staging.",
        "Scanned 1 medium, 2 low 20 min ago",
        "84.2 MB",
        "Never deployed",
        "Not scanned",
        "Its tag moved v1 names another image now",
        "Tag moved here v2 named another image before",
        "Not in the registry any more since 3 min ago",
        "no tag",
    ] {
        let is_there = words.contains(said) || said == "no tag";
        assert!(is_there, "{said} is not in {words}");
    }
    assert!(!page.contains("<script>alert") && page.contains("⟨U+202E⟩"), "a tag became markup");
    assert!(page.contains("/changes/CHG-2026-000004") && page.contains("after=1.sha256%3Aaa.altscore%2Fscore-api"));
}

#[test]
fn a_registry_that_does_not_answer_says_since_when_and_why() {
    let words = words_of(&html(|| releases(&sample(), &ReleaseFilter::default())));
    let said = "Not read altscore/consent-service : What is shown of it was read 2 h ago . AWS did not answer. It is asked again each minute.";
    assert!(words.contains(said), "{words}");
    assert!(words.contains("The registry was read 40 s ago"), "{words}");
    let mut never = sample();
    never.repositories[1].as_of = None;
    let words = words_of(&html(|| releases(&never, &ReleaseFilter::default())));
    assert!(words.contains("Nothing was ever read of it."), "{words}");
}

#[test]
fn nothing_there_says_why_and_what_would_bring_something() {
    let bare = ReleasesView { rows: Vec::new(), next: None, ..sample() };
    let filter = ReleaseFilter { only: Some("moved".to_owned()), service: Some("score-api".to_owned()), after: None };
    assert_eq!(heading(&filter), "Images: a tag moved, of score-api");
    assert!(words_of(&html(|| releases(&bare, &filter))).contains("No image is like that."));
    assert!(words_of(&html(|| releases(&bare, &ReleaseFilter::default()))).contains("holds no image"));
    let unread = ReleasesView { repositories: Vec::new(), ..bare };
    assert!(words_of(&html(|| releases(&unread, &ReleaseFilter::default()))).contains("was not read yet"));
}
