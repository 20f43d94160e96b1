//! What the pages show of runs. Reading only.

use super::store::{self, Filter, Row};
use crate::changes;
use crate::context::Context;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_app::pipelines::shape::{
    AskedFor, AttemptView, Currency, JobView, RunFilter, RunPage, RunRow, RunView, StepView,
};
use gatehouse_domain::changes::State;
use gatehouse_domain::pipelines::{Copy, Job, RunState, Stage, Verdict, busy, median, stage_of, stages};
use gatehouse_domain::tone::Tone;
use gatehouse_domain::{ChangeNumber, PersonId, RunAttempt, RunId, ServiceName};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: usize = 50;
/// What is usual is seen in so many.
const LAST: i64 = 20;
/// Fewer digits of a commit's SHA name too many.
const FEWEST_DIGITS: usize = 4;

type Changes = BTreeMap<(RunId, RunAttempt), (ChangeNumber, State)>;

/// One page of runs, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(ctx: &Context, filter: RunFilter) -> Result<RunPage, Error> {
    let mut conn = ctx.db.acquire().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = match wanted(&filter) {
        Some(Wanted::Run(run)) => store::find(&mut conn, run).await?.map(|(row, _)| row).into_iter().collect(),
        Some(Wanted::Runs(filter)) => store::list(&mut conn, &filter, limit).await?,
        None => Vec::new(),
    };
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(cursor);
    let rows = rows_of(&mut conn, ctx, &found).await?;
    let as_of = ctx.now(&mut conn).await?;
    let services: BTreeSet<String> = ctx.config.services.iter().map(|one| one.name.to_string()).collect();
    let currency = currency(&mut conn, ctx).await?;
    Ok(RunPage { rows, next, services: services.into_iter().collect(), currency, as_of })
}

/// What was found, with its jobs, its change and what is usual.
pub(super) async fn rows_of(conn: &mut PgConnection, ctx: &Context, found: &[Row]) -> Result<Vec<RunRow>, Error> {
    let jobs = store::list_jobs(conn, found).await?;
    let as_of = ctx.now(conn).await?;
    shown(conn, found, &jobs, as_of).await
}

/// A run, as a line of what happened to a service.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its number.
    pub id: RunId,
    /// From GitHub: whatever somebody wrote.
    pub title: String,
    /// The login of whoever started it.
    pub actor: String,
    /// Where it stands.
    pub state: RunState,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// The newest runs of a service since then.
///
/// # Errors
/// When the database does not answer.
pub async fn ran(
    conn: &mut PgConnection,
    service: &ServiceName,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Ran>, Error> {
    let filter = Filter { service: Some(service.as_str()), ..Filter::default() };
    let rows = store::list(conn, &filter, limit).await?;
    let of =
        |Row { run, state, .. }: Row| Ran { id: run.id, title: run.title, actor: run.actor, state, at: run.created_at };
    Ok(rows.into_iter().map(of).filter(|it| it.at >= since).collect())
}

enum Wanted<'a> {
    Run(RunId),
    Runs(Filter<'a>),
}

/// What the address asks for; `None` where nothing can be like that.
fn wanted(filter: &RunFilter) -> Option<Wanted<'_>> {
    let find = filter.find.as_deref().map(str::trim).filter(|text| !text.is_empty());
    // A run's number is longer than any beginning of a SHA that somebody types in digits only.
    if let Some(run) = find.filter(|text| text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit())) {
        return run.parse().ok().map(Wanted::Run);
    }
    let is_commit = |text: &str| {
        (FEWEST_DIGITS..=40).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    if find.is_some_and(|text| !is_commit(text)) {
        return None;
    }
    let state = match filter.state.as_deref().filter(|state| !state.is_empty()) {
        Some(code) => Some(RunState::from_code(code)?),
        None => None,
    };
    Some(Wanted::Runs(Filter {
        service: filter.service.as_deref().filter(|text| !text.is_empty()),
        state,
        branch: filter.branch.as_deref().filter(|text| !text.is_empty()),
        commit: find,
        after: filter.after.as_deref().and_then(parse_cursor),
    }))
}

pub(super) fn cursor(row: &Row) -> String {
    format!("{}-{}", row.run.created_at.timestamp_micros(), row.run.id)
}

pub(super) fn parse_cursor(text: &str) -> Option<(DateTime<Utc>, i64)> {
    let (at, run) = text.split_once('-')?;
    Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, run.parse().ok()?))
}

async fn shown(
    conn: &mut PgConnection,
    rows: &[Row],
    jobs: &BTreeMap<RunId, Vec<Job>>,
    as_of: DateTime<Utc>,
) -> Result<Vec<RunRow>, Error> {
    let runs: Vec<_> = rows.iter().map(|row| (row.repository, row.run.id)).collect();
    let changes = changes::of_runs(conn, &runs).await?;
    let services: BTreeSet<String> = rows.iter().map(|row| row.service.clone()).collect();
    let services: Vec<String> = services.into_iter().collect();
    let mut last = store::durations(conn, &services, LAST).await?;
    let usual: BTreeMap<String, i64> = services
        .into_iter()
        .filter_map(|name| Some((name.clone(), median(last.remove(&name)?)?.num_seconds())))
        .collect();
    let none = Vec::new();
    Ok(rows.iter().map(|row| run_row(row, jobs.get(&row.run.id).unwrap_or(&none), &changes, &usual, as_of)).collect())
}

fn run_row(row: &Row, jobs: &[Job], changes: &Changes, usual: &BTreeMap<String, i64>, as_of: DateTime<Utc>) -> RunRow {
    let run = &row.run;
    let change = changes.get(&(run.id, run.attempt));
    let verdict = change.map(|(_, state)| match state {
        State::Held | State::Executing => Verdict::Held,
        State::Released => Verdict::Released,
        _ => Verdict::Refused,
    });
    let all: Vec<&Job> = jobs.iter().collect();
    // What is over was counted when it ended; what runs is counted until now.
    let took = if row.state.is_over() { row.busy_seconds } else { busy(&all, as_of).num_seconds() };
    RunRow {
        id: run.id.to_string(),
        attempt: run.attempt.0,
        service: row.service.clone(),
        branch: run.branch.clone(),
        head_sha: run.head_sha.to_string(),
        title: run.title.clone(),
        actor: run.actor.clone(),
        state: row.state,
        stages: stages(row.state, &all, verdict),
        took_seconds: took,
        usual_seconds: usual.get(&row.service).copied(),
        created_at: run.created_at,
        change: change.map(asked_for),
    }
}

fn asked_for((number, state): &(ChangeNumber, State)) -> AskedFor {
    let (word, tone) = match state {
        State::Held => ("Held", Tone::Warn),
        State::Executing => ("Answering GitHub", Tone::Running),
        State::Released => ("Released", Tone::Ok),
        State::Closed => ("Closed", Tone::Bad),
        State::Expired => ("Expired", Tone::Neutral),
        State::Superseded => ("Superseded", Tone::Neutral),
        State::Cancelled => ("Cancelled", Tone::Bad),
    };
    AskedFor { number: number.to_string(), word: word.to_owned(), tone }
}

pub(super) async fn currency(conn: &mut PgConnection, ctx: &Context) -> Result<Currency, Error> {
    let mut readings = store::readings(conn).await?;
    let mut currency = Currency::default();
    let repositories: BTreeMap<_, _> =
        ctx.config.services.iter().map(|one| (one.repository_id, &one.repository)).collect();
    for (id, name) in repositories {
        match readings.remove(&id) {
            Some(store::Reading { trouble: Some(why), read_at, .. }) => {
                currency.troubles.push((name.clone(), why, read_at));
            }
            None => currency.unread.push(name.clone()),
            Some(_) => {}
        }
    }
    Ok(currency)
}

/// One run with everything that is known of it.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn show(ctx: &Context, viewer: &PersonId, run: &str) -> Result<RunView, Error> {
    let run: RunId = run.parse().map_err(|_| Error::NotFound)?;
    let mut conn = ctx.db.acquire().await?;
    let (row, copy) = store::find(&mut conn, run).await?.ok_or(Error::NotFound)?;
    let changes = changes::of_runs(&mut conn, &[(row.repository, run)]).await?;
    let as_of = ctx.now(&mut conn).await?;
    let jobs = BTreeMap::from([(run, copy.current().cloned().collect())]);
    let mut rows = shown(&mut conn, std::slice::from_ref(&row), &jobs, as_of).await?;
    let shown = rows.pop().ok_or(Error::NotFound)?;
    let repository = ctx.config.services.iter().find(|one| one.repository_id == row.repository);
    let repository = repository.map_or_else(String::new, |one| one.repository.clone());
    let href = format!("{}/{repository}/actions/runs/{run}", site(ctx));
    let why = match changes.get(&(run, copy.run.attempt)) {
        Some((number, State::Held)) => changes::why_held(&mut conn, ctx, viewer, number).await?,
        _ => Vec::new(),
    };
    Ok(RunView {
        row: shown,
        event: copy.run.event.clone(),
        attempts: attempts(&copy, &changes, &href, as_of),
        why: why.iter().map(gatehouse_domain::Reason::sentence).collect(),
        currency: currency(&mut conn, ctx).await?,
        repository,
        href,
        as_of,
    })
}

/// Where people see this GitHub: `https://api.github.com` is for programs, as is `/api/v3` of a server of one's own.
fn site(ctx: &Context) -> String {
    let url = ctx.config.github.api_url.url();
    if url.host_str() == Some("api.github.com") {
        return "https://github.com".to_owned();
    }
    let whole = url.as_str().trim_end_matches('/');
    whole.strip_suffix("/api/v3").unwrap_or(whole).to_owned()
}

fn attempts(copy: &Copy, changes: &Changes, href: &str, as_of: DateTime<Utc>) -> Vec<AttemptView> {
    let of = |number: u64| {
        let attempt = RunAttempt(number);
        let jobs = copy.jobs.values().filter(|job| job.attempt == attempt);
        AttemptView {
            number,
            change: changes.get(&(copy.run.id, attempt)).map(asked_for),
            jobs: jobs.map(|job| job_view(job, href, as_of)).collect(),
        }
    };
    /// Nobody reads more.
    const MOST: usize = 20;
    (1..=copy.run.attempt.0).rev().take(MOST).map(of).collect()
}

fn job_view(job: &Job, href: &str, as_of: DateTime<Utc>) -> JobView {
    let span = |from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>| {
        from.zip(to).map(|(from, to)| (to - from).num_seconds().max(0))
    };
    let took = busy(&[job], as_of).num_seconds();
    JobView {
        name: job.name.clone(),
        stage: stage_of(&job.name).map(Stage::word).map(str::to_owned),
        phase: job.phase,
        outcome: job.outcome,
        started_at: job.started_at,
        seconds: (took > 0).then_some(took),
        log: format!("{href}/job/{}", job.id),
        steps: job
            .steps
            .iter()
            .map(|step| StepView {
                name: step.name.clone(),
                phase: step.phase,
                outcome: step.outcome,
                seconds: span(step.started_at, step.completed_at),
            })
            .collect(),
    }
}
