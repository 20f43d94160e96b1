//! DORA's figures, from this slice's runs and what `changes` and `alerts` say of them.

use super::store::{self, Row};
use super::view::currency;
use crate::context::Context;
use crate::error::Error;
use crate::{alerts, changes};
use chrono::{DateTime, Duration, Utc};
use gatehouse_app::pipelines::dora::shape::{DeploymentRow, DoraFilter, DoraView, FigureRow};
use gatehouse_domain::pipelines::dora::{Cause, Deployment, Failure, Figures, Kind, Trouble, failures, figures};
use gatehouse_domain::pipelines::{Job, Outcome, Phase, Stage, stage_of};
use std::collections::{BTreeMap, BTreeSet};

/// As far back as the page goes, and as the first reading of GitHub.
const DAYS: [u32; 2] = [30, 90];
/// More releases than this are counted by their newest.
const MOST: usize = 3_000;
/// A run may wait so long for its answer, and more, before it deploys.
const WAITS: Duration = Duration::days(7);

/// The five figures.
///
/// # Errors
/// When the database does not answer.
pub async fn dora(ctx: &Context, filter: DoraFilter) -> Result<DoraView, Error> {
    let days = DAYS.into_iter().find(|days| filter.days.as_deref() == Some(days.to_string().as_str())).unwrap_or(30);
    let mut conn = ctx.db.acquire().await?;
    let as_of = ctx.now(&mut conn).await?;
    let since = as_of - Duration::days(i64::from(days));
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut runs = store::list_passed(&mut conn, since - WAITS, limit).await?;
    let is_cut = runs.len() > MOST;
    runs.truncate(MOST);
    let jobs = store::list_jobs(&mut conn, &runs).await?;
    let ids: Vec<_> = runs.iter().map(|row| (row.repository, row.run.id)).collect();
    let ways = changes::ways_of_runs(&mut conn, &ids).await?;
    let troubles = troubles(ctx, alerts::declared_since(&mut conn, since - WAITS).await?);
    let mut all: Vec<(Deployment, String)> = Vec::new();
    for row in &runs {
        let Some(deployed_at) = jobs.get(&row.run.id).and_then(|jobs| in_production(jobs)) else { continue };
        all.push((deployment(row, deployed_at, ways.get(&(row.run.id, row.run.attempt))), row.run.title.clone()));
    }
    all.sort_by_key(|(one, _)| std::cmp::Reverse((one.deployed_at, one.run)));
    let service = filter.service.filter(|name| !name.is_empty());
    // What failed is seen with what came before and after it; counted is what came in this time.
    let deployments: Vec<Deployment> = all.iter().map(|(one, _)| one.clone()).collect();
    let failed = failures(&deployments, &troubles);
    let of = |name: Option<&str>| counted(&deployments, &failed, since, name, days);
    let names: BTreeSet<String> = ctx.config.services.iter().map(|one| one.name.to_string()).collect();
    let services = if service.is_none() { names.iter().map(|name| of(Some(name))).collect() } else { Vec::new() };
    let rows = all
        .iter()
        .enumerate()
        .filter(|(_, (one, _))| one.deployed_at >= since && service.as_ref().is_none_or(|name| *name == one.service));
    Ok(DoraView {
        days,
        chosen: of(service.as_deref()),
        services,
        names: names.into_iter().collect(),
        deployments: rows
            .map(|(index, (one, title))| row(one, title, failed.iter().find(|failure| failure.deployment == index)))
            .collect(),
        is_cut,
        currency: currency(&mut conn, ctx).await?,
        as_of,
    })
}

/// When the last production job of a run passed; `None` where none did.
fn in_production(jobs: &[Job]) -> Option<DateTime<Utc>> {
    let is_production = |job: &&Job| {
        stage_of(&job.name) == Some(Stage::Production)
            && job.phase == Phase::Completed
            && job.outcome == Some(Outcome::Success)
    };
    jobs.iter().filter(is_production).filter_map(|job| job.completed_at).max()
}

fn deployment(row: &Row, deployed_at: DateTime<Utc>, way: Option<&changes::Way>) -> Deployment {
    Deployment {
        run: row.run.id,
        number: way.map(|way| way.number.clone()),
        service: row.service.clone(),
        committed_at: row.run.created_at,
        deployed_at,
        kind: match way {
            Some(way) if way.went_back => Kind::GoingBack,
            Some(way) if way.is_emergency => Kind::Emergency,
            _ => Kind::Planned,
        },
        is_marked: way.is_some_and(|way| way.is_marked),
    }
}

/// Incidents in gated places; every configured environment is one.
fn troubles(ctx: &Context, incidents: Vec<gatehouse_domain::alerts::Incident>) -> Vec<Trouble> {
    let is_production = |it: &gatehouse_domain::alerts::Incident| {
        ctx.config.environments.iter().any(|one| one.name == it.declared.environment && one.production)
    };
    incidents
        .into_iter()
        .filter(is_production)
        .map(|it| Trouble {
            services: it.declared.services.iter().map(ToString::to_string).collect(),
            incident: it.declared.incident,
            declared_at: it.declared_at,
            closed_at: it.closed.map(|(_, at)| at),
        })
        .collect()
}

/// The figures of what came in this time, of one service or all.
fn counted(
    all: &[Deployment],
    failed: &[Failure],
    since: DateTime<Utc>,
    service: Option<&str>,
    days: u32,
) -> FigureRow {
    let mut places = BTreeMap::new();
    let mut deployments = Vec::new();
    for (index, one) in all.iter().enumerate() {
        if one.deployed_at >= since && service.is_none_or(|name| name == one.service) {
            places.insert(index, deployments.len());
            deployments.push(one.clone());
        }
    }
    let failed: Vec<Failure> = failed
        .iter()
        .filter_map(|it| Some(Failure { deployment: *places.get(&it.deployment)?, ..it.clone() }))
        .collect();
    let Figures { deployments, lead_time, per_week_hundredths, recovery_time, fail_rate, rework_rate } =
        figures(&deployments, &failed, days);
    FigureRow {
        service: service.map(str::to_owned),
        deployments,
        lead_time: lead_time.map(|time| time.num_seconds()),
        per_week_hundredths,
        recovery_time: recovery_time.map(|time| time.num_seconds()),
        fail_rate,
        rework_rate,
    }
}

fn row(one: &Deployment, title: &str, failure: Option<&Failure>) -> DeploymentRow {
    let cause = |cause: &Cause| match cause {
        Cause::Marked => "its version was marked: do not return to".to_owned(),
        Cause::WentBack => "the next release led back".to_owned(),
        Cause::Incident(_) => "an incident followed".to_owned(),
    };
    DeploymentRow {
        run: one.run.to_string(),
        number: one.number.as_ref().map(ToString::to_string),
        service: one.service.clone(),
        title: title.to_owned(),
        deployed_at: one.deployed_at,
        lead_seconds: (one.deployed_at - one.committed_at).num_seconds().max(0),
        unplanned: match one.kind {
            Kind::Planned => None,
            Kind::Emergency => Some("through the emergency lane".to_owned()),
            Kind::GoingBack => Some("back to a version of before".to_owned()),
        },
        failed: failure.map(|it| it.causes.iter().map(cause).collect()).unwrap_or_default(),
        recovery_seconds: failure.and_then(|it| it.recovered_at).map(|at| (at - one.deployed_at).num_seconds().max(0)),
    }
}
