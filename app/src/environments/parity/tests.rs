#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::shape::ParityView;
use super::view::{heading, parity};
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use chrono::Duration;
use gatehouse_domain::environments::Gap;
use gatehouse_domain::environments::facts::Kind;
use gatehouse_domain::environments::parity::{
    Aspect, Compared, Comparison, Declaration, Difference, Explained, Side, Stale, Verdict, Why,
};

const OURS: &str = include_str!("../../../../policies/parity.json");

fn difference(object: &str, field: &str, left: Option<&str>, right: Option<&str>) -> Difference {
    let (left, right) = (left.map(str::to_owned), right.map(str::to_owned));
    Difference { object: object.to_owned(), field: field.to_owned(), left, right, explained: None, expired: None }
}

fn why(words: &str) -> Why {
    Why { why: words.to_owned(), until: "2027-11-30".parse().unwrap() }
}

fn aspect(aspect: Aspect, verdict: Verdict, differences: Vec<Difference>) -> Compared {
    let as_of = Some(before(Duration::seconds(20)));
    Compared { aspect, verdict, differences, objects: 3, as_of, gaps: Vec::new() }
}

fn sample() -> ParityView {
    let mut expired = difference("altscore-api/x", "spec", None, Some("there"));
    expired.expired = Some(why("It was being moved."));
    let mut explained =
        difference("altscore-api/score-api", "ENVIRONMENT", Some(&format!("sha256:{}", "5".repeat(64))), None);
    explained.explained = Some(why("It is its own name."));
    let mut blind = aspect(Aspect::Mtls, Verdict::CouldNotTell, Vec::new());
    let refused = "The token may not list them. Let it.".to_owned();
    blind.gaps = vec![(Side::Right, Gap { kind: Kind::PeerAuthentication, as_of: None, why: refused })];
    let stale = Explained {
        between: ("staging".to_owned(), "production".to_owned()),
        aspect: Aspect::Quotas,
        object: "a/b".to_owned(),
        field: "*".to_owned(),
        left: None,
        right: None,
        why: "Long ago.".to_owned(),
        until: "2025-01-01".parse().unwrap(),
    };
    let comparison = Comparison {
        left: "staging".to_owned(),
        right: "production".to_owned(),
        aspects: vec![
            aspect(
                Aspect::InstanceTypes,
                Verdict::Differs,
                vec![
                    difference("api-nodes", "instance types", Some("c6i.large"), Some("c6i.xlarge")),
                    difference(HOSTILE, HOSTILE, Some(HOSTILE), None),
                ],
            ),
            aspect(Aspect::Config, Verdict::Explained, vec![explained]),
            aspect(Aspect::NetworkPolicies, Verdict::Differs, vec![expired]),
            blind,
            aspect(Aspect::Probes, Verdict::Equal, Vec::new()),
        ],
        left_out: Declaration::parse(OURS).unwrap().left_out().to_vec(),
        stale: vec![Stale { explained: stale, is_over: true }],
    };
    ParityView { environment: "staging".to_owned(), comparison: Some(comparison), more: 0, fault: None, as_of: as_of() }
}

/// Without its spaces: where a tag ends is not what is looked at.
fn solid(words: &str) -> String {
    words.split_whitespace().collect()
}

#[test]
fn differences_stand_side_by_side_and_explained_ones_are_folded_with_their_why() {
    let page = html(|| parity(&sample()));
    let words = words_of(&page);
    for said in [
        "Staging differs from production in three places",
        "api-nodes instance types c6i.large c6i.xlarge",
        "It was being moved. ( explained until 2027-11-30 )",
        "1 difference is explained",
        "sha256:55555555… not set",
        "It is its own name. ( until 2027-11-30 )",
        "Could not tell mTLS 3 objects , as of 20 s ago Production Could not tell PeerAuthentications : The token may not list them. Let it.",
        "Equal Probes",
        "Expired Quotas , a/b * : Long ago. (until 2025-01-01 )",
        "Which version runs : Staging runs what is merged",
    ] {
        assert!(solid(&words).contains(&solid(said)), "{said} is not in {words}");
    }
    let (before_folding, folded) = page.split_once("<details class=\"explained\">").unwrap();
    assert!(folded.contains("It is its own name.") && !before_folding.contains("It is its own name."));
    assert!(!page.contains("<script>alert") && !page.contains("style="), "{page}");
}

#[test]
fn the_heading_says_no_more_than_is_known() {
    let mut view = sample();
    let comparison = view.comparison.as_mut().unwrap();
    comparison.aspects.retain(|it| it.verdict != Verdict::Differs);
    assert_eq!(heading(&view), "Whether staging mirrors production could not wholly be told");
    view.comparison.as_mut().unwrap().aspects.retain(|it| it.gaps.is_empty());
    assert_eq!(heading(&view), "Staging mirrors production");
    let words = words_of(&html(|| parity(&view)));
    assert!(words.contains("Nothing differs that nobody explained."), "{words}");
    view.comparison.as_mut().unwrap().aspects[0].differences[0].explained = None;
    assert_eq!(heading(&view), "Staging differs from production in one place");
}

#[test]
fn what_mirrors_nothing_says_so() {
    let fault = Some("Nothing declares what dev mirrors.".to_owned());
    let view = ParityView { environment: "dev".to_owned(), comparison: None, fault, ..sample() };
    let words = words_of(&html(|| parity(&view)));
    assert!(
        words.contains("What dev mirrors could not be told Could not tell Nothing declares what dev mirrors."),
        "{words}"
    );
}
