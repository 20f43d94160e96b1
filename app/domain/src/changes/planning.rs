//! Is the plan for going wrong what people want it to be? The machine drafts it; a person edits it, and one confirms it.
//!
//! An edited plan is another subject, so approvals fall. Confirming is no seat and changes nothing that is signed: it is
//! kept by the plan's digest, so it holds for exactly the plan that was read.

use super::decide::not_held;
use super::events::{PlanConfirmed, SubjectReplaced};
use super::going_back::{Earlier, MAY_GO_BACK};
use super::{Change, Edited, Field, Migrations, RollbackPlan, SUBJECT_LIFETIME, Subject};
use crate::audit::Event;
use crate::decision::{Decision, Job, Permit};
use crate::ids::Digest;
use crate::people::Signer;
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Utc};

/// What somebody makes of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEdit {
    /// The subject that they read.
    pub read: Digest,
    /// Where it leads: an earlier release, or what production runs.
    pub to: Option<Earlier>,
    /// Whether the migrations need a step by hand; nothing where there are none.
    pub by_hand: bool,
    /// What else is to be done.
    pub note: Option<Personal>,
}

/// Everything against this person's hand in the plan of this change; the page asks the same.
#[must_use]
pub fn reasons_against_planning(change: &Change, signer: &Signer) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    reasons.extend(signer.holds_none_of(&MAY_GO_BACK.into()));
    reasons.extend(not_held(change));
    // Rules come into force by an entry, and go by another change of the rules.
    if change.proposal.is_some() {
        reasons.push(Reason::PlanTarget);
    }
    if change.subject.rollback_plan_digest.known().is_none() {
        reasons.push(Reason::FieldUnreadable("rollback plan".to_owned()));
    }
    reasons
}

/// The same for confirming it.
#[must_use]
pub fn reasons_against_confirming(change: &Change, signer: &Signer) -> Vec<Reason> {
    let mut reasons = reasons_against_planning(change, signer);
    if change.way_back.confirmed_by.is_some() {
        reasons.push(Reason::AlreadySigned);
    }
    reasons
}

/// Puts another plan in the place of the one that stands.
pub fn decide_edit(change: &Change, signer: &Signer, edit: PlanEdit, now: DateTime<Utc>) -> Decision {
    let mut reasons = Vec::new();
    if edit.read != change.subject_digest {
        reasons.push(Reason::SubjectReplaced);
    }
    reasons.extend(reasons_against_planning(change, signer));
    let is_elsewhere = |to: &Earlier| {
        to.is_marked
            || to.subject.service != change.subject.service
            || to.subject.environment != change.subject.environment
            || to.subject.image_digest.known().is_none()
            || to.subject.image_digest == change.subject.image_digest
    };
    if edit.to.as_ref().is_some_and(is_elsewhere) {
        reasons.push(Reason::PlanTarget);
    }
    let plan = edited(&change.rollback_plan, signer, edit);
    if Field::Known(plan.digest()) == change.subject.rollback_plan_digest {
        reasons.push(Reason::PlanUnchanged);
    }
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let subject = Subject {
        rollback_plan_digest: Field::Known(plan.digest()),
        expires_at: now + SUBJECT_LIFETIME,
        ..change.subject.clone()
    };
    Decision::Allow(Permit::new(Event::PlanEdited(SubjectReplaced {
        number: change.number.clone(),
        old_digest: change.subject_digest.clone(),
        subject_digest: subject.digest(),
        subject,
        requirement: None,
        contributors: change.contributors.clone(),
        rollback_plan: plan,
        differs: vec!["rollback plan".to_owned()],
    })))
}

fn edited(plan: &RollbackPlan, signer: &Signer, edit: PlanEdit) -> RollbackPlan {
    let (base_image, base_commit) = plan.base();
    let (base_image, base_commit) = (base_image.clone(), base_commit.clone());
    let (to_image, to_commit) = match &edit.to {
        Some(to) => (to.subject.image_digest.clone(), Field::Known(to.subject.commit_sha.clone())),
        None => (base_image.clone(), base_commit.clone()),
    };
    let migrations = match (plan.migrations, edit.by_hand) {
        (Migrations::None, _) => Migrations::None,
        (_, true) => Migrations::ByHand,
        (_, false) => Migrations::ForwardOnly,
    };
    let to = edit.to.map(|to| to.number);
    let edited = Edited { by: signer.person.clone(), base_image, base_commit, to, note: edit.note };
    RollbackPlan { to_image, to_commit, migrations, edited: Some(edited), ..plan.clone() }
}

/// Says that the plan of this digest is what is to be done.
pub fn decide_confirm(change: &Change, signer: &Signer, read: &Digest) -> Decision {
    let mut reasons = reasons_against_confirming(change, signer);
    if change.subject.rollback_plan_digest.known().is_some_and(|digest| digest != read) {
        reasons.insert(0, Reason::SubjectReplaced);
    }
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let number = change.number.clone();
    let (plan_digest, person) = (read.clone(), signer.person.clone());
    // It may be what the gate waited for.
    Decision::Allow(
        Permit::new(Event::PlanConfirmed(PlanConfirmed { number: number.clone(), plan_digest, person }))
            .then(Job::ExecuteChange { number }),
    )
}
