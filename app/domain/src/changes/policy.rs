//! What is a policy told, and what may it answer?
//!
//! Both are JSON with a version of their own. A policy can ask for more than the invariants do, never for less: what it
//! answers is checked in [`super::Requirement::decided`].

use super::evidence::Evidence;
use super::files::ChangedFiles;
use super::values::ValuesMoved;
use crate::people::Role;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The version of the input.
pub const INPUT_SCHEMA: &str = "gatehouse.policy.input/v2";
/// The version of the answer. An answer of the first version says nothing of evidence, and not to say is not to need
/// none: it is no answer.
pub const RESULT_SCHEMA: &str = "gatehouse.policy.result/v2";

/// What only a person's word settles: that the rollback plan is what is to be done.
pub const CONFIRMED_PLAN: &str = "rollback-plan";

/// More asks, freezes or signatures than this are a mistake.
const MOST: usize = 16;
/// More wants, and a longer time for which a proof is good.
const MOST_WANTS: usize = 24;
const MOST_HOURS: u16 = 24 * 30;
const MOST_SEATS: u8 = 6;
const LONGEST: usize = 200;
/// A sentence that says what was found, too.
const LONGEST_SENTENCE: usize = 400;

/// Everything that a policy is told. No clock, no person: the same promotion is always told the same way.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyInput<'a> {
    /// [`INPUT_SCHEMA`].
    pub schema: &'static str,
    /// What is deployed.
    pub service: &'a str,
    /// Where.
    pub environment: &'a str,
    /// Whether people depend on it.
    pub production: bool,
    /// `owner/name`.
    pub repository: &'a str,
    /// The workflow file that asks.
    pub workflow: &'a str,
    /// Who owns the service.
    pub owner_team: &'a str,
    /// The tree of deploy values.
    pub config_path: &'a str,
    /// The tree of migrations.
    pub migrations_path: &'a str,
    /// Whether `paths` holds everything that changes.
    pub complete: bool,
    /// Every path that differs from what production runs; a renamed file under both names.
    pub paths: &'a BTreeSet<String>,
    /// Each class of files that the policy's data names, with those of `paths` that belong to it.
    pub classes: BTreeMap<&'a str, Vec<&'a str>>,
    /// What was proved about the build.
    pub evidence: &'a Evidence,
    /// Those of `paths` that touch personal data, or may.
    pub personal: &'a BTreeSet<String>,
    /// Those of `paths` that are deploy values, with every key, in lower case, under which something differs; null where
    /// nobody can tell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: &'a ValuesMoved,
}

/// What a policy answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyAnswer {
    /// [`RESULT_SCHEMA`].
    pub schema: String,
    /// Who must sign, and why.
    pub asks: BTreeSet<Ask>,
    /// When nothing goes out.
    pub freezes: BTreeSet<Freeze>,
    /// What must be proved.
    pub wants: BTreeSet<Demand>,
}

/// One thing that must be proved, and whether it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// What it is about; each once.
    pub check: String,
    /// What must be so, in a few words.
    pub rule: String,
    /// Why it is not, in one sentence with its remedy; absent when it is.
    #[serde(default)]
    pub unmet: Option<String>,
    /// Whether an emergency may go out without it.
    pub emergency_may_skip: bool,
    /// For how many hours after it was made the proof is good; for ever where absent.
    #[serde(default)]
    pub fresh_hours: Option<u16>,
    /// Whether a person's word in Gatehouse settles it: the policy is told of no person, and the deciding transaction looks.
    /// Only [`CONFIRMED_PLAN`] can be wanted so.
    #[serde(default)]
    pub by_person: bool,
}

/// One rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Whom it asks.
    pub role: Role,
    /// Why, in a few words.
    pub rule: String,
    /// How many of them.
    pub seats: u8,
    /// What it matched.
    pub paths: BTreeSet<String>,
}

/// A window in which nothing goes out. The database's clock says whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub because: String,
}

impl Freeze {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.until
    }
}

impl fmt::Display for Freeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until {} ({})", self.until.to_rfc3339_opts(SecondsFormat::Secs, true), self.because)
    }
}

/// Why a policy's answer is not one. Everybody is asked then, and the gate stays shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyFault {
    /// The policy's files are no policy.
    DoesNotCompile,
    /// It took longer than it may.
    TookTooLong,
    /// It ended in an error.
    Failed,
    /// It answered in another shape than is documented, or named a role, a path or a time that there is not.
    WrongShape,
    /// It asks for fewer than two engineers.
    AsksTooLittle,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoesNotCompile => "it does not compile",
            Self::TookTooLong => "it took longer than it may",
            Self::Failed => "it ended in an error",
            Self::WrongShape => "its answer is not of the documented shape",
            Self::AsksTooLittle => "it asks for fewer than two engineers",
        })
    }
}

impl PolicyAnswer {
    /// What its shape alone does not say.
    pub(super) fn check(&self, changed: &ChangedFiles) -> Result<(), PolicyFault> {
        let text = |text: &str| (1..=LONGEST).contains(&text.len()) && unicode_normalization::is_nfc(text);
        let ask = |ask: &Ask| {
            ask.role.signs()
                && (1..=MOST_SEATS).contains(&ask.seats)
                && text(&ask.rule)
                && ask.paths.is_subset(changed.paths())
        };
        let freeze = |freeze: &Freeze| text(&freeze.because) && freeze.from < freeze.until;
        let sentence = |text: &str| (1..=LONGEST_SENTENCE).contains(&text.len()) && unicode_normalization::is_nfc(text);
        let want = |want: &Demand| {
            let hours = want.fresh_hours.is_none_or(|hours| (1..=MOST_HOURS).contains(&hours));
            // Nobody skips it, and no machine proves it.
            let is_said = want.unmet.is_some() || want.emergency_may_skip || want.fresh_hours.is_some();
            let by_person = !want.by_person || (want.check == CONFIRMED_PLAN && !is_said);
            by_person && text(&want.check) && text(&want.rule) && want.unmet.as_deref().is_none_or(sentence) && hours
        };
        let checks: BTreeSet<&str> = self.wants.iter().map(|want| want.check.as_str()).collect();
        let is_well = self.schema == RESULT_SCHEMA
            && self.wants.len() <= MOST_WANTS
            && checks.len() == self.wants.len()
            && self.wants.iter().all(want)
            && self.asks.len() <= MOST
            && self.freezes.len() <= MOST
            && self.asks.iter().all(ask)
            && self.freezes.iter().all(freeze);
        let engineers = self.asks.iter().filter(|ask| ask.role == Role::Engineer).map(|ask| ask.seats).max();
        match (is_well, engineers) {
            (false, _) => Err(PolicyFault::WrongShape),
            (true, Some(2..)) => Ok(()),
            (true, _) => Err(PolicyFault::AsksTooLittle),
        }
    }
}
