//! What the pages of runs show.

use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::{Outcome, Phase, RunState, StageState};
use gatehouse_domain::tone::Tone;
use serde::{Deserialize, Serialize};

/// Which runs; all of it lives in the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFilter {
    /// A service's name.
    pub service: Option<String>,
    /// A state's code, such as `waiting`.
    pub state: Option<String>,
    /// A branch.
    pub branch: Option<String>,
    /// A run's number, or the beginning of a commit's SHA.
    pub find: Option<String>,
    /// The last of the page before (keyset).
    pub after: Option<String>,
}

/// The change that asked for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    /// Its number.
    pub number: String,
    /// Where it stands, in a word.
    pub word: String,
    /// In a colour.
    pub tone: Tone,
}

/// A run as a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    /// GitHub's number of it.
    pub id: String,
    /// The newest attempt.
    pub attempt: u64,
    /// Our word for what it builds.
    pub service: String,
    /// The branch; empty where there is none.
    pub branch: String,
    /// The commit.
    pub head_sha: String,
    /// The title: a stranger's words.
    pub title: String,
    /// Who started it.
    pub actor: String,
    /// Where it stands.
    pub state: RunState,
    /// The five stages.
    pub stages: [StageState; 5],
    /// For how long jobs of it ran.
    pub took_seconds: i64,
    /// For how long they usually do; absent where too few are known.
    pub usual_seconds: Option<i64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it waits on, or waited on.
    pub change: Option<AskedFor>,
}

/// How current what is shown is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// What could not be read, and why; whose, by name.
    pub troubles: Vec<(String, String, Option<DateTime<Utc>>)>,
    /// Repositories that were never read yet.
    pub unread: Vec<String>,
}

/// One page of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPage {
    /// Newest first.
    pub rows: Vec<RunRow>,
    /// For the next page.
    pub next: Option<String>,
    /// Every service's name.
    pub services: Vec<String>,
    /// How current it is.
    pub currency: Currency,
    /// When this was read.
    pub as_of: DateTime<Utc>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Its name.
    pub name: String,
    /// How far.
    pub phase: Phase,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How long it took, where GitHub says so.
    pub seconds: Option<i64>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its name.
    pub name: String,
    /// Which stage it is counted to.
    pub stage: Option<String>,
    /// How far.
    pub phase: Phase,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// How long it ran.
    pub seconds: Option<i64>,
    /// Its log at GitHub; built here.
    pub log: String,
    /// Its steps.
    pub steps: Vec<StepView>,
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Its number.
    pub number: u64,
    /// The change that it asked for.
    pub change: Option<AskedFor>,
    /// Its jobs; empty where GitHub told none.
    pub jobs: Vec<JobView>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// As in the list.
    pub row: RunRow,
    /// `owner/name`.
    pub repository: String,
    /// What started it.
    pub event: String,
    /// At GitHub; built here.
    pub href: String,
    /// Why its change is held: the gate's own sentences.
    pub why: Vec<String>,
    /// Newest first.
    pub attempts: Vec<AttemptView>,
    /// How current it is.
    pub currency: Currency,
    /// When this was read.
    pub as_of: DateTime<Utc>,
}
