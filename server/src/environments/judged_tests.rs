//! The pages of environments over the real watches of the twin's clusters.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::{begin, parity, rails};
use crate::context::Context;
use crate::error::Error;
use crate::kube::watch::{ALL, Pace};
use crate::testing::TestPortal;
use gatehouse_app::environments::rails::shape::RailsView;
use gatehouse_domain::EnvironmentName;
use gatehouse_domain::environments::facts::Cluster;
use gatehouse_domain::environments::guard_rails::{Judged, Rail, Verdict};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use twin::ClusterId;

const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until what is seen of an environment is so.
async fn until(ctx: &Context, name: &str, what: &str, is_so: impl Fn(&Cluster) -> bool) -> Arc<Cluster> {
    let name: EnvironmentName = name.parse().unwrap();
    let wait = async {
        loop {
            match ctx.environments.snapshot(&name).filter(|it| is_so(it)) {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, wait).await;
    assert!(found.is_ok(), "never: {what}");
    found.unwrap()
}

fn is_known(cluster: &Cluster) -> bool {
    ALL.iter().all(|kind| cluster.reach(*kind).is_known())
}

fn judged(view: &RailsView, rail: Rail) -> Judged {
    view.rails.iter().find(|row| row.judged.rail == rail).unwrap().judged.clone()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

async fn lines(ctx: &Context, name: &str) -> Vec<String> {
    let view = rails(ctx, name).await.unwrap();
    let line = |it: &gatehouse_domain::environments::guard_rails::Finding| {
        format!("rail {} {} {}/{} {}", it.rail.code(), it.kind, it.name.namespace, it.name.name, it.field)
    };
    view.rails.iter().flat_map(|row| &row.judged.findings).map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_show_exactly_what_was_planted() {
    let portal = TestPortal::start().await;
    let ctx = &portal.ctx;
    let stop = CancellationToken::new();
    let _watches = begin(ctx, Pace::default(), &stop);
    for name in ["production", "staging", "dev"] {
        until(ctx, name, "every kind is known", is_known).await;
    }
    let view = parity(ctx, "staging").await.unwrap();
    let found = view.comparison.unwrap();
    assert_eq!(
        (found.left.as_str(), found.right.as_str(), found.stale.len(), view.more),
        ("staging", "production", 0, 0)
    );
    let differences =
        found.findings().map(|(aspect, it)| format!("parity {} {} {}", aspect.code(), it.object, it.field));
    let staging = lines(ctx, "staging").await.into_iter().chain(differences).collect();
    assert_eq!(sorted(staging), sorted(portal.twin.cluster(ClusterId::Staging).expected()));
    assert_eq!(sorted(lines(ctx, "dev").await), sorted(portal.twin.cluster(ClusterId::Development).expected()));
    assert_eq!(lines(ctx, "production").await, Vec::<String>::new());
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_on_the_page_and_a_silent_cluster_keeps_its_last_good_data() {
    let portal = TestPortal::start().await;
    let ctx = &portal.ctx;
    let unwatched = rails(ctx, "production").await.unwrap();
    assert!(unwatched.rails.is_empty() && unwatched.fault.unwrap().contains("does not watch"));
    assert!(parity(ctx, "staging").await.unwrap().fault.unwrap().contains("does not watch"));
    let stop = CancellationToken::new();
    let _watches = begin(ctx, Pace::default(), &stop);
    until(ctx, "production", "every kind is known", is_known).await;
    let patch = json!({ "spec": { "template": { "spec": { "hostNetwork": true } } } });
    assert!(portal.twin.kubernetes().patch("deployments.apps", "altscore-api", "score-api", &patch));
    let is_patched = |it: &Cluster| it.workloads.values().any(|it| it.template.host_network);
    until(ctx, "production", "the edit is seen", is_patched).await;
    let broken = judged(&rails(ctx, "production").await.unwrap(), Rail::NoHost);
    let finding = broken.findings.first().unwrap();
    assert_eq!((broken.verdict, &*finding.name.name, &*finding.field), (Verdict::Broken, "score-api", "hostNetwork"));
    portal.twin.kubernetes().set_unreachable(true);
    let is_silent = |it: &Cluster| ALL.iter().all(|kind| !it.reach(*kind).is_known());
    until(ctx, "production", "it is silent", is_silent).await;
    let silent = rails(ctx, "production").await.unwrap();
    let kept = judged(&silent, Rail::NoHost);
    assert!(kept.verdict == Verdict::Broken && !kept.gaps.is_empty() && kept.as_of.is_some(), "{kept:?}");
    assert_eq!(judged(&silent, Rail::Quota).verdict, Verdict::CouldNotTell);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found_and_what_mirrors_nothing_says_so() {
    let portal = TestPortal::start().await;
    assert!(matches!(rails(&portal.ctx, "nowhere").await, Err(Error::NotFound)));
    assert!(matches!(parity(&portal.ctx, "nowhere").await, Err(Error::NotFound)));
    let view = parity(&portal.ctx, "production").await.unwrap();
    assert!(view.comparison.is_none() && view.fault.unwrap().contains("declares nothing that production mirrors"));
}
