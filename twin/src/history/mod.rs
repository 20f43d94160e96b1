//! What happened before anybody looked? A week of AltScore: accounts, repositories, pull requests, runs that went to
//! production or failed on the way, and production running what they left. Then `begin`: the demo's held runs.
//!
//! The history ends with one commit that every service of `altscore/services` was released at, so that the next run's
//! comparison with production holds only what that run brings.

pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod week;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use crate::aws::digest_of_build;
use crate::github::model::{Account, GitHub, Repo, RunId};
use crate::github::push::{Edit, MergedPr, NewCommit, PushRun};
use crate::github::story::PRODUCTION;
use crate::kubernetes::ClusterId;
use crate::state::Model;
use crate::world::{Person, REPOSITORIES, registry};

/// One released (or failed) pull request of the past: hours ago, service, author, merger, title.
type Past = (i64, &'static str, &'static str, &'static str, &'static str);

const PAST: [Past; 12] = [
    (168, "score-api", "asha-rao", "viyer", "Cache the lender directory for five minutes"),
    (160, "erp-ingestion", "leela-m", "leela-m", "Accept Tally exports with a byte order mark"),
    (149, "consent-service", "leela-m", "asha-rao", "Retry consent webhook with jitter"),
    (141, "notification-service", "rohandas", "rohandas", "Send WhatsApp templates in Kannada"),
    (126, "admin-service", "viyer", "asha-rao", "Show who signed a model promotion"),
    (120, "scoring-engine", "viyer", "viyer", "Clamp the PSI drift window to 30 days"),
    (101, "score-api", "rohandas", "asha-rao", "Answer 429 with Retry-After"),
    (95, "audit-service", "asha-rao", "leela-m", "Batch Kafka reads by partition"),
    (77, "erp-ingestion", "asha-rao", "asha-rao", "Reject invoices dated in the future"),
    (70, "notification-service", "leela-m", "leela-m", "Batch notification templates"),
    (52, "consent-service", "rohandas", "leela-m", "Expire consent at midnight IST"),
    (47, "scoring-engine", "asha-rao", "viyer", "Load the model pointer once a minute"),
];

/// The one that failed in staging.
const FAILED: &str = "Batch notification templates";

/// Everything that went out or failed, oldest first; a whole week of it only for people who look.
fn past(is_week: bool) -> Vec<Past> {
    let mut past = PAST.to_vec();
    if is_week {
        past.extend(week::MORE);
        past.sort_by_key(|(ago, ..)| std::cmp::Reverse(*ago));
    }
    past
}

fn hours(count: i64) -> TimeDelta {
    TimeDelta::hours(count)
}

/// Gives a person with a GitHub login their account.
pub(crate) fn open_account(github: &mut GitHub, person: &Person) {
    if let (Some(login), Some(id)) = (&person.login, person.github_id) {
        github.accounts.retain(|known| known.id != id);
        github.accounts.push(Account {
            id,
            login: login.clone(),
            name: person.name.clone(),
            email: person.email.clone(),
            kind: "User",
        });
    }
}

fn open_accounts(model: &mut Model) {
    for person in model.people.clone() {
        open_account(&mut model.github, &person);
    }
    let robots = [
        (19_864_447, "web-flow", "GitHub", "noreply@github.com", "User"),
        (
            41_898_282,
            "github-actions[bot]",
            "github-actions[bot]",
            "41898282+github-actions[bot]@users.noreply.github.com",
            "Bot",
        ),
        (49_699_333, "dependabot[bot]", "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "Bot"),
        (60_001_001, "gatehouse[bot]", "gatehouse[bot]", "60001001+gatehouse[bot]@users.noreply.github.com", "Bot"),
    ];
    for (id, login, name, email, kind) in robots {
        model.github.accounts.push(Account {
            id,
            login: login.to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
            kind,
        });
    }
}

fn open_repositories(model: &mut Model, at: DateTime<Utc>) -> anyhow::Result<()> {
    for seed in REPOSITORIES {
        model.github.repos.push(Repo {
            id: seed.id,
            name: seed.name.to_owned(),
            description: seed.description.to_owned(),
            created_at: at,
            pushed_at: at,
            git: Default::default(),
            branches: Default::default(),
            activity: Vec::new(),
        });
        let edits = files::of_repository(seed.name, &model.services);
        let first = NewCommit {
            title: "Start".to_owned(),
            author: "viyer".to_owned(),
            committer: None,
            co_authors: Vec::new(),
            edits,
        };
        model.github.commit(seed.id, "main", "README.md", &[first], at)?;
    }
    Ok(())
}

fn open_production(model: &mut Model, at: DateTime<Utc>) -> anyhow::Result<()> {
    model.clusters.begin(at);
    for service in model.services.clone() {
        let repo = model.github.repo(service.repository_id).context("a service has a repository")?;
        let head = repo.commit("main").context("a repository has a commit")?.sha.clone();
        let digest = digest_of_build(&service.image_repository, &head);
        model.ecr.push(&service.image_repository, &head, &digest, at);
        let image = format!("{}/{}@{digest}", registry(), service.image_repository);
        for cluster in ClusterId::ALL {
            model.clusters.tell(cluster, &service, image.clone(), at)?;
        }
    }
    Ok(())
}

/// Takes a held run through production, as if somebody had let it.
fn release(model: &mut Model, run: RunId, at: DateTime<Utc>) -> anyhow::Result<()> {
    model.ask(at, run)?;
    model.decide(at + TimeDelta::minutes(41), run, PRODUCTION, true)?;
    model.roll_out(at + TimeDelta::minutes(58), run);
    Ok(())
}

fn merged(title: &str, by: &str, merged_by: &str) -> Option<MergedPr> {
    Some(MergedPr { title: title.to_owned(), by: by.to_owned(), merged_by: merged_by.to_owned(), pushed_by: None })
}

/// Everything up to now.
pub(crate) fn write(model: &mut Model, now: DateTime<Utc>) -> anyhow::Result<()> {
    // Ids that no earlier twin gave out: a portal that kept its database must not take a new run for an old one.
    model.github.next_id = u64::try_from(now.timestamp() - 1_600_000_000).unwrap_or_default() * 100;
    model.github.next_pull = 397;
    open_accounts(model);
    let start = now - TimeDelta::days(64);
    open_repositories(model, start)?;
    open_production(model, start + hours(2))?;
    for (ago, service, author, merged_by, title) in past(model.is_week) {
        let at = now - hours(ago);
        let push = PushRun {
            title: title.to_owned(),
            merged_pr: merged(title, author, merged_by),
            at: Some(at),
            ..PushRun::of(service, author)
        };
        let run = model.push_run(now, &push)?;
        if title == FAILED || week::FAILED.contains(&title) {
            fail_in_staging(model, run);
        } else {
            release(model, run, at)?;
        }
    }
    bump_base_image(model, now, now - hours(29))
}

fn fail_in_staging(model: &mut Model, run: RunId) {
    let Some(attempt) = model.github.runs.get_mut(&run).and_then(|run| run.attempts.last_mut()) else {
        return;
    };
    attempt.jobs.retain(|job| job.name != PRODUCTION);
    for job in attempt.jobs.iter_mut().filter(|job| job.name == "staging") {
        job.conclusion = Some("failure");
    }
    for deployment in model.github.deployments.values_mut().filter(|deployment| deployment.run == run) {
        if let Some(last) = deployment.statuses.last_mut() {
            last.state = "failure";
        }
    }
}

/// One commit for every service of `altscore/services`, each with its own run and release.
fn bump_base_image(model: &mut Model, now: DateTime<Utc>, at: DateTime<Utc>) -> anyhow::Result<()> {
    let title = "Move the base image to python:3.13.3-slim-bookworm";
    let services: Vec<_> = model.services.iter().filter(|service| service.repository_id == 7001).cloned().collect();
    let edits: Vec<Edit> = services
        .iter()
        .map(|service| Edit::Write(format!("{}/Dockerfile", service.source_path), files::dockerfile("3.13.3")))
        .collect();
    let push = PushRun {
        title: title.to_owned(),
        edits,
        merged_pr: merged(title, "viyer", "asha-rao"),
        at: Some(at),
        ..PushRun::of("score-api", "viyer")
    };
    let first = model.push_run(now, &push)?;
    let it = model.github.run(first)?;
    let (head, actor, pull) = (it.head_sha.clone(), it.actor, it.pull);
    release(model, first, at)?;
    for (index, service) in services.iter().enumerate().skip(1) {
        let at = at + TimeDelta::minutes(i64::try_from(index).unwrap_or_default() * 3);
        let digest = digest_of_build(&service.image_repository, &head);
        model.ecr.push(&service.image_repository, &head, &digest, at);
        model.put_before_production(service, &digest, at)?;
        let push = PushRun { service: service.name.clone(), ..push.clone() };
        let run = model.start_run(service, &push, head.clone(), (actor, actor), pull, at)?;
        release(model, run, at)?;
    }
    Ok(())
}

/// The demo's held runs, score-api's first. The same ones when asked again.
///
/// Between the two lies a small release of score-api, so that neither run's comparison with production holds the
/// other's commits: those who wrote one may approve the other.
pub(crate) fn begin(model: &mut Model, now: DateTime<Utc>) -> anyhow::Result<Vec<RunId>> {
    if !model.github.begun.is_empty() {
        return Ok(model.github.begun.clone());
    }
    let ago = |minutes: i64| now - TimeDelta::minutes(minutes);
    if model.is_week {
        model.github.begun_week = week::begin(model, now)?;
    }
    let title = "Ask for consent again after a device change";
    let consent = PushRun {
        title: title.to_owned(),
        edits: files::consent_edits(),
        merged_pr: merged(title, "leela-m", "leela-m"),
        at: Some(ago(192)),
        ..PushRun::of("consent-service", "leela-m")
    };
    let consent = model.push_run(now, &consent)?;
    let title = "Keep at least three replicas of score-api";
    let floor = PushRun {
        title: title.to_owned(),
        edits: files::replica_edits(),
        merged_pr: merged(title, "asha-rao", "asha-rao"),
        at: Some(ago(150)),
        ..PushRun::of("score-api", "asha-rao")
    };
    let floor = model.push_run(now, &floor)?;
    release(model, floor, ago(150))?;
    let title = "Tighten lender rate limit";
    let commit = |title: &str, co_authors: &[&str], edits: Vec<Edit>| NewCommit {
        title: title.to_owned(),
        author: "rohandas".to_owned(),
        committer: None,
        co_authors: co_authors.iter().map(|who| (*who).to_owned()).collect(),
        edits,
    };
    let [count, store, tighten] = files::rate_limit_edits();
    let score = PushRun {
        title: title.to_owned(),
        earlier: vec![
            commit("Count requests per lender, not per key", &[], count),
            commit("Keep the limit beside the lender", &["Vikram Iyer <50006+viyer@users.noreply.github.com>"], store),
        ],
        edits: tighten,
        merged_pr: merged(title, "rohandas", "rohandas"),
        at: Some(ago(6)),
        ..PushRun::of("score-api", "rohandas")
    };
    let score = model.push_run(now, &score)?;
    model.github.begun = vec![score, consent];
    Ok(model.github.begun.clone())
}

impl Model {
    /// What Helm would do after a release: production runs what this run built.
    pub(crate) fn deploy(&mut self, run: RunId, at: DateTime<Utc>) -> anyhow::Result<String> {
        let run = self.github.run(run)?;
        let (name, commit) = (run.service.clone(), run.head_sha.clone());
        let service =
            self.services.iter().find(|service| service.name == name).context("a run is of a service")?.clone();
        let built = self.ecr.by_tag(&service.image_repository, &commit).context("the run pushed its image")?;
        let image = format!("{}/{}@{}", registry(), service.image_repository, built.digest);
        self.clusters.tell(ClusterId::Production, &service, image.clone(), at)?;
        Ok(image)
    }
}
