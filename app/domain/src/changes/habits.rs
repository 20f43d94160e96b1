//! How do people give the signatures that they are asked for?
//!
//! For a lead who wants to help: a gate that is always open in ten seconds guards nothing, and one person who signs
//! everything will tire. No decision asks this, and it ranks nobody: people appear only in pairs, and roles are counted
//! without names.

use crate::ids::{ChangeNumber, PersonId};
use crate::people::Role;
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// Nobody reads more lines than this in a second.
const LINES_A_SECOND: i64 = 10;
/// So few are seen at a glance.
const GLANCE: u64 = 20;
/// Fewer changes than this are no habit.
const FEW: u32 = 3;

/// One approval, with what is known of how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Of which change.
    pub number: ChangeNumber,
    /// By whom.
    pub by: PersonId,
    /// Persons who had a part in making the change, as far as the admitted list knows them.
    pub makers: BTreeSet<PersonId>,
    /// Lines that the change adds and removes, where that is known.
    pub lines: Option<u64>,
    /// From their first look at what they signed to the signature, where a look was noticed.
    pub read_for: Option<Duration>,
}

/// Whether so many lines can have been read in this time.
#[must_use]
pub fn is_too_quick(lines: u64, read_for: Duration) -> bool {
    let readable = read_for.num_seconds().max(0).saturating_mul(LINES_A_SECOND);
    lines > GLANCE && u64::try_from(readable).is_ok_and(|readable| readable < lines)
}

/// How many of somebody's changes another approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Those that the other approved.
    pub approved: u32,
    /// All of theirs that anybody approved.
    pub all: u32,
}

impl Share {
    /// Nearly always: four of five, and not by chance.
    #[must_use]
    pub fn is_habit(self) -> bool {
        self.approved >= FEW && u64::from(self.approved) * 5 >= u64::from(self.all) * 4
    }
}

/// Two people who approve each other's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one whose id comes first.
    pub one: PersonId,
    /// The other.
    pub other: PersonId,
    /// Of the one's changes, by the other.
    pub of_one: Share,
    /// Of the other's, by the one.
    pub of_other: Share,
}

/// Every two who approved each other's work, by their ids: this is no ranking.
#[must_use]
pub fn pairs(given: &[Given]) -> Vec<Pair> {
    let mut approved: BTreeMap<(&PersonId, &PersonId), BTreeSet<&ChangeNumber>> = BTreeMap::new();
    let mut made: BTreeMap<&PersonId, BTreeSet<&ChangeNumber>> = BTreeMap::new();
    for one in given {
        for maker in &one.makers {
            made.entry(maker).or_default().insert(&one.number);
            approved.entry((maker, &one.by)).or_default().insert(&one.number);
        }
    }
    let count =
        |set: Option<&BTreeSet<&ChangeNumber>>| set.map_or(0, |set| u32::try_from(set.len()).unwrap_or(u32::MAX));
    let share = |maker, by| Share { approved: count(approved.get(&(maker, by))), all: count(made.get(maker)) };
    approved
        .keys()
        .filter(|(maker, by)| maker < by && approved.contains_key(&(*by, *maker)))
        .map(|(one, other)| Pair {
            one: (*one).clone(),
            other: (*other).clone(),
            of_one: share(one, other),
            of_other: share(other, one),
        })
        .collect()
}

/// What one role has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The role.
    pub role: Role,
    /// How many hold it.
    pub holders: u32,
    /// Signatures that were given in it.
    pub given: u32,
    /// How many of the holders gave them.
    pub hands: u32,
    /// How many of them the busiest hand gave.
    pub busiest: u32,
    /// Seats that wait for it now.
    pub waiting: u32,
    /// From opening a change to the signature: as often longer as shorter.
    pub usually: Option<Duration>,
}

/// A signature on a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    /// In which role.
    pub role: Role,
    /// Whose.
    pub by: PersonId,
    /// After the change was opened.
    pub after: Duration,
}

/// The load of every role that signs, in the order of roles. `holders` and `waiting` count those who hold a role and
/// the seats that wait for it.
#[must_use]
pub fn load(seated: &[Seated], holders: &BTreeMap<Role, u32>, waiting: &BTreeMap<Role, u32>) -> Vec<Load> {
    let of = |role: Role| {
        let mut hands: BTreeMap<&PersonId, u32> = BTreeMap::new();
        let mut after: Vec<Duration> = Vec::new();
        for one in seated.iter().filter(|one| one.role == role) {
            *hands.entry(&one.by).or_default() += 1;
            after.push(one.after);
        }
        after.sort();
        Load {
            role,
            holders: holders.get(&role).copied().unwrap_or(0),
            given: hands.values().sum(),
            hands: u32::try_from(hands.len()).unwrap_or(u32::MAX),
            busiest: hands.values().copied().max().unwrap_or(0),
            waiting: waiting.get(&role).copied().unwrap_or(0),
            usually: after.get(after.len() / 2).copied(),
        }
    };
    // Nobody is asked to sign as being on call; the list would only have an empty line.
    let asked = |role: &Role| role.signs() && (*role != Role::Oncall || seated.iter().any(|one| one.role == *role));
    Role::ALL.into_iter().filter(asked).map(of).collect()
}
