//! The matrix and the page of one service, from the twin's clusters, registry and GitHub.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{list, looks, show};
use crate::environments;
use crate::testing::TestPortal;
use gatehouse_app::services::shape::{Distance, Lane, MatrixView, ServiceFilter};
use gatehouse_domain::environments::facts::Kind;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use twin::ClusterId;

/// Watches every cluster until all that the pages need was read once.
async fn watched(portal: &TestPortal) -> CancellationToken {
    let stop = CancellationToken::new();
    let (contexts, context) = watch::channel(portal.ctx.clone());
    let until_stop = stop.clone();
    tokio::spawn(async move {
        environments::run(context, until_stop).await;
        drop(contexts);
    });
    until("every cluster is read", || {
        portal.ctx.config.places().iter().all(|it| {
            let held = portal.ctx.environments.snapshot(it.name);
            held.is_some_and(|held| {
                [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Scaler]
                    .iter()
                    .all(|kind| held.reach(*kind).is_known())
            })
        })
    })
    .await;
    stop
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), waits).await.is_ok(), "it never came to pass that {what}");
}

async fn matrix(portal: &TestPortal) -> MatrixView {
    list(&portal.ctx, ServiceFilter::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn before_any_cluster_was_heard_nothing_is_well() {
    let portal = TestPortal::start().await;
    let view = matrix(&portal).await;
    let names: Vec<&str> = view.environments.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["dev", "staging", "production"], "code moves from left to right");
    assert!(view.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.status.word == "Not known"), "{view:?}");
    assert_eq!(view.total, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_says_what_runs_there_and_how_far_its_neighbour_is_ahead() {
    let portal = TestPortal::start().await;
    let stop = watched(&portal).await;
    let before = matrix(&portal).await;
    let row = before.rows.iter().find(|row| row.name == "score-api").unwrap();
    assert!(row.cells.iter().all(|cell| cell.version.as_ref().unwrap().commit.is_none()), "a commit that nobody told");
    assert!(matches!(row.cells[2].distance, Some(Distance::Unknown { .. })));
    // As many rounds as it takes at so many questions a round.
    for _ in 0..4 {
        looks::round(&portal.ctx).await;
    }
    let view = matrix(&portal).await;
    let row = view.rows.iter().find(|row| row.name == "score-api").unwrap();
    for cell in &row.cells {
        assert_eq!(cell.status.word, "Healthy", "{cell:?}");
        let version = cell.version.as_ref().unwrap();
        assert!(version.commit.is_some() && version.digest.is_some() && version.since.is_some(), "{version:?}");
    }
    assert_eq!(row.cells[2].bounds, Some((3, 20)));
    assert!(!row.cells.iter().any(|cell| matches!(cell.distance, Some(Distance::Unknown { .. }))), "{row:?}");
    let healthy = view.environments.iter().map(|head| head.shares.iter().map(|(_, n)| n).sum::<u32>());
    assert_eq!(healthy.collect::<Vec<_>>(), [7, 7, 7]);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_comes_first_when_asked_and_a_cluster_that_is_away_leaves_nothing_well() {
    let portal = TestPortal::start().await;
    let stop = watched(&portal).await;
    let production = portal.twin.kubernetes();
    assert!(production.poison("deployments.apps", "altscore-api", "notification-service"));
    let name = portal.ctx.config.environments[0].name.clone();
    until("the trouble is seen", || {
        portal.ctx.environments.snapshot(&name).unwrap().reach(Kind::Deployment).poisoned == 1
    })
    .await;
    let filter = ServiceFilter { sort: Some("trouble".to_owned()), ..ServiceFilter::default() };
    let view = list(&portal.ctx, filter).await.unwrap();
    assert_eq!(view.rows[0].name, "notification-service");
    assert_eq!(view.rows[0].cells[2].status.word, "Not known", "what cannot be read is not shown as not deployed");
    production.set_unreachable(true);
    until("it is away", || portal.ctx.environments.snapshot(&name).unwrap().reach(Kind::Deployment).trouble.is_some())
        .await;
    let view = matrix(&portal).await;
    for row in &view.rows {
        assert_eq!(row.cells[2].status.word, "Not known", "{row:?}");
        assert!(row.cells[2].why.as_ref().unwrap().contains("does not answer"));
        assert_eq!(row.cells[1].status.word, "Healthy", "staging is not production");
    }
    assert!(view.environments[2].trouble.is_some() && view.environments[2].seen.is_some());
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_pages_lose_and_double_nothing() {
    let portal = TestPortal::start().await;
    let whole = matrix(&portal).await;
    let team = ServiceFilter { team: Some("scoring".to_owned()), ..ServiceFilter::default() };
    let scoring = list(&portal.ctx, team).await.unwrap();
    assert_eq!(scoring.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["score-api", "scoring-engine"]);
    let part = ServiceFilter { q: Some("SCOR".to_owned()), ..ServiceFilter::default() };
    assert_eq!(list(&portal.ctx, part).await.unwrap().rows.len(), 2);
    let after = ServiceFilter { after: Some(whole.rows[2].name.clone()), ..ServiceFilter::default() };
    let rest = list(&portal.ctx, after).await.unwrap();
    assert_eq!(rest.rows.first(), whole.rows.get(3));
    assert_eq!(rest.rows.len() + 3, whole.rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_says_what_happened_who_stands_for_it_and_how_its_pods_are() {
    let portal = TestPortal::start().await;
    let stop = watched(&portal).await;
    for _ in 0..4 {
        looks::round(&portal.ctx).await;
    }
    let pods = portal.twin.kubernetes().names("pods", "altscore-api");
    let pod = pods.iter().find(|name| name.starts_with("score-api-")).unwrap().clone();
    assert!(portal.twin.kubernetes().touch_pod("altscore-api", &pod, 4));
    let name = portal.ctx.config.environments[0].name.clone();
    until("the restarts are seen", || {
        portal.ctx.environments.snapshot(&name).unwrap().pods.values().any(|pod| pod.restarts == 4)
    })
    .await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    for delivery in portal.twin.github().build_told(run).unwrap() {
        portal.deliver(&delivery).await;
    }
    portal.run_jobs().await;
    let view = show(&portal.ctx, "score-api").await.unwrap();
    let ran: Vec<_> = view.events.iter().filter(|event| event.lane == Lane::Run).collect();
    assert!(
        matches!(&ran[..], [it] if it.actor == "rohandas" && it.href.as_deref() == Some(&*format!("/pipelines/{run}"))),
        "{ran:?}"
    );
    let catalog = view.catalog.unwrap();
    assert_eq!((catalog.owner.as_str(), catalog.tier.as_deref()), ("scoring", Some("1")));
    assert!(catalog.links.iter().any(|(title, _)| title == "Runbook"));
    assert!(view.pods.iter().any(|row| row.name == pod && row.restarts == 4));
    assert!(view.pods.iter().all(|row| row.name.starts_with("score-api-")), "another service's pod");
    let image = view.image.unwrap();
    assert!(image.reference.contains("@sha256:") && image.pushed.is_some(), "{image:?}");
    assert_eq!(image.scan.word, "Scanned");
    assert_eq!(view.scaling.len(), 3);
    let curve = &view.scaling.iter().find(|it| it.environment == "production").unwrap().curve;
    assert_eq!(curve.iter().map(|(_, pods)| *pods).collect::<Vec<_>>(), [3], "one step for as long as nothing changes");
    // One team has no catalogue file, and the page says so.
    let bare = show(&portal.ctx, "audit-service").await.unwrap();
    assert_eq!(bare.catalog.unwrap_err(), "Its repository has no catalog-info.yaml.");
    assert!(matches!(show(&portal.ctx, "no-such").await, Err(crate::error::Error::NotFound)));
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn staging_that_runs_something_newer_is_said_to_be_ahead() {
    let portal = TestPortal::start().await;
    let stop = watched(&portal).await;
    for _ in 0..4 {
        looks::round(&portal.ctx).await;
    }
    let view = matrix(&portal).await;
    // The twin's week: production lags where a run waits for its approval.
    let ahead =
        view.rows.iter().flat_map(|row| &row.cells).any(|cell| matches!(cell.distance, Some(Distance::Ahead { .. })));
    let level = view.rows.iter().flat_map(|row| &row.cells).any(|cell| matches!(cell.distance, Some(Distance::Level)));
    assert!(ahead || level, "{view:?}");
    let staging = portal.twin.cluster(ClusterId::Staging).image("altscore-api", "score-api", "score-api").unwrap();
    let production = portal.twin.kubernetes().image("altscore-api", "score-api", "score-api").unwrap();
    let row = view.rows.iter().find(|row| row.name == "score-api").unwrap();
    let is_right = match (&row.cells[2].distance, staging == production) {
        (Some(Distance::Level), true) => true,
        (Some(Distance::Ahead { commits, titles, .. }), false) => *commits > 0 && !titles.is_empty(),
        _ => false,
    };
    assert!(is_right, "{:?}", row.cells[2].distance);
    stop.cancel();
}
