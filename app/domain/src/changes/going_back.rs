//! May production go back to what it ran before, at once? A release leaves one token behind, and it is good once (INV-7).
//!
//! What a token leads back to was approved and released before: exactly that subject. So one engineer, or whoever is on
//! call, asks for it with their key, also somebody who had a part in it: nobody approves anything anew. Freezes, stops,
//! wants and seats do not hold it, because going back is how harm ends; a veto, the subject's end, a field that cannot be
//! read and a mark do. It is the newest release's token only, and a change that went out by one leaves none behind.
//!
//! A *mark* says of an image: do not return to it. It closes every gate that the image comes to, and nothing takes it off.

use super::decide::not_held;
use super::events::{ExecutionIntended, RollbackMinted, RolledBack, SeatTaken, Signed, VersionMarked};
use super::{Change, State, Subject};
use crate::act::SignedDecision;
use crate::audit::Event;
use crate::decision::{Decision, Job, Permit};
use crate::ids::{ChangeNumber, Digest, ImageDigest, PersonId};
use crate::people::{Role, Signer};
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Utc};

/// Who may go back, and who may edit and confirm the plan for it.
pub const MAY_GO_BACK: [Role; 2] = [Role::Engineer, Role::Oncall];
/// Who may say that a version is bad: closing is cheap.
pub const MAY_MARK: [Role; 3] = [Role::Engineer, Role::Oncall, Role::Security];
/// The word for the only seat there is.
const SEAT: &str = "Going back";

/// What is known of a change's way back, read in the same row as the change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WayBack {
    /// Who confirmed the plan as it stands.
    pub confirmed_by: Option<PersonId>,
    /// The change on whose page its image was marked "do not return to".
    pub marked_on: Option<ChangeNumber>,
    /// The release that this one undid, where it went out by that one's token.
    pub undid: Option<ChangeNumber>,
}

/// A change that was released before, to the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Which.
    pub number: ChangeNumber,
    /// What went out.
    pub subject: Subject,
    /// Its digest.
    pub subject_digest: Digest,
    /// Whether somebody marked it.
    pub is_marked: bool,
}

/// What the newest release of a service in an environment left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackToken {
    /// The release that it can undo.
    pub minted_by: ChangeNumber,
    /// Where it leads.
    pub to: Earlier,
    /// What used it up.
    pub used_by: Option<ChangeNumber>,
    /// Whether the release that it can undo is still the last one.
    pub is_last: bool,
}

impl RollbackToken {
    /// Whether a change is exactly what this leads back to: the same build of the same commit with the same values.
    #[must_use]
    pub fn leads_to(&self, subject: &Subject) -> bool {
        let before = &self.to.subject;
        subject.image_digest.known().is_some()
            && subject.image_digest == before.image_digest
            && subject.commit_sha == before.commit_sha
            && (&subject.service, &subject.environment) == (&before.service, &before.environment)
            && subject.config_digest == before.config_digest
            && subject.migrations_digest == before.migrations_digest
            && subject.plan_digest == before.plan_digest
    }
}

/// What a release leaves behind with its outcome: where its own plan leads, if that ran before and nobody marked it.
pub fn with_token(permit: Permit, released: &Change, earlier: Option<&Earlier>) -> Permit {
    let plan = &released.rollback_plan;
    let is_meant = |earlier: &&Earlier| {
        released.way_back.undid.is_none()
            && !earlier.is_marked
            && plan.to_commit.known() == Some(&earlier.subject.commit_sha)
            && plan.to_image == earlier.subject.image_digest
    };
    match earlier.filter(is_meant) {
        None => permit,
        Some(earlier) => permit.and(Event::RollbackMinted(RollbackMinted {
            number: released.number.clone(),
            to: earlier.number.clone(),
            subject_digest: earlier.subject_digest.clone(),
        })),
    }
}

/// Everything against going back by this change; the page asks the same.
#[must_use]
pub fn reasons_against_going_back(
    change: &Change,
    token: Option<&RollbackToken>,
    signer: &Signer,
    policy_digest: &Digest,
    fresh_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    let mut reasons = signer.reasons_against(&MAY_GO_BACK, fresh_at);
    reasons.extend(not_held(change));
    if now >= change.subject.expires_at {
        reasons.push(Reason::SubjectExpired);
    }
    if change.subject.policy_digest != *policy_digest {
        reasons.push(Reason::PolicyChanged);
    }
    reasons.extend(change.subject.unreadable().into_iter().map(|field| Reason::FieldUnreadable(field.to_owned())));
    match token {
        Some(RollbackToken { used_by: Some(by), .. }) => reasons.push(Reason::RollbackTokenUsed(by.clone())),
        Some(token) if token.is_last && token.leads_to(&change.subject) => {}
        _ => reasons.push(Reason::RollbackTokenNone),
    }
    reasons.extend(change.way_back.marked_on.clone().map(Reason::Marked));
    let vetoes = change.standing().filter(|standing| standing.decision == SignedDecision::Reject);
    reasons.extend(vetoes.map(|veto| Reason::Vetoed(veto.person.clone())));
    reasons
}

/// Uses the token up and records the intent, in one: the same signature does both.
pub fn decide_go_back(
    change: &Change,
    token: Option<&RollbackToken>,
    signer: &Signer,
    signed: Signed,
    policy_digest: &Digest,
    now: DateTime<Utc>,
) -> Decision {
    let mut reasons = Vec::new();
    if signed.subject_digest != change.subject_digest {
        reasons.push(Reason::SubjectReplaced);
    }
    reasons.extend(signer.key_is_foreign(&signed.proof));
    reasons.extend(reasons_against_going_back(change, token, signer, policy_digest, Some(now), now));
    match (Reasons::from_vec(reasons), token) {
        (Some(reasons), _) => Decision::Refuse(reasons),
        (None, None) => Decision::Refuse(Reason::RollbackTokenNone.into()),
        (None, Some(token)) => {
            let number = change.number.clone();
            let seats = vec![SeatTaken { seat: SEAT.to_owned(), person: signer.person.clone() }];
            let subject_digest = change.subject_digest.clone();
            let intended = ExecutionIntended { number: number.clone(), subject_digest, seats };
            let used = RolledBack { token: token.minted_by.clone(), to: token.to.number.clone(), signed };
            Decision::Allow(
                Permit::new(Event::RolledBack(used))
                    .and(Event::ExecutionIntended(intended))
                    .then(Job::AnswerGithub { number }),
            )
        }
    }
}

/// Everything against saying that this change's version is bad.
#[must_use]
pub fn reasons_against_mark(change: &Change, signer: &Signer) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    reasons.extend(signer.holds_none_of(&MAY_MARK.into()));
    // What never went out is rejected or closed, and needs no mark.
    if change.state != State::Released || change.proposal.is_some() {
        reasons.push(Reason::NotReleased);
    }
    reasons.extend(change.way_back.marked_on.clone().map(Reason::Marked));
    reasons
}

/// Marks the image that this change released.
pub fn decide_mark(change: &Change, signer: &Signer, why: Personal) -> Decision {
    let mut reasons = reasons_against_mark(change, signer);
    let image: Option<&ImageDigest> = change.subject.image_digest.known();
    if image.is_none() {
        reasons.push(Reason::FieldUnreadable("image digest".to_owned()));
    }
    match (Reasons::from_vec(reasons), image) {
        (None, Some(image)) => Decision::Allow(Permit::new(Event::VersionMarked(VersionMarked {
            number: change.number.clone(),
            service: change.subject.service.clone(),
            image_digest: image.clone(),
            person: signer.person.clone(),
            why,
        }))),
        (Some(reasons), _) => Decision::Refuse(reasons),
        (None, None) => Decision::Refuse(Reason::NotReleased.into()),
    }
}
