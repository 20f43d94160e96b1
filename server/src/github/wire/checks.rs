//! What Apps say about a commit, and what a run left behind.

use super::super::facts::{ArtifactFacts, CheckRunFacts};
use super::runs::conclusion;
use super::{Unfit, number, parsed};
use chrono::{DateTime, Utc};
use gatehouse_domain::{Digest, RunId};
use serde::Deserialize;

#[derive(Deserialize)]
pub(in crate::github) struct RawCheckRuns {
    pub(in crate::github) total_count: usize,
    pub(in crate::github) check_runs: Vec<RawCheckRun>,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawCheckRun {
    id: u64,
    conclusion: Option<String>,
    app: Option<RawApp>,
}

#[derive(Deserialize)]
struct RawApp {
    slug: Option<String>,
}

impl From<RawCheckRun> for CheckRunFacts {
    fn from(raw: RawCheckRun) -> Self {
        let app = raw.app.and_then(|app| app.slug).unwrap_or_default();
        Self { id: raw.id, app, conclusion: raw.conclusion.map(conclusion) }
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawArtifacts {
    pub(in crate::github) total_count: usize,
    pub(in crate::github) artifacts: Vec<RawArtifact>,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawArtifact {
    id: u64,
    name: String,
    size_in_bytes: u64,
    expired: bool,
    created_at: Option<DateTime<Utc>>,
    digest: Option<String>,
    workflow_run: Option<RawLeft>,
}

#[derive(Deserialize)]
struct RawLeft {
    id: Option<u64>,
    head_sha: Option<String>,
}

impl TryFrom<RawArtifact> for ArtifactFacts {
    type Error = Unfit;
    fn try_from(raw: RawArtifact) -> Result<Self, Unfit> {
        let digest = raw.digest.as_deref().map(|text| text.strip_prefix("sha256:").unwrap_or(text));
        let digest = digest.map(|hex| parsed::<Digest>(hex, "an artifact's digest is no SHA-256")).transpose()?;
        let (run, head_sha) = raw.workflow_run.map_or((None, None), |left| (left.id, left.head_sha));
        Ok(Self {
            id: number(raw.id, "an artifact's id is no id")?,
            name: raw.name,
            size: raw.size_in_bytes,
            digest,
            run: run.map(|id| number(id, "an artifact's run is no run")).transpose()?.map(RunId),
            head_sha: head_sha.map(|sha| parsed(&sha, "an artifact's commit is no commit SHA")).transpose()?,
            expired: raw.expired,
            created_at: raw.created_at,
        })
    }
}
