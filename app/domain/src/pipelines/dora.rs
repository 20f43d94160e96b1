//! The five figures of DORA, as dora.dev/guides/dora-metrics describes them since 2026, from what is known here.
//!
//! | figure | here |
//! |---|---|
//! | change lead time | from a commit's run to the end of its production job: the middle one |
//! | deployment frequency | production jobs that passed, a week |
//! | failed deployment recovery time | from the end of a failed deployment's production job to what made it good: the middle one |
//! | change fail rate | failed deployments of all |
//! | deployment rework rate | deployments that nobody planned, of all: through the emergency lane, or back to a version of before |
//!
//! A deployment failed when its version was marked as one that nobody returns to, when the next one led back, or when an
//! incident was declared within [`BLAMED`] after it and no other deployment of the service came between. It was made good
//! by the next deployment that led back or came through the emergency lane, or when the incident was closed, whichever
//! came first; until then it counts as failed, and in no recovery time. A roll-out that failed never was in production:
//! it is no deployment.
//!
//! A figure of too few is none: [`Figure::TooFew`] says how many there are. Nothing here is a zero that means *not known*.

use crate::ids::{ChangeNumber, IncidentId, RunId};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long after a deployment an incident is put down to it.
pub const BLAMED: Duration = Duration::hours(24);
/// Fewer releases than this say nothing about a habit.
pub const FEW: usize = 5;
/// Fewer recoveries than this say nothing; failures are rarer.
pub const FEW_RECOVERIES: usize = 3;

/// What a deployment was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What people planned.
    Planned,
    /// Through the emergency lane.
    Emergency,
    /// Back to a version of before.
    GoingBack,
}

/// One time that something came to production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The run that did it.
    pub run: RunId,
    /// The change that let it.
    pub number: Option<ChangeNumber>,
    /// Of what.
    pub service: String,
    /// When its run was made: when its commit came.
    pub committed_at: DateTime<Utc>,
    /// When its production job ended.
    pub deployed_at: DateTime<Utc>,
    /// What for.
    pub kind: Kind,
    /// Nobody returns to its version.
    pub is_marked: bool,
}

/// Something that was wrong in production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Which incident.
    pub incident: IncidentId,
    /// What it concerned.
    pub services: Vec<String>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// When it was over.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Why a deployment counts as failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Its version was marked.
    Marked,
    /// The next one led back.
    WentBack,
    /// An incident followed.
    Incident(IncidentId),
}

/// A deployment that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which: its place in the list.
    pub deployment: usize,
    /// Why.
    pub causes: Vec<Cause>,
    /// When it was made good.
    pub recovered_at: Option<DateTime<Utc>>,
}

/// A figure, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure<T> {
    /// So much.
    Known(T),
    /// So many are too few to say.
    TooFew(usize),
}

impl<T> Figure<T> {
    /// The same in another unit.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Figure<U> {
        match self {
            Self::Known(known) => Figure::Known(to(known)),
            Self::TooFew(count) => Figure::TooFew(count),
        }
    }
}

/// The five, for one service or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// How many deployments there were.
    pub deployments: usize,
    /// From commit to production.
    pub lead_time: Figure<Duration>,
    /// A hundred times how many a week.
    pub per_week_hundredths: Figure<u64>,
    /// From failed to made good.
    pub recovery_time: Figure<Duration>,
    /// How many failed, of how many.
    pub fail_rate: Figure<(usize, usize)>,
    /// How many nobody planned, of how many.
    pub rework_rate: Figure<(usize, usize)>,
}

/// Which of these failed, oldest first. `deployments` in any order.
#[must_use]
pub fn failures(deployments: &[Deployment], troubles: &[Trouble]) -> Vec<Failure> {
    let mut by_service: BTreeMap<&str, Vec<(usize, &Deployment)>> = BTreeMap::new();
    for (index, one) in deployments.iter().enumerate() {
        by_service.entry(one.service.as_str()).or_default().push((index, one));
    }
    let mut failures = Vec::new();
    for line in by_service.values_mut() {
        line.sort_by_key(|(_, one)| (one.deployed_at, one.run));
        for (place, (index, one)) in line.iter().enumerate() {
            let later = line.get(place + 1..).unwrap_or_default();
            if let Some((causes, recovered_at)) = failure(one, later, troubles) {
                failures.push(Failure { deployment: *index, causes, recovered_at });
            }
        }
    }
    failures.sort_by_key(|failure| deployments.get(failure.deployment).map(|one| (one.deployed_at, one.run)));
    failures
}

type Failed = (Vec<Cause>, Option<DateTime<Utc>>);

fn failure(one: &Deployment, later: &[(usize, &Deployment)], troubles: &[Trouble]) -> Option<Failed> {
    let next = later.first().map(|(_, next)| *next);
    // It stood until the next one came.
    let until = next.map_or(one.deployed_at + BLAMED, |next| next.deployed_at.min(one.deployed_at + BLAMED));
    let blamed: Vec<&Trouble> = troubles
        .iter()
        .filter(|it| it.services.contains(&one.service) && (one.deployed_at..until).contains(&it.declared_at))
        .collect();
    let mut causes: Vec<Cause> = blamed.iter().map(|it| Cause::Incident(it.incident.clone())).collect();
    if one.is_marked {
        causes.push(Cause::Marked);
    }
    if next.is_some_and(|next| next.kind == Kind::GoingBack) {
        causes.push(Cause::WentBack);
    }
    if causes.is_empty() {
        return None;
    }
    let mended = later.iter().find(|(_, next)| next.kind != Kind::Planned).map(|(_, next)| next.deployed_at);
    // Every incident must be over.
    let closed = blamed.iter().map(|it| it.closed_at).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
    Some((causes, mended.into_iter().chain(closed).min()))
}

/// The middle one; the lower of two.
fn middle(mut all: Vec<Duration>, few: usize) -> Figure<Duration> {
    all.sort_unstable();
    match all.get(all.len().saturating_sub(1) / 2) {
        Some(middle) if all.len() >= few => Figure::Known(*middle),
        _ => Figure::TooFew(all.len()),
    }
}

/// The five of these deployments over so many days; `failed` as [`failures`] gives them for the same list.
#[must_use]
pub fn figures(deployments: &[Deployment], failed: &[Failure], days: u32) -> Figures {
    let count = deployments.len();
    let of_all = |part: usize| if count >= FEW { Figure::Known((part, count)) } else { Figure::TooFew(count) };
    let lead = deployments.iter().map(|one| (one.deployed_at - one.committed_at).max(Duration::zero())).collect();
    let recovered = failed.iter().filter_map(|failure| {
        let one = deployments.get(failure.deployment)?;
        Some((failure.recovered_at? - one.deployed_at).max(Duration::zero()))
    });
    let per_week = (count as u64 * 700).checked_div(u64::from(days)).unwrap_or(0);
    Figures {
        deployments: count,
        lead_time: middle(lead, FEW),
        per_week_hundredths: if count >= FEW { Figure::Known(per_week) } else { Figure::TooFew(count) },
        recovery_time: middle(recovered.collect(), FEW_RECOVERIES),
        fail_rate: of_all(failed.len()),
        rework_rate: of_all(deployments.iter().filter(|one| one.kind != Kind::Planned).count()),
    }
}
