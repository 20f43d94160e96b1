//! The five stages between a commit and production, from jobs that anybody may name as they like.

use super::{Job, Outcome, Phase, RunState};
use crate::tone::Tone;
use serde::{Deserialize, Serialize};

/// One of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Tests, linters, scans of the source.
    Commit,
    /// The image.
    Build,
    /// In staging.
    Staging,
    /// People.
    Approval,
    /// In production.
    Production,
}

impl Stage {
    /// In their order.
    pub const ALL: [Self; 5] = [Self::Commit, Self::Build, Self::Staging, Self::Approval, Self::Production];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Commit => "Commit",
            Self::Build => "Build",
            Self::Staging => "Staging",
            Self::Approval => "Approval",
            Self::Production => "Production",
        }
    }
}

/// Words in a job's name that tell its stage. Where several stand in one name the later stage counts, except that a job
/// called a commit's is one: `commit stage` is about no environment.
const WORDS: [(Stage, &[&str]); 4] = [
    (Stage::Production, &["production", "prod", "prd", "live"]),
    (Stage::Staging, &["staging", "stage", "stg", "preprod", "uat", "smoke", "integration", "e2e"]),
    (Stage::Build, &["build", "image", "docker", "package", "publish", "push", "trivy", "sbom"]),
    (Stage::Commit, &["commit", "lint", "test", "tests", "unit", "check", "checks", "sast", "semgrep", "bandit"]),
];

/// The stage of the job of this name; `None` where its name tells nothing. The approval is no job's.
#[must_use]
pub fn stage_of(name: &str) -> Option<Stage> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    if words.contains(&"commit") {
        return Some(Stage::Commit);
    }
    WORDS.into_iter().find(|(_, of)| of.iter().any(|word| words.contains(word))).map(|(stage, _)| stage)
}

/// What became of the change that asked for this attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// People are asked.
    Held,
    /// It may go on.
    Released,
    /// It may not, or nobody said so in time.
    Refused,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// Its turn has not come.
    Pending,
    /// Held.
    Waiting,
    /// Under way.
    Running,
    /// As it should be.
    Passed,
    /// Failed.
    Failed,
    /// People said no, or nobody said yes in time.
    Refused,
    /// Ended before its end.
    Cancelled,
    /// It did not run, and will not.
    NotRun,
    /// It cannot be told.
    Unknown,
}

impl StageState {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "not yet",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::NotRun => "did not run",
            Self::Unknown => "not known",
        }
    }

    /// Its tone.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Pending | Self::NotRun | Self::Cancelled => Tone::Neutral,
            Self::Waiting => Tone::Warn,
            Self::Running => Tone::Running,
            Self::Passed => Tone::Ok,
            Self::Failed | Self::Refused => Tone::Bad,
            Self::Unknown => Tone::Unknown,
        }
    }
}

/// The five stages of a run, from the jobs of its newest attempt.
#[must_use]
pub fn stages(state: RunState, jobs: &[&Job], verdict: Option<Verdict>) -> [StageState; 5] {
    let of = |stage| {
        let jobs: Vec<&Job> = jobs.iter().copied().filter(|job| stage_of(&job.name) == Some(stage)).collect();
        of_jobs(&jobs, state.is_over())
    };
    let gated = of(Stage::Production);
    let (approval, production) = match (verdict, gated) {
        (Some(Verdict::Held), _) if !state.is_over() => (StageState::Waiting, StageState::Pending),
        // Whoever was refused has a job that failed without having run.
        (Some(Verdict::Refused), _) => (StageState::Refused, StageState::NotRun),
        (Some(Verdict::Released), StageState::Waiting) => (StageState::Passed, StageState::Pending),
        (Some(Verdict::Released), gated) => (StageState::Passed, gated),
        (_, StageState::Waiting) => (StageState::Waiting, StageState::Pending),
        (_, StageState::Running | StageState::Passed) => (StageState::Passed, gated),
        (_, StageState::Failed) => (StageState::Unknown, gated),
        (_, gated) => (gated, gated),
    };
    [of(Stage::Commit), of(Stage::Build), of(Stage::Staging), approval, production]
}

fn of_jobs(jobs: &[&Job], is_over: bool) -> StageState {
    let phase = |phase| jobs.iter().any(|job| job.phase == phase);
    let ended = |outcome| jobs.iter().any(|job| job.phase == Phase::Completed && job.outcome == Some(outcome));
    let untold = jobs.iter().any(|job| job.phase == Phase::Completed && job.outcome.is_none());
    match () {
        () if jobs.is_empty() => {
            if is_over {
                StageState::NotRun
            } else {
                StageState::Pending
            }
        }
        () if ended(Outcome::Failure) || ended(Outcome::Other) => StageState::Failed,
        () if phase(Phase::Running) => StageState::Running,
        () if phase(Phase::Waiting) => StageState::Waiting,
        () if ended(Outcome::Cancelled) => StageState::Cancelled,
        () if phase(Phase::Queued) && phase(Phase::Completed) => StageState::Running,
        () if phase(Phase::Queued) => StageState::Pending,
        () if untold => StageState::Unknown,
        () if ended(Outcome::Success) => StageState::Passed,
        () => StageState::NotRun,
    }
}
