//! The change record as a decision sees it: read under row locks in the deciding transaction.

use super::decide::answer_owed;
use super::events::Answer;
use super::lane::Lane;
use super::{Contributors, Requirement, RollbackPlan, Subject, WayBack};
use crate::act::SignedDecision;
use crate::ids::{ChangeNumber, Digest, EnvironmentName, KeyId, PersonId, RepositoryId, RunAttempt, RunId, SessionId};
use crate::policy::Proposal;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One change, one attempt: what makes two requests the same promotion (DESIGN §9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeKey {
    /// The repository, by number.
    pub repository_id: RepositoryId,
    /// The run.
    pub run_id: RunId,
    /// Its attempt.
    pub attempt: RunAttempt,
    /// Where to.
    pub environment: EnvironmentName,
}

/// Where a change stands. Whether a held one is open or blocked is the gate's answer, derived each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// GitHub waits, persons sign.
    Held,
    /// The intent to release is recorded; GitHub is being answered.
    Executing,
    /// GitHub was answered `approved`.
    Released,
    /// A seat-holder ended it.
    Closed,
    /// 72 hours passed.
    Expired,
    /// A new attempt, or by a person's signature a newer run, took its place.
    Superseded,
    /// GitHub's run had moved on before it could be answered.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Held, Self::Executing, Self::Released, Self::Closed, Self::Expired, Self::Superseded, Self::Cancelled];

    /// The word in the database and in URLs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Executing => "executing",
            Self::Released => "released",
            Self::Closed => "closed",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state behind a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One person's signature on one subject of this change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub person: PersonId,
    /// Approve or reject; withdrawals end one of these and are not kept as rows of their own.
    pub decision: SignedDecision,
    /// On which subject.
    pub subject_digest: Digest,
    /// With which key.
    pub key: KeyId,
    /// In which session, where that is known.
    pub session: Option<SessionId>,
    /// When (database time).
    pub signed_at: DateTime<Utc>,
    /// Why it no longer stands, if so: the signer withdrew it, or the subject was replaced.
    pub fell_because: Option<String>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub number: ChangeNumber,
    /// Its key.
    pub key: ChangeKey,
    /// Of a change of the rules themselves: which configuration is to take the place of which. Such a one has no run, and
    /// GitHub is owed no answer.
    pub proposal: Option<Proposal>,
    /// Where it stands.
    pub state: State,
    /// What is to be approved now.
    pub subject: Subject,
    /// Its digest.
    pub subject_digest: Digest,
    /// What the policy asks.
    pub requirement: Requirement,
    /// Who made it.
    pub contributors: Contributors,
    /// The plan whose digest is in the subject.
    pub rollback_plan: RollbackPlan,
    /// All signatures ever, oldest first.
    pub approvals: Vec<Approval>,
    /// The newer change for which a person ended this one.
    pub overtaken_by: Option<ChangeNumber>,
    /// What stands between it and production, whatever is signed.
    pub lane: Lane,
    /// What is known of its way back.
    pub way_back: WayBack,
}

impl Change {
    /// The answer that GitHub is owed now; `None` when it is owed none.
    #[must_use]
    pub fn answer_owed(&self) -> Option<Answer> {
        match self.state {
            // A person ended this run for another one: nothing else will ever answer it.
            State::Superseded if self.overtaken_by.is_some() => Some(Answer::Rejected),
            state => answer_owed(state),
        }
    }

    /// The person's decision that stands on the current subject.
    #[must_use]
    pub fn standing_of(&self, person: &PersonId) -> Option<&Approval> {
        self.standing().find(|a| a.person == *person)
    }

    /// All decisions that stand: approvals of the current subject, and vetoes of whatever this change was when
    /// they were signed, because a veto blocks until its signer takes it back (INV-6).
    pub fn standing(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(|a| {
            let still_meant = a.decision == SignedDecision::Reject || a.subject_digest == self.subject_digest;
            a.fell_because.is_none() && still_meant
        })
    }
}
