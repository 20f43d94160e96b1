//! May a newer change take an older one's place?
//!
//! A push is another promotion and ends nothing by itself. Where the older one only holds the lane, somebody who may
//! close it ends it with one signature, from the newer one; GitHub is told that the older run is rejected.

use crate::audit::Event;
use crate::canonical::{self, CanonicalError};
use crate::changes::decide::{holds_no_role, not_held};
use crate::changes::events::Overtaken;
use crate::changes::{Change, State};
use crate::decision::{Decision, Job, Permit};
use crate::ids::{ChangeNumber, Digest};
use crate::people::Signer;
use crate::people::events::Proof;
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Which change takes which one's place, both as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overtaking {
    /// The one that ends.
    pub older: ChangeNumber,
    /// What it was.
    pub older_subject: Digest,
    /// The one that takes its place.
    pub newer: ChangeNumber,
    /// What that was.
    pub newer_subject: Digest,
}

/// SHA-256 of what the key signs.
///
/// # Errors
/// Never for values that exist: numbers and digests are canonical text.
pub fn supersede_digest(overtaking: &Overtaking) -> Result<Digest, CanonicalError> {
    canonical::to_bytes(&json!({
        "tag": "gatehouse.supersede.v1",
        "older": overtaking.older,
        "older_subject": overtaking.older_subject,
        "newer": overtaking.newer,
        "newer_subject": overtaking.newer_subject,
    }))
    .map(|bytes| Digest::of(&bytes))
}

/// Everything against this person's ending `older` for `newer`; the page asks the same.
#[must_use]
pub fn reasons_against_supersede(signer: &Signer, older: &Change, newer: &Change) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    } else if signer.active_keys.is_empty() {
        reasons.push(Reason::NoKey);
    }
    reasons.extend(holds_no_role(older, signer));
    reasons.extend(not_held(older));
    let same_lane = older.subject.service == newer.subject.service && older.key.environment == newer.key.environment;
    // Numbers are given in the order of opening. Two attempts of one run are never two in a lane.
    let is_behind = older.number < newer.number && older.key.run_id != newer.key.run_id;
    if !same_lane || !is_behind {
        reasons.push(Reason::NotBehind(older.number.clone()));
    }
    // What takes its place must itself be on its way; else the place stays empty.
    if newer.state != State::Held {
        reasons.push(Reason::ChangeNotHeld(newer.state.to_string()));
    }
    reasons
}

/// May they? `read` is what they read and signed.
pub fn decide_supersede(
    signer: &Signer,
    older: &Change,
    newer: &Change,
    read: &Overtaking,
    why: Personal,
    proof: Proof,
) -> Decision {
    let mut reasons = Vec::new();
    if read.older_subject != older.subject_digest || read.newer_subject != newer.subject_digest {
        reasons.push(Reason::SubjectReplaced);
    }
    reasons.extend(signer.key_is_foreign(&proof));
    reasons.extend(reasons_against_supersede(signer, older, newer));
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let number = older.number.clone();
    let overtaken = Overtaken {
        number: number.clone(),
        subject_digest: older.subject_digest.clone(),
        by: newer.number.clone(),
        by_subject_digest: newer.subject_digest.clone(),
        person: signer.person.clone(),
        why,
        proof,
    };
    Decision::Allow(Permit::new(Event::Overtaken(overtaken)).then(Job::AnswerGithub { number }))
}
