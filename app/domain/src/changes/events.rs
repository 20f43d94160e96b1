//! What can happen to a change, as it stands in the log.

use super::{ChangeKey, Contributors, Requirement, RollbackPlan, Subject};
use crate::ids::{
    ChangeNumber, Digest, EnvironmentName, ImageDigest, IncidentId, PersonId, ServiceName, SessionId, StopId,
};
use crate::people::events::Proof;
use crate::personal::Personal;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// GitHub asked, everything was read, and the record was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The new number.
    pub number: ChangeNumber,
    /// Which promotion this is.
    pub key: ChangeKey,
    /// What is to be approved.
    pub subject: Subject,
    /// Its digest.
    pub subject_digest: Digest,
    /// What the policy asks.
    pub requirement: Requirement,
    /// Who made it.
    pub contributors: Contributors,
    /// The plan whose digest is in the subject.
    pub rollback_plan: RollbackPlan,
}

/// The thing became another; every approval of the old one fell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectReplaced {
    /// The change.
    pub number: ChangeNumber,
    /// What was to be approved before.
    pub old_digest: Digest,
    /// What is to be approved now.
    pub subject: Subject,
    /// Its digest.
    pub subject_digest: Digest,
    /// What the policy asks now; entries from before policies were evaluated say nothing, and leave what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Requirement>,
    /// Read again with it.
    pub contributors: Contributors,
    /// Drafted again with it.
    pub rollback_plan: RollbackPlan,
    /// Names of the fields that differ: the cause shown beside fallen approvals.
    pub differs: Vec<String>,
}

/// A person decided, with the whole proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The change.
    pub number: ChangeNumber,
    /// Who.
    pub person: PersonId,
    /// On which subject.
    pub subject_digest: Digest,
    /// The words beside it.
    pub comment: Personal,
    /// The signature.
    pub proof: Proof,
    /// In which session; entries from before sessions were named have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// A person's approval counts no more: it was given through a session that was stolen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalVoided {
    /// The change.
    pub number: ChangeNumber,
    /// Whose approval.
    pub person: PersonId,
    /// Through which session.
    pub session: SessionId,
}

/// Everything was checked again, in this transaction, and GitHub is about to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionIntended {
    /// The change.
    pub number: ChangeNumber,
    /// What is released.
    pub subject_digest: Digest,
    /// Which person filled which seat, in the order of the requirement.
    pub seats: Vec<SeatTaken>,
}

/// A person on a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatTaken {
    /// The seat's name.
    pub seat: String,
    /// The person.
    pub person: PersonId,
}

/// The answer that GitHub has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The job may run.
    Approved,
    /// It may not.
    Rejected,
}

/// GitHub was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubAnswered {
    /// The change.
    pub number: ChangeNumber,
    /// How.
    pub answer: Answer,
}

/// The answer was not given, because GitHub's run is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCancelled {
    /// The change.
    pub number: ChangeNumber,
    /// What was found: reason codes.
    pub reasons: Vec<String>,
}

/// What became of a run that was held here and waits no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It ended, or is another attempt now.
    Ended,
    /// GitHub was told, in our name and of this change, to let it go, and this log holds no such decision: what was
    /// written was lost (ATK-28), or somebody else holds the App's key.
    ReleasedInOurName,
    /// It was let go by somebody who does not ask this gate.
    ReleasedByOthers,
}

impl Gone {
    /// The word in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::ReleasedInOurName => "released_in_our_name",
            Self::ReleasedByOthers => "released_by_others",
        }
    }
}

/// GitHub does not wait any more for what is held here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunGone {
    /// The change that ended.
    pub number: ChangeNumber,
    /// What became of the run.
    pub how: Gone,
}

/// The subject's time ran out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expired {
    /// The change.
    pub number: ChangeNumber,
}

/// A new attempt of the same run took its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    /// The change that ended.
    pub number: ChangeNumber,
    /// The one that took its place.
    pub by: ChangeNumber,
}

/// What was proved was proved again: it is good for longer, and everything else is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRenewed {
    /// The change.
    pub number: ChangeNumber,
    /// The same that was asked, with later times.
    pub requirement: Requirement,
}

/// A person stopped the line to an environment, with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineStopped {
    /// Our id for it.
    pub stop: StopId,
    /// To where nothing goes out.
    pub environment: EnvironmentName,
    /// Who.
    pub person: PersonId,
    /// Until when, if it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub why: Personal,
    /// The signature over the stop.
    pub proof: Proof,
}

/// A person let the line go on, with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLifted {
    /// Which stop.
    pub stop: StopId,
    /// Of which environment.
    pub environment: EnvironmentName,
    /// Who.
    pub person: PersonId,
    /// Why.
    pub why: Personal,
    /// The signature over the same stop.
    pub proof: Proof,
}

/// A person ended an older change because a newer one takes its place. GitHub is told `rejected`: unlike a newer
/// attempt, which answers to the same run, nothing else ever answers the older run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overtaken {
    /// The change that ended.
    pub number: ChangeNumber,
    /// What it was then.
    pub subject_digest: Digest,
    /// The newer one.
    pub by: ChangeNumber,
    /// What that was then.
    pub by_subject_digest: Digest,
    /// Who ended it.
    pub person: PersonId,
    /// Why.
    pub why: Personal,
    /// The signature over both.
    pub proof: Proof,
}

/// A person attached a P1 to a change, with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyAttached {
    /// The change.
    pub number: ChangeNumber,
    /// To which subject: with another one it counts no more.
    pub subject_digest: Digest,
    /// Which incident.
    pub incident: IncidentId,
    /// Who.
    pub person: PersonId,
    /// Why.
    pub why: Personal,
    /// The signature over all of it.
    pub proof: Proof,
}

/// A change went out without its proof; it is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebtOpened {
    /// The change.
    pub number: ChangeNumber,
    /// Of which service.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// What went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
    /// For which incident.
    pub incident: IncidentId,
    /// Who attached that.
    pub attached_by: PersonId,
    /// Until when it is to be made good.
    pub due_at: DateTime<Utc>,
}

/// A debt was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebtPaid {
    /// Of which change.
    pub number: ChangeNumber,
    /// By what.
    pub by: PaidBy,
}

/// What stands for the proof that was owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// Nothing went out after all: GitHub's run had moved on.
    NeverReleased,
    /// The same image proved what it had skipped.
    Proof,
    /// These people reviewed the incident, none of whom had a part in the emergency.
    Review(Vec<PersonId>),
}

/// A release left behind what leads back, once, to what ran before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackMinted {
    /// The release.
    pub number: ChangeNumber,
    /// The change that it leads back to.
    pub to: ChangeNumber,
    /// What that one was.
    pub subject_digest: Digest,
}

/// Somebody went back to what ran before, by a token that is used up now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolledBack {
    /// The release that is undone; the token was its.
    pub token: ChangeNumber,
    /// The change whose subject runs again.
    pub to: ChangeNumber,
    /// Who, with which words and key, on which change.
    pub signed: Signed,
}

/// A person said of a version: do not return to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionMarked {
    /// The change that released it.
    pub number: ChangeNumber,
    /// Of which service.
    pub service: ServiceName,
    /// The version.
    pub image_digest: ImageDigest,
    /// Who says so.
    pub person: PersonId,
    /// Why, sealed.
    pub why: Personal,
}

/// A person confirmed the rollback plan of a held change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanConfirmed {
    /// The change.
    pub number: ChangeNumber,
    /// The plan that they read.
    pub plan_digest: Digest,
    /// Who.
    pub person: PersonId,
}
