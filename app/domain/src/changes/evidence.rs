//! What was proved about the build: what a policy is told of it, and the verdicts whose digest is signed.

use crate::canonical;
use crate::ids::{Digest, ImageDigest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// One check's outcome for one image. Bytes of reports and times stay out, so that proving the same again is the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The check's name, such as the job's.
    pub check: String,
    /// The image that it is about.
    pub image_digest: ImageDigest,
    /// GitHub's conclusion word: `success`, `failure`, `skipped` …
    pub result: String,
    /// Ids of CRITICAL and HIGH findings, sorted; empty for a check that finds none.
    pub ids: Vec<String>,
}

/// SHA-256 over the sorted verdicts; the same set in any order has the same digest.
#[must_use]
pub fn evidence_digest(verdicts: &[Verdict]) -> Option<Digest> {
    let mut sorted = verdicts.to_vec();
    sorted.iter_mut().for_each(|v| v.ids.sort());
    sorted.sort();
    canonical::to_bytes(&sorted).ok().map(|bytes| Digest::of(&bytes))
}

/// What is known about the build, as a policy is told. No times: the same findings are always told the same way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The image that would be released; absent where the registry did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageDigest>,
    /// Whether that is the image which the commit's own tag names.
    pub tagged_by_commit: bool,
    /// The registry's account.
    pub account: String,
    /// The registry's region.
    pub region: String,
    /// The jobs of the run's own attempt. Nothing that another workflow, attempt or App says is among them.
    pub checks: BTreeSet<Check>,
    /// What the run's artifacts and the registry hold, one for each kind that Gatehouse reads.
    pub reports: BTreeSet<Report>,
}

/// A job of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Check {
    /// Its name in the workflow.
    pub name: String,
    /// GitHub's conclusion word, `unfinished`, or `unconfirmed` where GitHub's own check run does not say the same.
    pub result: String,
}

/// What one report says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Report {
    /// Which kind: `trivy`, `coverage` …
    pub check: String,
    /// In one word.
    pub result: Outcome,
    /// The image that it names, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageDigest>,
    /// Ids of what it found and counts against it, sorted; the first so many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// What it measured, in whole units and rounded against the build: per cent of lines, users at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<u64>,
    /// The same in a few words of ours, for the sentence that a person reads.
    pub said: String,
}

/// How a report came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read; nothing in it counts against the build.
    Passed,
    /// Read; something does.
    Failed,
    /// The run has none.
    Missing,
    /// There is one, and it could not be read.
    Unreadable,
}

impl Outcome {
    /// The word in verdicts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "success",
            Self::Failed => "failure",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
