//! Who lets the first ones in? The founders' codes, once; and the ceremony for when all founders are lost.

use super::events::{EndorsementFell, FounderCodeIssued, KeyFell, Refounded};
use crate::audit::Event;
use crate::decision::{Decision, Permit};
use crate::reason::{Reason, Reasons};
use chrono::Duration;

/// Two persons with keys can endorse everybody else, so from then on nobody needs a code.
pub const FOUNDED_BY: usize = 2;
/// How long a founder's code works: a forgotten one must not be a way in for ever.
pub const CODE_LIFETIME: Duration = Duration::days(7);
/// How long every page tells of a refounding.
pub const REFOUNDING_TOLD: Duration = Duration::days(7);
/// Shorter reasons explain nothing to whoever reads the log in a year.
pub const REASON_LENGTH: std::ops::RangeInclusive<usize> = 20..=500;

/// May `gatehouse init` issue these codes? Only while fewer than [`FOUNDED_BY`] persons ever had a key that counted.
pub fn decide_found(codes: Vec<FounderCodeIssued>, persons_with_keys: usize) -> Decision {
    if persons_with_keys >= FOUNDED_BY {
        return Decision::Refuse(Reason::FoundingOver.into());
    }
    allow(codes.into_iter().map(Event::FounderCodeIssued), Reason::NoFounder)
}

/// May the founders begin again? Needs a reason that says something, and founders. The caller has made sure that it
/// has the machine and the database's owner, and that no portal runs.
pub fn decide_refound(
    reason: &str,
    refounded: Refounded,
    fallen_keys: Vec<KeyFell>,
    fallen_endorsements: Vec<EndorsementFell>,
    codes: Vec<FounderCodeIssued>,
) -> Decision {
    let mut reasons = Vec::new();
    if !REASON_LENGTH.contains(&reason.trim().chars().count()) || !crate::personal::is_showable(reason) {
        reasons.push(Reason::TextRefused);
    }
    if codes.is_empty() {
        reasons.push(Reason::NoFounder);
    }
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let events = std::iter::once(Event::Refounded(refounded))
        .chain(fallen_keys.into_iter().map(Event::KeyFell))
        .chain(fallen_endorsements.into_iter().map(Event::EndorsementFell))
        .chain(codes.into_iter().map(Event::FounderCodeIssued));
    allow(events, Reason::NoFounder)
}

fn allow(events: impl Iterator<Item = Event>, otherwise: Reason) -> Decision {
    match events.map(Permit::new).reduce(Permit::followed_by) {
        Some(permit) => Decision::Allow(permit),
        None => Decision::Refuse(otherwise.into()),
    }
}
