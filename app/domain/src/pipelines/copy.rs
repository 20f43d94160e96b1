//! A run as it is known here, and what may be added to it.

use crate::ids::{CommitSha, RunAttempt, RunId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a run or a job has come. The order is the one in which it goes; nothing is heard against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Asked for.
    Queued,
    /// Held by something.
    Waiting,
    /// Under way.
    Running,
    /// Over.
    Completed,
}

impl Phase {
    /// From GitHub's word. One that has no meaning here is the least that can be said.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "in_progress" => Self::Running,
            "waiting" => Self::Waiting,
            "completed" => Self::Completed,
            _ => Self::Queued,
        }
    }

    /// For the database.
    #[must_use]
    pub fn rank(self) -> i16 {
        self as i16
    }

    /// Back from there.
    #[must_use]
    pub fn from_rank(rank: i16) -> Self {
        match rank {
            1 => Self::Waiting,
            2 => Self::Running,
            3 => Self::Completed,
            _ => Self::Queued,
        }
    }
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Passed.
    Success,
    /// Failed.
    Failure,
    /// Somebody, or a rule, ended it.
    Cancelled,
    /// Never ran, because its condition did not hold.
    Skipped,
    /// Another word of GitHub's: `timed_out`, `neutral`. No success.
    Other,
}

impl Outcome {
    /// From GitHub's word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "success" => Self::Success,
            "failure" => Self::Failure,
            "cancelled" => Self::Cancelled,
            "skipped" => Self::Skipped,
            _ => Self::Other,
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Other => "other",
        }
    }
}

/// One step of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// Its place, from 1.
    pub number: u32,
    /// Its name: a stranger's words.
    pub name: String,
    /// How far it has come.
    pub phase: Phase,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
}

/// One job of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// How far it has come. First, because it decides which of two words counts.
    pub phase: Phase,
    /// Its steps.
    pub steps: Vec<Step>,
    /// GitHub's number of it.
    pub id: u64,
    /// The attempt that it is of.
    pub attempt: RunAttempt,
    /// Its name: a stranger's words.
    pub name: String,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it began; while it waits, when it began to.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
}

impl Job {
    fn done(&self) -> (Phase, usize) {
        (self.phase, self.steps.iter().filter(|step| step.phase == Phase::Completed).count())
    }
}

/// What GitHub says of a run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Which attempt is the newest. The order of these three decides which of two words counts.
    pub attempt: RunAttempt,
    /// How far it has come.
    pub phase: Phase,
    /// When GitHub last changed it.
    pub updated_at: DateTime<Utc>,
    /// Its number.
    pub id: RunId,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The branch; empty where there is none. A stranger's words.
    pub branch: String,
    /// The commit.
    pub head_sha: CommitSha,
    /// The title: a stranger's words.
    pub title: String,
    /// What started it: `push`, `workflow_dispatch`, …
    pub event: String,
    /// Who started this attempt.
    pub actor: String,
    /// When the first attempt was made.
    pub created_at: DateTime<Utc>,
    /// When this attempt began.
    pub started_at: DateTime<Utc>,
}

/// A run and all jobs that are known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The run.
    pub run: Run,
    /// Its jobs, of every attempt.
    pub jobs: BTreeMap<(RunAttempt, u64), Job>,
}

impl Copy {
    /// A run of which nothing else is known.
    #[must_use]
    pub fn of(run: Run) -> Self {
        Self { run, jobs: BTreeMap::new() }
    }

    /// Another word about the run. Whether it said something new.
    pub fn hear_run(&mut self, heard: Run) -> bool {
        let is_new = heard.id == self.run.id && heard > self.run;
        if is_new {
            self.run = heard;
        }
        is_new
    }

    /// A word about one of its jobs. Whether it said something new.
    pub fn hear_job(&mut self, heard: Job) -> bool {
        let known = self.jobs.get(&(heard.attempt, heard.id));
        let is_new = known.is_none_or(|known| heard.done().cmp(&known.done()).then_with(|| heard.cmp(known)).is_gt());
        if is_new {
            self.jobs.insert((heard.attempt, heard.id), heard);
        }
        is_new
    }

    /// The jobs of the newest attempt.
    pub fn current(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values().filter(|job| job.attempt == self.run.attempt)
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> RunState {
        let any = |phase| self.current().any(|job| job.phase == phase);
        match (self.run.phase, self.run.outcome) {
            (Phase::Completed, Some(Outcome::Success)) => RunState::Success,
            (Phase::Completed, Some(Outcome::Failure)) => RunState::Failure,
            (Phase::Completed, Some(Outcome::Cancelled)) => RunState::Cancelled,
            (Phase::Completed, _) => RunState::Other,
            _ if any(Phase::Running) => RunState::Running,
            _ if any(Phase::Waiting) => RunState::Waiting,
            (Phase::Running, _) => RunState::Running,
            _ if any(Phase::Completed) => RunState::Running,
            (Phase::Waiting, _) => RunState::Waiting,
            _ => RunState::Queued,
        }
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Nothing of it has begun.
    Queued,
    /// A job of it waits, and none runs.
    Waiting,
    /// Something of it has begun.
    Running,
    /// Passed.
    Success,
    /// Failed.
    Failure,
    /// Ended by somebody.
    Cancelled,
    /// Ended in another way.
    Other,
}

impl RunState {
    /// Every state, in the order of a run's life.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Waiting, Self::Running, Self::Success, Self::Failure, Self::Cancelled, Self::Other];

    /// As it is kept, and as it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Other => "other",
        }
    }

    /// Back from there.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether GitHub said that it is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Waiting | Self::Running)
    }
}
