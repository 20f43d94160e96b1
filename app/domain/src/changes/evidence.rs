//! What was proved about the build, reduced to verdicts.

use crate::canonical;
use crate::ids::{Digest, ImageDigest};
use serde::{Deserialize, Serialize};

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
