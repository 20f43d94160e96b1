//! Who must sign this subject, by which rule, and how was that decided?
//!
//! Whatever the policy says, two engineers sign. Where not all that changes is known, or the policy gives no answer that
//! counts, everybody signs: closed when unsure. How it was decided stands in the entry that opens the change.

use super::files::{ChangedFiles, Doubt};
use super::policy::{Ask, Demand, Freeze, PolicyAnswer, PolicyFault};
use super::seats::Seat;
use super::want::Want;
use crate::ids::Digest;
use crate::people::Role;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// Paths that an entry of the log names for one rule, and how many bytes of each, and of why a seat is asked: an entry
/// has room for so much.
const SHOWN: usize = 3;
const LONGEST_PATH: usize = 120;
const LONGEST_WHY: usize = 300;
/// Of a proof without a time.
const UNDATED: &str = "It is not known when this was proved. Run the pipeline again.";
/// Everybody who signs off, beside two engineers.
const EVERYBODY: [Role; 3] = [Role::Security, Role::Dpo, Role::Guardrail];

/// All that the policy asks for one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The policy's name and version.
    pub policy: String,
    /// In the order in which they are shown and filled.
    pub seats: Vec<Seat>,
    /// How it was decided; what was asked for before policies were evaluated has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// How a requirement came about: enough to do it again and compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Of the policy's files.
    pub policy_digest: Digest,
    /// Of the exact JSON that it was given.
    pub input_digest: Digest,
    /// What evaluated it.
    pub engine: String,
    /// The rules that matched.
    pub rules: Vec<RuleMatched>,
    /// What stands against knowing all that changes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub doubts: BTreeSet<Doubt>,
    /// Why the policy's answer does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PolicyFault>,
    /// When nothing goes out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub freezes: BTreeSet<Freeze>,
    /// What must be proved, met or not; decided before evidence was asked for: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wants: Vec<Want>,
    /// Of the report on what happens to people's data, where a file says something about it: what was shown beside a
    /// signature can be proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Digest>,
}

/// One rule, and what it matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleMatched {
    /// Its words.
    pub rule: String,
    /// Whom it asks.
    pub role: Role,
    /// The first paths.
    pub paths: Vec<String>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// What was asked of the policy, and what it said.
#[derive(Debug)]
pub struct Consulted<'a> {
    /// Of the policy's files.
    pub policy_digest: Digest,
    /// Of the exact JSON that it was given.
    pub input_digest: Digest,
    /// What evaluated it.
    pub engine: &'a str,
    /// What changes.
    pub changed: &'a ChangedFiles,
    /// When each proof was made, by what it is about. The policy is not told: it has no clock.
    pub proved_at: &'a BTreeMap<String, DateTime<Utc>>,
    /// The policy's words.
    pub answer: Result<PolicyAnswer, PolicyFault>,
}

impl Requirement {
    /// Two engineers for any production change.
    #[must_use]
    pub fn two_engineers() -> Self {
        Self { policy: "two-engineers/v1".to_owned(), seats: seats(&BTreeMap::from([engineers()])), decided: None }
    }

    /// Everybody, whatever the policy says: who guards the rules is not for the rules to say.
    #[must_use]
    pub fn for_the_rules() -> Self {
        let because = || "the rules themselves".to_owned();
        let everybody = EVERYBODY.into_iter().map(|role| (role, (1, because())));
        let wanted = everybody.chain([(Role::Engineer, (2, because()))]).collect();
        Self { policy: "the-rules-themselves/v1".to_owned(), seats: seats(&wanted), decided: None }
    }

    /// The seats that follow from a policy's answer, and never fewer than the invariants ask.
    #[must_use]
    pub fn decided(consulted: Consulted<'_>) -> Self {
        let Consulted { policy_digest, input_digest, engine, changed, proved_at, answer } = consulted;
        let answer = answer.and_then(|answer| answer.check(changed).map(|()| answer));
        let (asks, freezes, demands, fault) = match answer {
            Ok(answer) => (answer.asks, answer.freezes, answer.wants, None),
            Err(fault) => (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), Some(fault)),
        };
        let wants = demands.into_iter().map(|demand| wanted(demand, proved_at)).collect();
        let rules: Vec<RuleMatched> = asks.iter().map(matched).collect();
        let mut wanted: BTreeMap<Role, (u8, String)> = BTreeMap::new();
        for (ask, rule) in asks.iter().zip(&rules) {
            let (seats, because) = wanted.entry(ask.role).or_default();
            *seats = (*seats).max(ask.seats);
            let joint = if because.is_empty() { "" } else { "; " };
            because.push_str(&format!("{joint}{}", rule.sentence()));
        }
        let unsure = match (&fault, changed.doubts().first()) {
            (Some(fault), _) => Some(format!("the policy gave no answer: {fault}")),
            (None, Some(doubt)) => Some(format!("could not tell all that changes: {}", shown_doubt(doubt))),
            (None, None) => None,
        };
        if let Some(because) = unsure {
            wanted.entry(Role::Engineer).or_insert_with(|| engineers().1);
            for role in EVERYBODY {
                wanted.entry(role).or_insert_with(|| (1, because.clone()));
            }
        }
        let doubts = changed.doubts().iter().map(kept_doubt).collect();
        let engine = engine.to_owned();
        let data = None;
        let decided = Decided { policy_digest, input_digest, engine, rules, doubts, fault, freezes, wants, data };
        Self { policy: "gatehouse.promotion/v1".to_owned(), seats: seats(&wanted), decided: Some(decided) }
    }

    /// The same, decided after this report on people's data was made.
    #[must_use]
    pub fn after_reading(mut self, report: Option<Digest>) -> Self {
        if let Some(decided) = &mut self.decided {
            decided.data = report;
        }
        self
    }

    /// The roles that are asked for.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        self.seats.iter().map(|seat| seat.role).collect()
    }

    /// Why the policy's answer does not count, if so.
    #[must_use]
    pub fn fault(&self) -> Option<PolicyFault> {
        self.decided.as_ref().and_then(|decided| decided.fault)
    }

    /// The windows in which nothing goes out.
    pub fn freezes(&self) -> impl Iterator<Item = &Freeze> {
        self.decided.iter().flat_map(|decided| &decided.freezes)
    }

    /// What must be proved, met or not.
    pub fn wants(&self) -> impl Iterator<Item = &Want> {
        self.decided.iter().flat_map(|decided| &decided.wants)
    }

    /// Whether both ask for the same. How old a proof is is no part of that: a newer one of the same makes nothing fall.
    #[must_use]
    pub fn asks_the_same(&self, other: &Self) -> bool {
        self.timeless() == other.timeless()
    }

    fn timeless(&self) -> Self {
        let decided = self
            .decided
            .clone()
            .map(|decided| Decided { wants: decided.wants.iter().map(Want::timeless).collect(), ..decided });
        Self { decided, ..self.clone() }
    }

    /// Whether deciding again may come to something else, without anything having changed.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        let passes = |decided: &Decided| decided.fault.is_some() || decided.doubts.iter().any(Doubt::may_pass);
        self.decided.as_ref().is_some_and(passes)
    }
}

impl RuleMatched {
    /// `infrastructure: modules/eks/main.tf and 2 more`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let rest = self.paths.len().saturating_sub(1) + self.more.as_ref().and_then(|n| n.parse().ok()).unwrap_or(0);
        match (self.paths.first(), rest) {
            (None, _) => self.rule.clone(),
            (Some(path), 0) => format!("{}: {path}", self.rule),
            (Some(path), rest) => format!("{}: {path} and {rest} more", self.rule),
        }
    }
}

/// A proof that must be fresh, and of which nobody says when it was made, is none.
fn wanted(demand: Demand, proved_at: &BTreeMap<String, DateTime<Utc>>) -> Want {
    let made = proved_at.get(&demand.check);
    let fresh_until = demand.fresh_hours.and_then(|hours| Some(*made? + Duration::hours(i64::from(hours))));
    let timeless = demand.fresh_hours.is_some() && fresh_until.is_none();
    let unmet = demand.unmet.or_else(|| timeless.then(|| UNDATED.to_owned()));
    let Demand { check, rule, emergency_may_skip, by_person, .. } = demand;
    Want { check, rule, unmet, emergency_may_skip, fresh_until, by_person }
}

fn engineers() -> (Role, (u8, String)) {
    (Role::Engineer, (2, "any production change".to_owned()))
}

fn seats(wanted: &BTreeMap<Role, (u8, String)>) -> Vec<Seat> {
    let of_role = |(role, (count, because)): (&Role, &(u8, String))| {
        let (role, count, because) = (*role, *count, because.clone());
        (1..=count).map(move |n| {
            let name = if count == 1 { role.to_string() } else { format!("{role} {n}") };
            Seat { name, role, because: cut(&because, LONGEST_WHY) }
        })
    };
    wanted.iter().flat_map(of_role).collect()
}

fn matched(ask: &Ask) -> RuleMatched {
    let more = ask.paths.len().saturating_sub(SHOWN);
    RuleMatched {
        rule: ask.rule.clone(),
        role: ask.role,
        paths: ask.paths.iter().take(SHOWN).map(|path| kept(path)).collect(),
        more: (more > 0).then(|| more.to_string()),
    }
}

/// A path as an entry can hold it: whoever named the file may not make the entry impossible.
fn kept(path: &str) -> String {
    let normal: String = path.nfc().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    cut(&normal, LONGEST_PATH)
}

fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= longest).last().unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

fn kept_doubt(doubt: &Doubt) -> Doubt {
    match doubt {
        Doubt::Submodule(path) => Doubt::Submodule(kept(path)),
        other => other.clone(),
    }
}

fn shown_doubt(doubt: &Doubt) -> String {
    kept_doubt(doubt).to_string()
}
