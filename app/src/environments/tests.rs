#![expect(clippy::indexing_slicing, reason = "tests")]

use super::shape::{AroundRow, EnvironmentCard, EnvironmentView, EnvironmentsView, GroupRow, KindRow, WorkloadRow};
use super::view::{environment, environments, heading};
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use crate::shape::Status;
use chrono::Duration;
use gatehouse_domain::tone::Tone;

fn card() -> EnvironmentCard {
    EnvironmentCard {
        name: "staging".to_owned(),
        gated: false,
        about: vec![("Region".to_owned(), "ap-south-1".to_owned())],
        watched: true,
        health: vec![(Status::new("Healthy", Tone::Ok), 11)],
        groups: vec![GroupRow {
            group: HOSTILE.to_owned(),
            nodes: 3,
            ready: 2,
            cordoned: 1,
            types: vec!["m7g.large".to_owned()],
        }],
        kinds: vec![KindRow {
            kind: "pods".to_owned(),
            status: Status::new("Live", Tone::Ok),
            as_of: Some(before(Duration::seconds(2))),
            trouble: None,
            poison: vec![],
            poisoned: 0,
        }],
    }
}

#[test]
fn the_list_says_what_is_well_and_what_cannot_be_seen() {
    let mut view = EnvironmentsView { environments: vec![card()], as_of: as_of() };
    let page = html(|| environments(&view));
    let words = words_of(&page);
    for said in ["Every environment is as it should be", "Only looked at", "11 Healthy", "2 of 3 ready", "1 cordoned"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(!page.contains("<script>alert"), "a cluster's words became markup");
    view.environments[0].kinds[0].trouble = Some("The cluster does not answer.".to_owned());
    view.environments[0].kinds[0].poison = vec![HOSTILE.to_owned()];
    view.environments[0].kinds[0].poisoned = 1;
    let page = html(|| environments(&view));
    assert!(words_of(&page).contains("The cluster does not answer.") && !page.contains("<script>alert"));
    assert_eq!(heading(&view), "1 environment to look at");
    view.environments[0].watched = false;
    assert!(words_of(&html(|| environments(&view))).contains("names no token"));
}

#[test]
fn one_environment_shows_its_workloads_and_where_the_next_page_begins() {
    let view = EnvironmentView {
        card: card(),
        workloads: vec![WorkloadRow {
            kind: "Deployment".to_owned(),
            namespace: "altscore-api".to_owned(),
            name: HOSTILE.to_owned(),
            health: Status::new("Degraded", Tone::Warn),
            why: "2 of 3 serve.".to_owned(),
            counts: (3, 2, 3),
            bounds: Some((2, 6)),
        }],
        total: 101,
        next: Some("deployments/a/b".to_owned()),
        around: vec![AroundRow {
            kind: "Certificate".to_owned(),
            namespace: "istio-system".to_owned(),
            name: "gateway".to_owned(),
            status: Status::new("Expired", Tone::Bad),
            words: HOSTILE.to_owned(),
        }],
        around_more: 7,
        rails: Status::new("2 broken", Tone::Bad),
        parity: Some(Status::new("5 differences", Tone::Warn)),
        as_of: as_of(),
    };
    let page = html(|| environment(&view));
    let words = words_of(&page);
    for said in [
        "Degraded",
        "2 of 3 serve.",
        "3 / 2 / 3",
        "2 to 6",
        "Next page",
        "Expired",
        "And 7 more",
        "Live",
        "2 broken",
        "5 differences",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(page.contains("/environments/staging?after=deployments%2Fa%2Fb"), "{page}");
    assert!(page.contains("/environments/staging/rails") && page.contains("/environments/staging/parity"));
    assert!(!page.contains("<script>alert"), "a cluster's words became markup");
}
