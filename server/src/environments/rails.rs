//! Does an environment keep the rails that it was promised to keep?

use crate::context::Context;
use crate::error::Error;
use gatehouse_app::environments::rails::shape::{RailRow, RailsView};
use gatehouse_app::shape::Status;
use gatehouse_domain::environments::facts::Cluster;
use gatehouse_domain::environments::guard_rails::{Judged, Registry, Report, Verdict, judge};
use gatehouse_domain::tone::Tone;

/// More findings of one rail than this are counted, not listed.
const LISTED: usize = 100;

/// The rails of the environment of this name.
///
/// # Errors
/// When there is no such environment, or the database does not answer.
pub async fn rails(ctx: &Context, name: &str) -> Result<RailsView, Error> {
    let place = ctx.config.places().into_iter().find(|it| it.name.as_str() == name).ok_or(Error::NotFound)?;
    let cluster = ctx.environments.snapshot(place.name);
    let (report, fault) = match judged(ctx, name, cluster.as_deref()) {
        Ok(report) => (report, None),
        Err(fault) => (Report { rails: Vec::new(), outside: Vec::new() }, Some(fault)),
    };
    let row = |mut judged: Judged| {
        let findings = judged.findings.len();
        judged.findings.truncate(LISTED);
        RailRow { judged, findings }
    };
    Ok(RailsView {
        environment: name.to_owned(),
        rails: report.rails.into_iter().map(row).collect(),
        outside: report.outside,
        fault,
        as_of: ctx.now(&mut *ctx.db.acquire().await?).await?,
    })
}

/// Every rail, or why none could be judged.
fn judged(ctx: &Context, name: &str, cluster: Option<&Cluster>) -> Result<Report, String> {
    let registry = Registry { account: ctx.config.aws.account.clone(), region: ctx.config.aws.region.clone() };
    match (ctx.policy.guard_rails(), cluster) {
        (Ok(rules), Some(cluster)) => Ok(judge(cluster, rules, &registry)),
        (Err(malformed), _) => Err(format!("{malformed}. Mend it beside the policy, and propose that.")),
        (_, None) => Err(not_watched(name)),
    }
}

/// The same in two words, for a page that has room for no more.
pub(super) fn in_short(ctx: &Context, name: &str, cluster: Option<&Cluster>) -> Status {
    let Ok(report) = judged(ctx, name, cluster) else { return Status::new("Could not tell", Tone::Unknown) };
    let all = |verdict| report.rails.iter().filter(|it| it.verdict == verdict).count();
    match (all(Verdict::Broken), all(Verdict::CouldNotTell)) {
        (0, 0) => Status::new("All kept", Tone::Ok),
        (0, unknown) => Status::new(&format!("{unknown} could not be told"), Tone::Unknown),
        (broken, _) => Status::new(&format!("{broken} broken"), Tone::Bad),
    }
}

pub(super) fn not_watched(name: &str) -> String {
    format!("This process does not watch the cluster of {name}. Name its token in the configuration's file.")
}
