//! What must be equal, and what may differ, by whose word and for how long?

use super::{Aspect, Difference};
use crate::{DateTime, Utc};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Stands for any one word in an object's name, and for any field.
const ANY: &str = "*";

/// What must be equal between which environments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Environment to the one that it mirrors.
    mirrors: BTreeMap<String, String>,
    declared: BTreeSet<Aspect>,
    left_out: Vec<LeftOut>,
    explained: Vec<Explained>,
}

/// Something that is not compared at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// In words.
    pub what: String,
    /// Why it need not be equal.
    pub why: String,
    /// Where it is a part of something declared: of what.
    #[serde(default)]
    pub aspect: Option<Aspect>,
    /// And which objects of it, as `namespace/name`; `*` for any.
    #[serde(default)]
    pub object: Option<String>,
}

/// A difference that somebody explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    /// The two environments: the one that mirrors, and the one that is mirrored.
    pub between: (String, String),
    /// In what.
    pub aspect: Aspect,
    /// Of which object, as `namespace/name`; `*` for any.
    pub object: String,
    /// Which field; `*` for every one.
    pub field: String,
    /// Where it is about these values only: the first environment's. Another value is another difference.
    #[serde(default)]
    pub left: Option<String>,
    /// And the second's.
    #[serde(default)]
    pub right: Option<String>,
    /// Why that is right.
    pub why: String,
    /// The last day on which it explains anything, in UTC.
    pub until: NaiveDate,
}

/// `parity.json` is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parity.json cannot be read: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

impl Declaration {
    /// Reads the policy's file.
    ///
    /// # Errors
    /// When it says something else, declares nothing, or leaves out or explains something without a word why.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            parity: Declaration,
        }
        let File { parity: it } = serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?;
        if it.declared.is_empty() {
            return Err(Malformed("it declares nothing to be equal".to_owned()));
        }
        let is_part = |aspect: &Aspect| aspect.needs() == Aspect::Workloads.needs();
        if it.declared.iter().any(is_part) && !it.declared.contains(&Aspect::Workloads) {
            return Err(Malformed(
                "it declares parts of workloads, but not workloads, so a missing one is not seen".to_owned(),
            ));
        }
        if let Some((name, _)) = it.mirrors.iter().find(|(name, mirrored)| name == mirrored || mirrored.is_empty()) {
            return Err(Malformed(format!("environment {name} mirrors nothing but itself")));
        }
        if let Some(left_out) = it.left_out.iter().find(|it| it.why.trim().is_empty() || it.what.trim().is_empty()) {
            return Err(Malformed(format!("“{}” is left out, and nothing says why", left_out.what)));
        }
        if let Some(half) = it.left_out.iter().find(|it| it.aspect.is_some() != it.object.is_some()) {
            return Err(Malformed(format!(
                "“{}” names an aspect without objects, or objects without an aspect",
                half.what
            )));
        }
        if let Some(explained) = it.explained.iter().find(|it| it.why.trim().is_empty()) {
            return Err(Malformed(format!("a difference of {} is explained without a word why", explained.object)));
        }
        Ok(it)
    }

    /// What this environment mirrors.
    #[must_use]
    pub fn mirrored_by(&self, environment: &str) -> Option<&str> {
        self.mirrors.get(environment).map(String::as_str)
    }

    /// Who mirrors whom.
    pub fn mirrors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mirrors.iter().map(|(one, other)| (one.as_str(), other.as_str()))
    }

    /// What is not compared, and why.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    pub(super) fn declared(&self) -> impl Iterator<Item = Aspect> {
        Aspect::ALL.into_iter().filter(|aspect| self.declared.contains(aspect))
    }

    pub(super) fn leaves_out(&self, aspect: Aspect, object: &str) -> bool {
        let is_it = |it: &LeftOut| it.aspect == Some(aspect) && it.object.as_deref().is_some_and(|o| fits(o, object));
        self.left_out.iter().any(is_it)
    }

    /// The explanations of differences between these two.
    pub(super) fn between(&self, left: &str, right: &str) -> impl Iterator<Item = &Explained> {
        self.explained.iter().filter(move |it| it.between.0 == left && it.between.1 == right)
    }
}

impl Explained {
    pub(super) fn fits(&self, aspect: Aspect, difference: &Difference) -> bool {
        let value = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        self.aspect == aspect
            && fits(&self.object, &difference.object)
            && (self.field == ANY || self.field == difference.field)
            && value(&self.left, &difference.left)
            && value(&self.right, &difference.right)
    }

    /// Whether it explains nothing any more.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now.date_naive() > self.until
    }
}

/// `*` is one word between slashes; nothing else is special.
fn fits(pattern: &str, object: &str) -> bool {
    let (mut wanted, mut is) = (pattern.split('/'), object.split('/'));
    loop {
        match (wanted.next(), is.next()) {
            (None, None) => return true,
            (Some(wanted), Some(word)) if wanted == ANY || wanted == word => {}
            _ => return false,
        }
    }
}
