use super::shape::{RailRow, RailsView};
use super::view::{heading, rails};
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use chrono::Duration;
use gatehouse_domain::environments::Gap;
use gatehouse_domain::environments::facts::{Kind, Name};
use gatehouse_domain::environments::guard_rails::{Finding, Judged, Outside, Rail, Verdict};
use gatehouse_domain::tone::Tone;

fn row(rail: Rail, verdict: Verdict) -> RailRow {
    let as_of = Some(before(Duration::seconds(30)));
    let judged = Judged { rail, verdict, findings: Vec::new(), looked_at: 14, as_of, gaps: Vec::new() };
    RailRow { judged, findings: 0 }
}

fn finding(rail: Rail, name: &str, tone: Tone) -> Finding {
    Finding {
        rail,
        kind: "Deployment".to_owned(),
        name: Name { namespace: "altscore-api".into(), name: name.into() },
        field: "containers[api].securityContext.readOnlyRootFilesystem".to_owned(),
        evidence: format!("Container api may write: {HOSTILE}."),
        pods: 2,
        seen: Some(before(Duration::minutes(4))),
        tone,
    }
}

fn sample() -> RailsView {
    let mut broken = row(Rail::ReadOnlyRoot, Verdict::Broken);
    broken.findings = 3;
    broken.judged.findings = vec![finding(Rail::ReadOnlyRoot, "admin-service", Tone::Bad)];
    let mut blind = row(Rail::StrictMtls, Verdict::CouldNotTell);
    blind.judged.as_of = None;
    let why = "The token may not list them. Let it.".to_owned();
    blind.judged.gaps = vec![Gap { kind: Kind::PeerAuthentication, as_of: Some(before(Duration::hours(1))), why }];
    RailsView {
        environment: "staging".to_owned(),
        rails: vec![row(Rail::Quota, Verdict::Held), broken, blind],
        outside: vec![Outside { namespace: "kube-system".to_owned(), why: "EKS runs it.".to_owned(), pods: 8 }],
        fault: None,
        as_of: as_of(),
    }
}

/// Without its spaces: where a tag ends is not what is looked at.
fn solid(words: &str) -> String {
    words.split_whitespace().collect()
}

#[test]
fn each_rail_says_its_verdict_its_evidence_and_when() {
    let page = html(|| rails(&sample()));
    let words = words_of(&page);
    for said in [
        "One rail of staging is broken",
        "Held Every namespace has a quota 14 objects looked at , as of 30 s ago",
        "Broken Root filesystems are read-only 3 findings ,",
        "Deployment altscore-api/admin-service containers[api].securityContext.readOnlyRootFilesystem",
        "2 pods run so. Last seen 4 min ago .",
        "And 2 more.",
        "Could not tell Nothing in the mesh takes plain traffic 14 objects looked at , never read whole",
        "Could not tell PeerAuthentications : The token may not list them. Let it. What is known was read 1 h ago .",
        "kube-system , 8 pods : EKS runs it.",
    ] {
        assert!(solid(&words).contains(&solid(said)), "{said} is not in {words}");
    }
    assert!(page.contains("<details open class=\"rail-evidence\"") && !page.contains("<script>alert"), "{page}");
}

#[test]
fn the_heading_says_no_more_than_is_known() {
    let with = |rails: Vec<RailRow>| heading(&RailsView { rails, ..sample() });
    let (held, blind) = (row(Rail::Quota, Verdict::Held), row(Rail::Images, Verdict::CouldNotTell));
    let broken = row(Rail::NoHost, Verdict::Broken);
    assert_eq!(with(vec![held.clone()]), "Staging keeps every rail");
    assert_eq!(with(vec![held, blind.clone()]), "One of staging's rails could not be judged");
    assert_eq!(with(vec![broken.clone(), broken, blind]), "Two rails of staging are broken");
    assert_eq!(with(Vec::new()), "Whether staging keeps its rails could not be told");
}

#[test]
fn a_list_that_cannot_be_read_judges_nothing() {
    let fault = Some("guard-rails.json cannot be read: it is empty".to_owned());
    let words = words_of(&html(|| rails(&RailsView { rails: Vec::new(), fault, ..sample() })));
    assert!(words.contains("Could not tell guard-rails.json cannot be read: it is empty"), "{words}");
    assert!(!words.contains("Held"), "{words}");
}
