//! What does GitHub know? Accounts, repositories, pull requests, runs with their attempts and jobs, deployments, and
//! what was answered. Statuses of a run are derived from its jobs, never stored.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::git::{Commit, Store};
use super::story::PRODUCTION;
use crate::world;

/// A run's number, as in `/actions/runs/{id}`.
pub type RunId = u64;

#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub id: u64,
    pub login: String,
    pub name: String,
    pub email: String,
    /// GitHub's word: `User` or `Bot`.
    pub kind: &'static str,
}

pub(crate) struct Repo {
    pub id: u64,
    pub name: String,
    pub description: String,
    pub created_at: DateTime<Utc>,
    pub pushed_at: DateTime<Utc>,
    pub git: Store,
    pub branches: BTreeMap<String, String>,
    pub activity: Vec<Activity>,
}

impl Repo {
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", world::ORGANIZATION, self.name)
    }

    /// A commit by branch name, full ref or SHA.
    pub(crate) fn commit(&self, reference: &str) -> Option<&Commit> {
        let name = reference.strip_prefix("refs/").unwrap_or(reference);
        let name = name.strip_prefix("heads/").unwrap_or(name);
        self.git.commit(self.branches.get(name).map_or(reference, String::as_str))
    }

    /// What Gatehouse's App sees as the environment's id.
    pub(crate) fn environment_id(&self, environment: &str) -> u64 {
        161_000_000 + self.id * 10 + u64::from(environment == "production")
    }
}

/// One line of the repository's activity: who moved which ref from where to where.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub id: u64,
    pub reference: String,
    pub before: String,
    pub after: String,
    pub actor: u64,
    pub kind: &'static str,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub id: u64,
    pub number: u64,
    pub repo: u64,
    pub title: String,
    pub author: u64,
    pub branch: String,
    pub base_sha: String,
    pub head_sha: String,
    pub merged_by: u64,
    pub created_at: DateTime<Utc>,
    pub merged_at: DateTime<Utc>,
    pub commits: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub id: u64,
    pub name: &'static str,
    pub environment: Option<&'static str>,
    pub status: &'static str,
    pub conclusion: Option<&'static str>,
    /// Name and conclusion.
    pub steps: Vec<(&'static str, &'static str)>,
    pub started_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub number: u64,
    pub triggering_actor: u64,
    pub started_at: DateTime<Utc>,
    pub jobs: Vec<Job>,
    /// The environments that wait for the rule's answer, each with its deployment.
    pub pending: BTreeMap<String, u64>,
}

impl Run {
    /// Whether the newest attempt's production job was let go.
    pub(crate) fn is_released(&self) -> bool {
        let job = self.attempts.last().and_then(|attempt| attempt.job(PRODUCTION));
        job.is_some_and(|job| job.status == "in_progress" || job.conclusion == Some("success"))
    }
}

impl Attempt {
    pub(crate) fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.name == name)
    }

    pub(crate) fn status(&self) -> &'static str {
        let any = |status| self.jobs.iter().any(|job| job.status == status);
        if any("waiting") {
            "waiting"
        } else if any("in_progress") || any("queued") {
            "in_progress"
        } else {
            "completed"
        }
    }

    pub(crate) fn conclusion(&self) -> Option<&'static str> {
        let any = |conclusion| self.jobs.iter().any(|job| job.conclusion == Some(conclusion));
        match self.status() {
            "completed" if any("cancelled") => Some("cancelled"),
            "completed" if any("failure") => Some("failure"),
            "completed" => Some("success"),
            _ => None,
        }
    }

    pub(crate) fn updated_at(&self) -> DateTime<Utc> {
        self.jobs.iter().map(|job| job.completed_at.unwrap_or(job.started_at)).max().unwrap_or(self.started_at)
    }
}

/// The login under which the portal's App speaks.
pub(crate) const PORTAL: &str = "gatehouse[bot]";

/// What somebody said about one run and environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The environment's name in GitHub.
    pub environment: String,
    /// `approved` or `rejected`.
    pub state: String,
    /// The comment shown in GitHub.
    pub comment: String,
    /// The login that said it: the portal's App, or a person who may review.
    pub by: String,
    /// The attempt that was waiting when it came.
    pub attempt: u64,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// A comment without a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// The environment's name in GitHub.
    pub environment: String,
    /// The Markdown shown in GitHub.
    pub comment: String,
    /// The attempt that was waiting when it came.
    pub attempt: u64,
    /// When it came.
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub id: RunId,
    pub number: u64,
    pub repo: u64,
    pub service: String,
    pub workflow: String,
    pub workflow_id: u64,
    pub branch: String,
    pub head_sha: String,
    pub title: String,
    pub event: String,
    pub actor: u64,
    pub pull: Option<u64>,
    pub created_at: DateTime<Utc>,
    pub attempts: Vec<Attempt>,
    pub answers: Vec<Answer>,
    pub reports: Vec<StatusReport>,
}

#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub id: u64,
    pub repo: u64,
    pub run: RunId,
    pub job: u64,
    pub sha: String,
    pub reference: String,
    pub environment: String,
    pub creator: u64,
    pub created_at: DateTime<Utc>,
    pub statuses: Vec<DeploymentStatus>,
}

#[derive(Clone, Debug)]
pub(crate) struct DeploymentStatus {
    pub id: u64,
    pub state: &'static str,
    pub description: String,
    pub at: DateTime<Utc>,
}

/// An installation token that was given out.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub expires_at: DateTime<Utc>,
    /// Narrowed to these repositories, or all.
    pub repositories: Option<Vec<u64>>,
}

#[derive(Default)]
pub(crate) struct GitHub {
    pub accounts: Vec<Account>,
    pub repos: Vec<Repo>,
    pub pulls: Vec<Pull>,
    pub runs: BTreeMap<RunId, Run>,
    pub deployments: BTreeMap<u64, Deployment>,
    pub tokens: BTreeMap<String, Token>,
    pub deliveries: Vec<super::webhook::Delivery>,
    /// Webhooks that a fault keeps from going out.
    pub held_back: Vec<super::webhook::Delivery>,
    pub rate: super::rate::Rate,
    /// What `/begin` started, so that beginning twice starts nothing twice.
    pub begun: Vec<RunId>,
    /// The week's other runs that wait, and what becomes of them.
    pub begun_week: Vec<(RunId, crate::history::week::Fate)>,
    /// Production has another App's rule beside the portal's, and waits for both.
    pub other_rule: bool,
    /// Whether the portal is told of runs and jobs, beside being asked.
    pub tells: bool,
    /// Answer every recursive tree as if it had been too large.
    pub truncate_trees: bool,
    /// What runs left behind.
    pub artifacts: Vec<super::evidence::Artifact>,
    /// What other Apps say of commits.
    pub other_checks: Vec<super::evidence::OtherCheck>,
    /// Every check run says that it failed, whatever the job says.
    pub doubt_checks: bool,
    pub next_id: u64,
    pub next_pull: u64,
}

impl GitHub {
    pub(crate) fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn account(&self, id: u64) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn account_by_login(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login.eq_ignore_ascii_case(login))
    }

    /// GitHub links a commit to an account by the e-mail in it, also by the noreply forms.
    pub(crate) fn account_by_email(&self, email: &str) -> Option<&Account> {
        let noreply = email.strip_suffix("@users.noreply.github.com");
        self.accounts.iter().find(|account| {
            account.email.eq_ignore_ascii_case(email)
                || noreply
                    .is_some_and(|local| local == account.login || local == format!("{}+{}", account.id, account.login))
        })
    }

    pub(crate) fn repo(&self, id: u64) -> Option<&Repo> {
        self.repos.iter().find(|repo| repo.id == id)
    }

    pub(crate) fn repo_mut(&mut self, id: u64) -> Option<&mut Repo> {
        self.repos.iter_mut().find(|repo| repo.id == id)
    }

    pub(crate) fn repo_by_name(&self, owner: &str, name: &str) -> Option<&Repo> {
        self.repos
            .iter()
            .find(|repo| owner.eq_ignore_ascii_case(world::ORGANIZATION) && repo.name.eq_ignore_ascii_case(name))
    }
}
