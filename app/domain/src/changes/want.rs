//! What must be proved before anything goes out, and is it?

use crate::reason::Reason;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One thing that the policy wants proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// What it is about: `staging`, `trivy` …
    pub check: String,
    /// What must be so, in a few words.
    pub rule: String,
    /// Why it is not, in one sentence with its remedy; absent when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
    /// Whether an emergency may go out without it; in the log the word `yes`, or nothing: it holds no booleans.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", with = "yes")]
    pub emergency_may_skip: bool,
    /// Until when the proof is taken; the database's clock says whether that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_until: Option<DateTime<Utc>>,
    /// Whether a person's word settles it: then the change says whether it is met, and nothing here does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", with = "yes")]
    pub by_person: bool,
}

impl Want {
    /// Why it keeps the gate shut at `now`, if it does.
    #[must_use]
    pub fn against(&self, now: DateTime<Utc>) -> Option<Reason> {
        match (&self.unmet, self.fresh_until) {
            (Some(unmet), _) => Some(Reason::EvidenceWanting { check: self.check.clone(), unmet: unmet.clone() }),
            (None, Some(until)) if now >= until => Some(Reason::EvidenceLapsed(self.check.clone())),
            (None, _) => None,
        }
    }

    /// The same without the time, which is no part of what was decided.
    pub(super) fn timeless(&self) -> Self {
        Self { fresh_until: None, ..self.clone() }
    }
}

/// A boolean as canonical bytes can hold it.
mod yes {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(_is: &bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str("yes")
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<bool, D::Error> {
        let word = String::deserialize(from)?;
        if word == "yes" { Ok(true) } else { Err(D::Error::custom("neither `yes` nor nothing")) }
    }
}
