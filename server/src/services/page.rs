//! One service: what runs of it, what happened to it, who stands for it.

use super::cell::{named_after, scaler, workload};
use super::matrix::{Scene, rows, status_of_scan};
use crate::changes::{Happened, Step};
use crate::config::Service;
use crate::context::Context;
use crate::error::Error;
use crate::pipelines::{self, Ran};
use crate::{alerts, changes, people};
use chrono::{DateTime, Duration, Utc};
use gatehouse_app::paths;
use gatehouse_app::services::shape::{
    CatalogView, Event, ImageView, Lane, PodRow, ScalingView, ServiceRow, ServiceView,
};
use gatehouse_app::shape::Status;
use gatehouse_domain::alerts::Incident;
use gatehouse_domain::environments::facts::{Cluster, Pod};
use gatehouse_domain::pipelines::RunState;
use gatehouse_domain::services::catalog::Entry;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::{ImageDigest, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// How far back the axis goes.
const DAYS: i64 = 14;
/// More marks are a smear.
const EVENTS: i64 = 400;
/// Of runs too.
const RUNS: i64 = 200;
/// More pods than this are not looked at one by one; those that are well are left out first.
const PODS: usize = 60;

/// One service.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn show(ctx: &Context, name: &str) -> Result<ServiceView, Error> {
    let service = ctx.config.services.iter().find(|it| it.name.as_str() == name).ok_or(Error::NotFound)?;
    let scene = Scene::of(ctx);
    let mut conn = ctx.db.acquire().await?;
    let as_of = ctx.now(&mut conn).await?;
    let from = as_of - Duration::days(DAYS);
    let row = rows(&mut conn, ctx, &scene, &[service]).await?.pop().ok_or(Error::NotFound)?;
    let happened = changes::happened(&mut conn, &service.name, from, EVENTS).await?;
    let ran = pipelines::ran(&mut conn, &service.name, from, RUNS).await?;
    let incidents = alerts::of(&mut conn, ctx, &service.name, from).await?;
    let persons: BTreeSet<PersonId> = happened.iter().filter_map(|it| it.by.clone()).collect();
    let names = people::names(&mut conn, &persons).await?;
    drop(conn);

    let (pods, more_pods) = pods(&scene, service);
    let restarts = pods.iter().filter_map(|pod| {
        let words = format!("began anew in {} (so far {})", pod.environment, pod.restarts);
        Some(event(pod.restarted.filter(|at| *at >= from)?, Lane::Cluster, Tone::Warn, &pod.name, words, None))
    });
    let mut events: Vec<Event> = happened.iter().map(|it| of_change(it, &names)).collect();
    events.extend(ran.iter().map(of_run));
    events.extend(incidents.iter().flat_map(of_incident).filter(|event| event.at >= from));
    events.extend(restarts);
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    let image = image(ctx, service, &row, &scene);
    Ok(ServiceView {
        environments: scene.environments.iter().map(|(it, _)| it.name.to_string()).collect(),
        repository: service.repository.clone(),
        repository_url: format!("https://github.com/{}", service.repository),
        catalog: ctx.services.read(|known| match known.entries.get(service.name.as_str()).map(|it| &it.answer) {
            Some(Ok(entry)) => Ok(catalog(entry)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("Its catalogue file has not been read yet.".to_owned()),
        }),
        events,
        from,
        pods,
        more_pods,
        scaling: scaling(ctx, &scene, service),
        image,
        row,
        as_of,
    })
}

fn event(at: DateTime<Utc>, lane: Lane, tone: Tone, actor: &str, what: String, href: Option<String>) -> Event {
    Event { at, lane, tone, actor: actor.to_owned(), what, href }
}

fn of_run(it: &Ran) -> Event {
    let (tone, how) = match it.state {
        RunState::Queued => (Tone::Neutral, "is queued"),
        RunState::Waiting => (Tone::Warn, "waits"),
        RunState::Running => (Tone::Running, "runs"),
        RunState::Success => (Tone::Ok, "passed"),
        RunState::Failure => (Tone::Bad, "failed"),
        RunState::Cancelled => (Tone::Neutral, "was cancelled"),
        RunState::Other => (Tone::Unknown, "ended otherwise"),
    };
    let title = if it.title.trim().is_empty() { "a run" } else { &it.title };
    event(
        it.at,
        Lane::Run,
        tone,
        &it.actor,
        format!("started {title}, which {how}"),
        Some(paths::run(&it.id.to_string())),
    )
}

fn of_change(it: &Happened, names: &BTreeMap<PersonId, String>) -> Event {
    let by = it.by.as_ref().map_or("GitHub", |id| names.get(id).map_or(id.as_str(), String::as_str));
    let (number, to) = (&it.number, &it.environment);
    let title = it.title.as_deref().unwrap_or("a change");
    let (tone, actor, what) = match it.step {
        Step::Opened => (Tone::Neutral, "GitHub", format!("asked for {to}: {title} ({number})")),
        Step::Approved => (Tone::Accent, by, format!("approved {number}")),
        Step::Rejected => (Tone::Bad, by, format!("rejected {number}")),
        Step::Confirmed => (Tone::Neutral, by, format!("confirmed the way back of {number}")),
        Step::Marked => (Tone::Bad, by, format!("marked {number}: do not return to it")),
        Step::Released => (Tone::Ok, "Gatehouse", format!("released {number} to {to}: {title}")),
        Step::Executing => (Tone::Running, "Gatehouse", format!("is releasing {number} to {to}")),
        Step::Ended => (Tone::Neutral, "Gatehouse", format!("{number} ended: {}", it.word)),
    };
    event(it.at, Lane::Change, tone, actor, what, Some(paths::change(number.as_str())))
}

fn of_incident(it: &Incident) -> Vec<Event> {
    let id = it.declared.incident.to_string();
    let tone = if it.is_live_p1() { Tone::Bad } else { Tone::Warn };
    let severity = it.declared.severity.to_string();
    let opened = format!("declared in {}: {}", it.declared.environment, it.title.shown());
    let mut all = vec![event(it.declared_at, Lane::Incident, tone, &severity, opened, Some(paths::incident(&id)))];
    if let Some((_, at)) = &it.closed {
        all.push(event(*at, Lane::Incident, Tone::Ok, &severity, "is over".to_owned(), Some(paths::incident(&id))));
    }
    all
}

/// Its pods, those that need a look first, and how many are left out.
fn pods(scene: &Scene<'_>, service: &Service) -> (Vec<PodRow>, u32) {
    let mut all: Vec<(u8, PodRow)> = Vec::new();
    for (environment, cluster) in &scene.environments {
        let Some(cluster) = cluster else { continue };
        let Some((_, workload)) = workload(cluster, service) else { continue };
        for (_, pod) in named_after(&cluster.pods, service) {
            let is_its = workload.selector.iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value));
            if is_its && !workload.selector.is_empty() {
                let (rank, status) = of_pod(pod);
                all.push((rank, pod_row(environment.name.as_str(), pod, status)));
            }
        }
    }
    all.sort_by(|(one, a), (other, b)| (one, &a.environment, &a.name).cmp(&(other, &b.environment, &b.name)));
    let more = u32::try_from(all.len().saturating_sub(PODS)).unwrap_or(u32::MAX);
    (all.into_iter().map(|(_, row)| row).take(PODS).collect(), more)
}

/// How a pod is; the worse, the smaller the number.
fn of_pod(pod: &Pod) -> (u8, Status) {
    if pod.ending.is_some() {
        return (3, Status::new("Ending", Tone::Neutral));
    }
    match (pod.phase.as_str(), pod.is_ready, pod.reason.is_some()) {
        ("Failed", ..) => (0, Status::new("Failed", Tone::Bad)),
        ("Running", true, _) => (if pod.restarts > 0 { 4 } else { 5 }, Status::new("Ready", Tone::Ok)),
        (_, _, true) => (0, Status::new("Not ready", Tone::Bad)),
        ("Succeeded", ..) => (6, Status::new("Done", Tone::Neutral)),
        ("Pending" | "Running", ..) => (1, Status::new("Starting", Tone::Running)),
        _ => (2, Status::new("Not known", Tone::Unknown)),
    }
}

fn pod_row(environment: &str, pod: &Pod, status: Status) -> PodRow {
    PodRow {
        environment: environment.to_owned(),
        name: pod.meta.name.name.to_string(),
        status,
        reason: pod.reason.clone(),
        restarts: pod.restarts,
        restarted: pod.restarted,
        started: pod.started,
        node: pod.node.as_ref().map(ToString::to_string),
    }
}

fn scaling(ctx: &Context, scene: &Scene<'_>, service: &Service) -> Vec<ScalingView> {
    let of = |(environment, cluster): &(crate::config::Place<'_>, Option<std::sync::Arc<Cluster>>)| {
        let scaler = scaler(cluster.as_deref()?, service)?;
        Some(ScalingView {
            environment: environment.name.to_string(),
            bounds: (scaler.min, scaler.max),
            metrics: scaler.metrics.clone(),
            curve: ctx.services.read(|known| {
                let of = (environment.name.to_string(), service.name.to_string());
                known.curves.get(&of).map(|curve| curve.iter().copied().collect()).unwrap_or_default()
            }),
        })
    };
    scene.environments.iter().filter_map(of).collect()
}

fn catalog(entry: &Entry) -> CatalogView {
    let Entry { owner, description, lifecycle, system, tier, on_call, links, depends_on } = entry.clone();
    CatalogView { owner, description, lifecycle, system, tier, on_call, links, depends_on }
}

/// What production runs, with what the registry and the change say of it.
fn image(ctx: &Context, service: &Service, row: &ServiceRow, scene: &Scene<'_>) -> Option<ImageView> {
    let at = scene.environments.iter().position(|(it, _)| it.production)?;
    let version = row.cells.get(at)?.version.as_ref()?;
    let digest: Option<ImageDigest> = version.digest.as_ref().and_then(|digest| digest.parse().ok());
    let key = digest.map(|digest| (service.image_repository.clone(), digest));
    let looked = ctx.services.read(|known| key.and_then(|key| known.images.get(&key)?.answer.as_ref().ok().cloned()));
    let scan = looked.as_ref().and_then(|facts| facts.scan.as_ref());
    let mut findings: Vec<(String, u32)> =
        scan.map(|(_, found)| found.clone().into_iter().collect()).unwrap_or_default();
    findings.sort_by_key(|(severity, _)| rank(severity));
    let mut provenance = Vec::new();
    let mut step = |name: &str, value: String, href: Option<String>| provenance.push((name.to_owned(), value, href));
    if let Some(commit) = &version.commit {
        step("Commit", commit.clone(), Some(format!("https://github.com/{}/commit/{commit}", service.repository)));
    }
    step("Workflow", service.workflow.clone(), None);
    if let Some(number) = &version.change {
        step("Change", number.clone(), Some(paths::change(number)));
        let names: Vec<&str> = version.by.iter().map(gatehouse_app::shape::PersonView::shown).collect();
        step("Signed by", names.join(", "), Some(paths::change(number)));
    } else {
        step("Change", "None that Gatehouse released: it came another way, or before Gatehouse".to_owned(), None);
    }
    Some(ImageView {
        reference: format!(
            "{}{}",
            service.image_repository,
            version.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default()
        ),
        pushed: looked.as_ref().and_then(|facts| facts.pushed_at),
        scan: match &looked {
            Some(_) => status_of_scan(scan.map(|(status, _)| status.as_str())),
            None => Status::new("Not known", Tone::Unknown),
        },
        findings,
        provenance,
    })
}

fn rank(severity: &str) -> usize {
    const WORST_FIRST: [&str; 6] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED"];
    WORST_FIRST.iter().position(|known| *known == severity).unwrap_or(WORST_FIRST.len())
}
