//! The service pages as words, from shapes.

use super::matrix::matrix;
use super::service::service;
use super::shape::*;
use crate::samples::{HOSTILE, as_of, before, html, person, words_of};
use crate::shape::Status;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::tone::Tone;

fn minutes_before(minutes: i64) -> DateTime<Utc> {
    before(Duration::minutes(minutes))
}

fn version() -> Version {
    Version {
        commit: Some("3f9c1d2a".repeat(5)),
        digest: Some(format!("sha256:{}", "9b".repeat(32))),
        image: "score-api@sha256".to_owned(),
        since: Some(minutes_before(90)),
        change: Some("CHG-2026-000123".to_owned()),
        by: vec![person("E-1001", "Asha Nair"), person("E-1003", HOSTILE)],
    }
}

fn cell(status: Status) -> Cell {
    Cell {
        status,
        why: None,
        version: Some(version()),
        replicas: Some((3, 3)),
        bounds: Some((3, 20)),
        incidents: 0,
        distance: None,
    }
}

fn row() -> ServiceRow {
    let healthy = || Status::new("Healthy", Tone::Ok);
    let ahead = Distance::Ahead { than: "staging".to_owned(), commits: 7, titles: vec![HOSTILE.to_owned()] };
    let broken = Cell {
        status: Status::new("Degraded", Tone::Bad),
        why: Some("1 of 3 pods is ready.".to_owned()),
        distance: Some(ahead),
        incidents: 1,
        ..cell(healthy())
    };
    let nothing =
        Cell { version: None, replicas: None, bounds: None, ..cell(Status::new("Not deployed", Tone::Neutral)) };
    ServiceRow {
        name: "score-api".to_owned(),
        team: "scoring".to_owned(),
        cells: vec![nothing, cell(healthy()), broken],
    }
}

fn whole() -> MatrixView {
    let head = |name: &str, trouble: Option<&str>| EnvironmentHead {
        name: name.to_owned(),
        shares: vec![(Status::new("Degraded", Tone::Bad), 1), (Status::new("Healthy", Tone::Ok), 6)],
        seen: Some(minutes_before(0)),
        trouble: trouble.map(str::to_owned),
    };
    MatrixView {
        environments: vec![
            head("dev", Some("The cluster refuses the token: renew it.")),
            head("staging", None),
            head("production", None),
        ],
        rows: vec![row()],
        next: Some("score-api".to_owned()),
        teams: vec!["platform".to_owned(), "scoring".to_owned()],
        total: 7,
        as_of: as_of(),
    }
}

#[test]
fn the_matrix_says_what_runs_where_and_how_far_apart() {
    let page = html(|| matrix(&whole(), &ServiceFilter::default()));
    let words = words_of(&page);
    for said in
        ["Degraded", "1 of 3 pods is ready.", "3 of 3 ready, scales 3 to 20", "CHG-2026-000123", "1 incident live"]
    {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(words.contains("7 commits ahead") && words.contains("and 6 more"), "{words}");
    assert!(words.contains("The cluster refuses the token: renew it."), "{words}");
    assert!(words.contains("1 degraded") && words.contains("6 healthy"), "{words}");
    assert!(!page.contains("<script>alert"), "a stranger's words became markup");
    assert!(page.contains("href=\"/services?after=score-api\""), "no way on");
}

#[test]
fn the_way_on_keeps_the_filter_and_an_empty_answer_says_why() {
    let filter =
        ServiceFilter { team: Some("scoring".to_owned()), sort: Some("trouble".to_owned()), ..Default::default() };
    let page = html(|| matrix(&whole(), &filter));
    assert!(page.contains("team=scoring&amp;sort=trouble&amp;after=score-api"), "{page}");
    let none = MatrixView { rows: vec![], next: None, ..whole() };
    assert!(words_of(&html(|| matrix(&none, &filter))).contains("No service is like that."));
    assert!(words_of(&html(|| matrix(&none, &ServiceFilter::default()))).contains("No service is configured."));
}

#[test]
fn a_build_that_only_a_tag_names_is_said_to_be_one() {
    let mut view = whole();
    if let Some(cell) = view.rows.get_mut(0).and_then(|row| row.cells.get_mut(2)) {
        cell.version = Some(Version { commit: None, digest: None, image: "score-api:latest".to_owned(), ..version() });
    }
    let page = html(|| matrix(&view, &ServiceFilter::default()));
    assert!(page.contains("score-api:latest") && page.contains("nobody can tell which build it is"), "{page}");
}

fn one() -> ServiceView {
    let event = |lane, minutes, what: &str| Event {
        at: minutes_before(minutes),
        lane,
        tone: Tone::Ok,
        actor: HOSTILE.to_owned(),
        what: what.to_owned(),
        href: Some("/changes/CHG-2026-000123".to_owned()),
    };
    ServiceView {
        row: row(),
        environments: ["dev", "staging", "production"].map(str::to_owned).to_vec(),
        repository: "altscore/services".to_owned(),
        repository_url: "https://github.com/altscore/services".to_owned(),
        catalog: Ok(CatalogView {
            owner: "scoring".to_owned(),
            description: Some(HOSTILE.to_owned()),
            lifecycle: Some("production".to_owned()),
            system: None,
            tier: Some("1".to_owned()),
            on_call: Some("PagerDuty service PSCORE1".to_owned()),
            links: vec![("Runbook".to_owned(), "https://runbooks.altscore.example/score-api".to_owned())],
            depends_on: vec!["scoring-engine".to_owned()],
        }),
        events: vec![event(Lane::Change, 5, "released it"), event(Lane::Incident, 3_000, "declared it")],
        from: minutes_before(20_160),
        pods: vec![PodRow {
            environment: "production".to_owned(),
            name: "score-api-5d9c7b-abcde".to_owned(),
            status: Status::new("Not ready", Tone::Bad),
            reason: Some("CrashLoopBackOff".to_owned()),
            restarts: 4,
            restarted: Some(minutes_before(3)),
            started: Some(minutes_before(60)),
            node: Some("ip-10-0-10-11".to_owned()),
        }],
        more_pods: 2,
        scaling: vec![ScalingView {
            environment: "production".to_owned(),
            bounds: (3, 20),
            metrics: vec![("cpu".to_owned(), Some(70), None)],
            curve: vec![(minutes_before(60), 3), (minutes_before(10), 5)],
        }],
        image: Some(ImageView {
            reference: "altscore/score-api@sha256:9b".to_owned(),
            pushed: Some(minutes_before(200)),
            scan: Status::new("Scanned", Tone::Ok),
            findings: vec![("CRITICAL".to_owned(), 1)],
            provenance: vec![(
                "Change".to_owned(),
                "CHG-2026-000123".to_owned(),
                Some("/changes/CHG-2026-000123".to_owned()),
            )],
        }),
        as_of: as_of(),
    }
}

#[test]
fn a_service_says_what_happened_who_stands_for_it_and_how_its_pods_are() {
    let page = html(|| service(&one()));
    let words = words_of(&page);
    for said in [
        "released it",
        "declared it",
        "PagerDuty service PSCORE1",
        "CrashLoopBackOff",
        "2 more pods are well",
        "1 critical",
        "3 to 20 pods",
        "not known, wanted 70 %",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(page.matches("class=\"line-mark").count(), 2, "each thing that happened is on the picture");
    assert!(page.contains("role=\"img\"") && page.contains("aria-label"), "a picture without words");
    assert!(!page.contains("<script>alert"), "a stranger's words became markup");
}

#[test]
fn what_is_not_known_of_a_service_is_said() {
    let bare = ServiceView {
        catalog: Err("GitHub does not give its catalogue file.".to_owned()),
        events: vec![],
        pods: vec![],
        scaling: vec![],
        image: None,
        ..one()
    };
    let words = words_of(&html(|| service(&bare)));
    for said in [
        "GitHub does not give its catalogue file.",
        "Nothing happened lately.",
        "No pod is known.",
        "Nothing scales it.",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}
