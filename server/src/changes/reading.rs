//! What does the outside world say about this run, field by field?
//!
//! Every field fails alone: a system that does not answer makes its own fields `unreadable:<system>`,
//! which shows the change and keeps its gate shut. Sources are documented in
//! [`gatehouse_domain::changes::Subject`].

use super::changed::read_changed;
use super::data::{Place, read_data};
use super::evidence::{Proved, Seen, read_evidence};
use super::making::{is_whole, read_making};
use super::values::read_values;
use crate::config::{Environment, Service};
use crate::context::Context;
use crate::github::facts::{Comparison, Contributor, PullRequestFacts, RunFacts, TreeEntry};
use crate::github::{self, RepoName};
use crate::policy::Told;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::data::DataReport;
use gatehouse_domain::changes::{
    Absent, Contributors, Doubt, Field, Requirement, RollbackPlan, SUBJECT_LIFETIME, Source, Subject, Verdict, Who,
    evidence_digest,
};
use gatehouse_domain::{CommitSha, Digest, ImageDigest, canonical};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the page shows beside the subject; a cache, decided on by nobody.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Reading {
    pub(super) title: String,
    pub(super) run_url: String,
    pub(super) pull_request: Option<(u64, String)>,
    pub(super) commits: Vec<(String, String, String)>,
    pub(super) files: Vec<FileRead>,
    pub(super) files_complete: bool,
    pub(super) verdicts: Vec<Verdict>,
    #[serde(default)]
    pub(super) seen: Vec<Seen>,
    pub(super) logins: BTreeMap<String, String>,
}

/// A changed file, as GitHub lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileRead {
    pub(super) path: String,
    pub(super) previous_path: Option<String>,
    pub(super) status: String,
    pub(super) additions: u64,
    pub(super) deletions: u64,
}

/// Everything that was read, ready to become a subject.
pub(super) struct World {
    pub(super) requirement: Requirement,
    pub(super) contributors: Contributors,
    pub(super) rollback_plan: RollbackPlan,
    pub(super) reading: Reading,
    /// What happens to people's data.
    pub(super) data: DataReport,
    /// What the policy was told.
    pub(super) input: String,
    subject: Subject,
}

impl World {
    /// The subject, made at `now`.
    pub(super) fn subject(&self, now: DateTime<Utc>) -> Subject {
        Subject { expires_at: now + SUBJECT_LIFETIME, ..self.subject.clone() }
    }

    /// The same with the plan that a person made, where it stands.
    pub(super) fn keeping(mut self, plan: &RollbackPlan) -> Self {
        self.rollback_plan = plan.or_redrafted(self.rollback_plan);
        if self.subject.rollback_plan_digest.known().is_some() {
            self.subject.rollback_plan_digest = Field::Known(self.rollback_plan.digest());
        }
        self
    }

    /// Whether everything that is signed could be read.
    pub(super) fn is_read(&self) -> bool {
        self.subject.unreadable().is_empty()
    }

    /// Whether everything that applies could be read, and the policy said what follows.
    pub(super) fn is_whole(&self) -> bool {
        self.is_read() && self.contributors.unknown.is_empty() && !self.requirement.is_unsettled()
    }
}

/// Turns a failed read into an unreadable field, and says so in the log.
pub(super) fn or_unreadable<T, E: std::fmt::Display>(result: Result<T, E>, source: Source) -> Result<T, Source> {
    result.map_err(|error| {
        tracing::warn!(source = source.code(), %error, "a field of a subject could not be read");
        source
    })
}

/// Reads everything about `run`. `requesters` are the accounts that asked for production.
pub(super) async fn read_world(
    ctx: &Context,
    service: &Service,
    environment: &Environment,
    repository: &RepoName,
    run: &RunFacts,
    requesters: &[Who],
) -> World {
    let github = &ctx.github;
    let image = read_image(ctx, service, &run.head_sha).await;
    let (base_image, base) = read_base(ctx, service, environment).await;
    let config = read_tree(github, repository, &run.head_sha, &service.config_path).await;
    let migrations = read_tree(github, repository, &run.head_sha, &service.migrations_path).await;
    let jobs = or_unreadable(github.list_jobs(repository, run.id, run.attempt).await, Source::Github);
    let comparison = match &base {
        Field::Known(base) => or_unreadable(github.compare(repository, base, &run.head_sha).await, Source::Github).ok(),
        Field::Absent(_) | Field::Unreadable(_) => None,
    };
    let changed = read_changed(github, repository, base.known(), &run.head_sha, comparison.as_ref()).await;
    let place =
        Place { github, repository, migrations: &service.migrations_path, base: base.known(), head: &run.head_sha };
    let (changed, values_settled) = read_values(place, changed, &ctx.policy).await;
    let data = read_data(place, &changed, ctx.policy.dictionary()).await;
    let changed = if data.is_settled && values_settled { changed } else { changed.doubted(Doubt::Unreadable) };
    let proved = read_evidence(ctx, service, repository, run, &jobs, &image).await;
    let Proved { evidence, proved_at, .. } = &proved;
    let Told { requirement, input } =
        ctx.policy.decide(service, environment, &changed, &data.report, evidence, proved_at).await;
    let made = read_making(ctx, repository, run, requesters, base.known(), comparison.as_ref()).await;

    let verdicts = match (&image, proved.unreadable) {
        (Field::Known(image), None) => Ok(proved.verdicts(image)),
        (Field::Unreadable(source), _) => Err(*source),
        (_, Some(source)) => Err(source),
        (Field::Absent(_), _) => Err(Source::Ecr),
    };
    let rollback_plan = RollbackPlan::draft(
        &service.name,
        &environment.name,
        base_image,
        base.clone(),
        matches!(migrations, Ok(Some(_))),
    );
    let subject = Subject {
        service: service.name.clone(),
        environment: environment.name.clone(),
        image_digest: image,
        commit_sha: run.head_sha.clone(),
        config_digest: match config {
            Ok(Some(digest)) => Field::Known(digest),
            // A service without deploy values cannot be deployed: their absence is not "nothing to see".
            Ok(None) => Field::Unreadable(Source::Github),
            Err(source) => Field::Unreadable(source),
        },
        migrations_digest: match migrations {
            Ok(Some(digest)) => Field::Known(digest),
            Ok(None) => Field::Absent(Absent::NoMigrations),
            Err(source) => Field::Unreadable(source),
        },
        plan_digest: Field::Absent(Absent::NotInfrastructure),
        rollback_plan_digest: match &base {
            Field::Unreadable(source) => Field::Unreadable(*source),
            Field::Known(_) | Field::Absent(_) => Field::Known(rollback_plan.digest()),
        },
        base_sha: base,
        evidence_digest: match &verdicts {
            Ok(verdicts) => evidence_digest(verdicts).map_or(Field::Unreadable(Source::Github), Field::Known),
            Err(source) => Field::Unreadable(*source),
        },
        policy_digest: ctx.policy_digest.clone(),
        // Set when the subject is made, from the database's clock.
        expires_at: DateTime::<Utc>::MIN_UTC,
    };
    let reading = reading(run, comparison, made.last_pull, verdicts.unwrap_or_default(), proved.seen, made.logins);
    World { requirement, contributors: made.contributors, rollback_plan, reading, input, data: data.report, subject }
}

async fn read_image(ctx: &Context, service: &Service, sha: &CommitSha) -> Field<ImageDigest> {
    let found = ctx.ecr.find_image_by_tag(&service.image_repository, sha.as_str()).await;
    match or_unreadable(found, Source::Ecr) {
        Ok(Some(image)) => Field::Known(image.digest),
        Ok(None) | Err(_) => Field::Unreadable(Source::Ecr),
    }
}

/// What production runs: its image, and the commit that the registry says it was built from.
async fn read_base(
    ctx: &Context,
    service: &Service,
    environment: &Environment,
) -> (Field<ImageDigest>, Field<CommitSha>) {
    let lost = |source| (Field::Unreadable(source), Field::Unreadable(source));
    let Some(cluster) = ctx.clusters.get(&environment.name) else {
        return lost(Source::Kubernetes);
    };
    let running = cluster.read_running_image(&service.namespace, &service.deployment, &service.container).await;
    let digest = match or_unreadable(running, Source::Kubernetes) {
        // While a release is on its way, or hangs, the template is not what runs.
        Ok(Some(running)) if !running.is_settled() => return lost(Source::Kubernetes),
        Ok(Some(running)) => match running.digest {
            Some(digest) => digest,
            // A tag says nothing about which build runs.
            None => return lost(Source::Kubernetes),
        },
        Ok(None) => return (Field::Absent(Absent::FirstRelease), Field::Absent(Absent::FirstRelease)),
        Err(source) => return lost(source),
    };
    let found = ctx.ecr.find_image_by_digest(&service.image_repository, &digest).await;
    let commit = match or_unreadable(found, Source::Ecr) {
        Ok(Some(image)) => {
            let shas: Vec<CommitSha> = image.tags.iter().filter_map(|tag| tag.parse().ok()).collect();
            match shas.as_slice() {
                [sha] => Field::Known(sha.clone()),
                // None, or several: either way it is not known which commit runs.
                _ => Field::Unreadable(Source::Ecr),
            }
        }
        Ok(None) | Err(_) => Field::Unreadable(Source::Ecr),
    };
    (Field::Known(digest), commit)
}

/// SHA-256 over what a folder holds; `None` when the commit has no such folder.
async fn read_tree(
    github: &github::Client,
    repository: &RepoName,
    commit: &CommitSha,
    path: &str,
) -> Result<Option<Digest>, Source> {
    #[derive(Serialize)]
    struct Line<'a> {
        path: &'a str,
        mode: &'a str,
        blob: &'a str,
    }
    let entries = or_unreadable(github.read_subtree(repository, commit, path).await, Source::Github)?;
    let Some(mut entries) = entries else { return Ok(None) };
    entries.sort_by(|a: &TreeEntry, b| a.path.cmp(&b.path));
    let lines: Vec<Line<'_>> =
        entries.iter().map(|e| Line { path: &e.path, mode: &e.mode, blob: e.sha.as_str() }).collect();
    or_unreadable(canonical::to_bytes(&lines), Source::Github).map(|bytes| Some(Digest::of(&bytes)))
}

fn reading(
    run: &RunFacts,
    comparison: Option<Comparison>,
    last: Option<PullRequestFacts>,
    verdicts: Vec<Verdict>,
    seen: Vec<Seen>,
    logins: BTreeMap<String, String>,
) -> Reading {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let (commits, files, files_complete) = match comparison {
        Some(comparison) => {
            let complete = comparison.files_complete && is_whole(&comparison);
            (comparison.commits, comparison.files, complete)
        }
        None => (Vec::new(), Vec::new(), false),
    };
    let author = |who: &Contributor| match who {
        Contributor::Account(account) => account.login.clone(),
        Contributor::Github => "GitHub".to_owned(),
        Contributor::Unresolved { name, .. } => name.clone(),
    };
    Reading {
        title: last.as_ref().map_or_else(|| run.title.clone(), |pull| pull.title.clone()),
        run_url: run.html_url.to_string(),
        pull_request: last.map(|pull| (pull.number, pull.html_url.to_string())),
        commits: commits.iter().map(|c| (c.sha.to_string(), first_line(&c.message), author(&c.author))).collect(),
        files: files
            .into_iter()
            .map(|f| FileRead {
                path: f.path,
                previous_path: f.previous_path,
                status: f.status,
                additions: f.additions,
                deletions: f.deletions,
            })
            .collect(),
        files_complete,
        verdicts,
        seen,
        logins,
    }
}
