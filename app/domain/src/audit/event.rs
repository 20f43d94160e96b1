//! The events: everything that can happen to governed state, past tense, with the facts of that moment.

use crate::alerts::events as i;
use crate::changes::events as c;
use crate::ids::{ChangeNumber, EnvironmentName, IncidentId, Malformed, PersonId};
use crate::people::events as p;
use crate::people::tokens as t;
use crate::personal::Personal;
use crate::policy::events as o;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an entry is about; the audit page filters by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum About {
    /// A change record.
    Change(ChangeNumber),
    /// A person.
    Person(PersonId),
    /// A webhook delivery, by GUID.
    Delivery(String),
    /// The portal as a whole.
    Portal(String),
}

impl About {
    /// An incident.
    #[must_use]
    pub fn incident(incident: &IncidentId) -> Self {
        Self::Portal(format!("incident/{incident}"))
    }

    /// The line to an environment.
    #[must_use]
    pub fn line(environment: &EnvironmentName) -> Self {
        Self::Portal(format!("line/{environment}"))
    }

    /// The word for the kind, as in the bytes.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Change(_) => "change",
            Self::Person(_) => "person",
            Self::Delivery(_) => "delivery",
            Self::Portal(_) => "portal",
        }
    }

    /// Reads both words back.
    ///
    /// # Errors
    /// When there is no such kind, or the id is none of it.
    pub fn from_parts(kind: &str, id: String) -> Result<Self, Malformed> {
        match kind {
            "change" => id.parse().map(Self::Change),
            "person" => id.parse().map(Self::Person),
            "delivery" => Ok(Self::Delivery(id)),
            "portal" => Ok(Self::Portal(id)),
            _ => Err(Malformed { what: "kind of thing that an entry is about" }),
        }
    }

    /// The id within the kind.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Change(number) => number.to_string(),
            Self::Person(person) => person.to_string(),
            Self::Delivery(id) | Self::Portal(id) => id.clone(),
        }
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $act:literal,)*) => {
        /// Something that happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "act", content = "data")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $act)] $variant($data),)*
        }

        impl Event {
            /// The act's stable name, `<slice>.<past tense>`.
            #[must_use]
            pub fn act(&self) -> &'static str {
                match self { $(Self::$variant(_) => $act,)* }
            }

            /// Every act there is, for filters and for tests.
            pub const ACTS: &'static [&'static str] = &[$($act),*];
        }
    };
}

events! {
    /// An attempt was refused; nothing else changed.
    Refused(Refused) = "audit.refused",
    /// Unauthenticated refusals of one source in one minute.
    RefusalsCounted(RefusalsCounted) = "audit.refusals_counted",

    /// Somebody read the log.
    LogRead(LogRead) = "audit.read",

    /// A person came to Gatehouse for the first time.
    PersonMet(p::PersonMet) = "people.met",
    /// The identity provider's word on roles is another than before.
    RolesRead(p::RolesRead) = "people.roles_read",
    /// A session began.
    SignedIn(p::SignedIn) = "people.signed_in",
    /// A session was ended by its holder.
    SignedOut(p::SignedOut) = "people.signed_out",
    /// A session was in another's hands.
    SessionStolen(p::SessionStolen) = "people.session_stolen",
    /// A person ended their other sessions.
    SignedOutElsewhere(p::SignedOutElsewhere) = "people.signed_out_elsewhere",
    /// A founder's single-use code was made.
    FounderCodeIssued(p::FounderCodeIssued) = "people.founder_code_issued",
    /// A key was enrolled.
    KeyEnrolled(p::KeyEnrolled) = "people.key_enrolled",
    /// A key was revoked.
    KeyRevoked(p::KeyRevoked) = "people.key_revoked",
    /// A person let a machine read in their name.
    TokenIssued(t::TokenIssued) = "people.token_issued",
    /// A machine token ended before its time.
    TokenRevoked(t::TokenRevoked) = "people.token_revoked",
    /// A first or replacement key waits for endorsements.
    KeyAsked(p::KeyAsked) = "people.key_asked",
    /// A role appeared and waits for endorsements.
    RoleGained(p::RoleGained) = "people.role_gained",
    /// A role is gone.
    RoleLost(p::RoleLost) = "people.role_lost",
    /// A founder's role counts without endorsements.
    RoleTrusted(p::RoleTrusted) = "people.role_trusted",
    /// Somebody endorsed a key or a role.
    Endorsed(p::Endorsed) = "people.endorsed",
    /// Somebody refused to, and ended the request.
    EndorsementRefused(p::EndorsementRefused) = "people.endorsement_refused",
    /// An endorsement fell with its signer's key or admission.
    EndorsementFell(p::EndorsementFell) = "people.endorsement_fell",
    /// A person took their request back.
    RequestWithdrawn(p::RequestWithdrawn) = "people.request_withdrawn",
    /// Nobody endorsed it in time.
    RequestExpired(p::RequestExpired) = "people.request_expired",
    /// All founders were lost; they begin again.
    Refounded(p::Refounded) = "people.refounded",
    /// A founder's key was taken away by the refounding.
    KeyFell(p::KeyFell) = "people.key_fell",

    /// GitHub asked, and a change record was made.
    ChangeOpened(c::Opened) = "changes.opened",
    /// The thing to approve became another; approvals fell.
    SubjectReplaced(c::SubjectReplaced) = "changes.subject_replaced",
    /// A person approved.
    Approved(c::Signed) = "changes.approved",
    /// A person rejected.
    Rejected(c::Signed) = "changes.rejected",
    /// An approval fell: the session that it was given through was stolen.
    ApprovalVoided(c::ApprovalVoided) = "changes.approval_voided",
    /// A person took their own decision back.
    Withdrawn(c::Signed) = "changes.withdrawn",
    /// A seat-holder ended the change.
    ClosedBySignature(c::Signed) = "changes.closed",
    /// Everything was checked again; GitHub is about to be answered.
    ExecutionIntended(c::ExecutionIntended) = "changes.execution_intended",
    /// GitHub has its answer.
    GithubAnswered(c::GithubAnswered) = "changes.github_answered",
    /// GitHub's run had moved on, so no answer was given.
    AnswerCancelled(c::AnswerCancelled) = "changes.answer_cancelled",
    /// 72 hours passed.
    Expired(c::Expired) = "changes.expired",
    /// A new attempt took its place.
    Superseded(c::Superseded) = "changes.superseded",
    /// GitHub does not wait any more for what was held.
    RunGone(c::RunGone) = "changes.run_gone",
    /// The same was proved again, later.
    EvidenceRenewed(c::EvidenceRenewed) = "changes.evidence_renewed",
    /// A person stopped the line to an environment.
    LineStopped(c::LineStopped) = "changes.line_stopped",
    /// A person let it go on.
    StopLifted(c::StopLifted) = "changes.stop_lifted",
    /// A person ended it for a newer change.
    Overtaken(c::Overtaken) = "changes.overtaken",
    /// A person attached a P1.
    EmergencyAttached(c::EmergencyAttached) = "changes.emergency_attached",
    /// It went out without its proof.
    DebtOpened(c::DebtOpened) = "changes.debt_opened",
    /// The proof was made good.
    DebtPaid(c::DebtPaid) = "changes.debt_paid",
    /// A person edited the rollback plan; approvals fell.
    PlanEdited(c::SubjectReplaced) = "changes.plan_edited",
    /// A person confirmed the rollback plan.
    PlanConfirmed(c::PlanConfirmed) = "changes.plan_confirmed",
    /// A release left behind what leads back, once.
    RollbackMinted(c::RollbackMinted) = "changes.rollback_minted",
    /// A person went back to what ran before.
    RolledBack(c::RolledBack) = "changes.rolled_back",
    /// A person said of a version: do not return to it.
    VersionMarked(c::VersionMarked) = "changes.version_marked",

    /// A person declared an incident.
    IncidentDeclared(i::IncidentDeclared) = "alerts.incident_declared",
    /// A second person confirmed that it is a P1.
    IncidentConfirmed(i::IncidentSigned) = "alerts.incident_confirmed",
    /// A person closed it.
    IncidentClosed(i::IncidentSigned) = "alerts.incident_closed",
    /// A person reviewed it afterwards.
    IncidentReviewed(i::IncidentSigned) = "alerts.incident_reviewed",

    /// A configuration is in force without signatures.
    ConfigurationAdopted(o::Adopted) = "policy.adopted",
    /// Somebody proposed other rules, and a change was opened for them.
    ConfigurationProposed(o::Proposed) = "policy.proposed",
    /// Other rules are in force.
    ConfigurationCameIntoForce(o::CameIntoForce) = "policy.came_into_force",
}

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// What was tried, in the imperative: `changes.approve`.
    pub attempt: String,
    /// What it was tried on.
    pub about: About,
    /// All reason codes, weightiest first.
    pub reasons: Vec<String>,
}

/// Unauthenticated refusals, counted: one entry per source and minute, or a flood would fill the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalsCounted {
    /// What was tried.
    pub attempt: String,
    /// The reason code.
    pub reason: String,
    /// The minute, at its start.
    pub minute: DateTime<Utc>,
    /// How many.
    pub count: String,
    /// The network address, sealed.
    pub source: Personal,
}

/// The log was read; one entry per reader and minute, or whoever pages through it would write as much as they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRead {
    /// The minute, at its start.
    pub minute: DateTime<Utc>,
    /// How many pages or entries were asked for.
    pub count: String,
}

impl Event {
    /// Whether the rules in force have a say in it. What was refused and who read is recorded whatever they are; and rules that are
    /// adopted take their place.
    #[must_use]
    pub fn is_by_rules(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::RefusalsCounted(_) | Self::LogRead(_) | Self::ConfigurationAdopted(_))
    }

    /// What the entry is about.
    #[must_use]
    pub fn about(&self) -> About {
        match self {
            Self::Refused(e) => e.about.clone(),
            Self::RefusalsCounted(_) => About::Portal("edge".to_owned()),
            Self::LogRead(_) => About::Portal("log".to_owned()),
            Self::PersonMet(e) => About::Person(e.person.clone()),
            Self::RolesRead(e) => About::Person(e.person.clone()),
            Self::SignedIn(e) => About::Person(e.person.clone()),
            Self::SignedOut(e) => About::Person(e.person.clone()),
            Self::SessionStolen(e) => About::Person(e.person.clone()),
            Self::SignedOutElsewhere(e) => About::Person(e.person.clone()),
            Self::FounderCodeIssued(e) => About::Person(e.person.clone()),
            Self::KeyEnrolled(e) => About::Person(e.person.clone()),
            Self::KeyRevoked(e) => About::Person(e.person.clone()),
            Self::TokenIssued(e) => About::Person(e.person.clone()),
            Self::TokenRevoked(e) => About::Person(e.person.clone()),
            Self::KeyAsked(e) => About::Person(e.wanted.person().clone()),
            Self::RoleGained(e) => About::Person(e.wanted.person().clone()),
            Self::RoleLost(e) => About::Person(e.person.clone()),
            Self::RoleTrusted(e) => About::Person(e.person.clone()),
            Self::Endorsed(e) => About::Person(e.person.clone()),
            Self::EndorsementRefused(e) => About::Person(e.person.clone()),
            Self::EndorsementFell(e) => About::Person(e.person.clone()),
            Self::RequestWithdrawn(e) => About::Person(e.person.clone()),
            Self::RequestExpired(e) => About::Person(e.person.clone()),
            Self::Refounded(_) => About::Portal("founders".to_owned()),
            Self::KeyFell(e) => About::Person(e.person.clone()),
            Self::ChangeOpened(e) => About::Change(e.number.clone()),
            Self::SubjectReplaced(e) | Self::PlanEdited(e) => About::Change(e.number.clone()),
            Self::Approved(e) | Self::Rejected(e) | Self::Withdrawn(e) | Self::ClosedBySignature(e) => {
                About::Change(e.number.clone())
            }
            Self::ApprovalVoided(e) => About::Change(e.number.clone()),
            Self::ExecutionIntended(e) => About::Change(e.number.clone()),
            Self::GithubAnswered(e) => About::Change(e.number.clone()),
            Self::AnswerCancelled(e) => About::Change(e.number.clone()),
            Self::Expired(e) => About::Change(e.number.clone()),
            Self::Superseded(e) => About::Change(e.number.clone()),
            Self::RunGone(e) => About::Change(e.number.clone()),
            Self::EvidenceRenewed(e) => About::Change(e.number.clone()),
            Self::LineStopped(e) => About::line(&e.environment),
            Self::StopLifted(e) => About::line(&e.environment),
            Self::Overtaken(e) => About::Change(e.number.clone()),
            Self::EmergencyAttached(e) => About::Change(e.number.clone()),
            Self::DebtOpened(e) => About::Change(e.number.clone()),
            Self::DebtPaid(e) => About::Change(e.number.clone()),
            Self::PlanConfirmed(e) => About::Change(e.number.clone()),
            Self::RollbackMinted(e) => About::Change(e.number.clone()),
            Self::RolledBack(e) => About::Change(e.signed.number.clone()),
            Self::VersionMarked(e) => About::Change(e.number.clone()),
            Self::IncidentDeclared(e) => About::incident(&e.declared.incident),
            Self::IncidentConfirmed(e) | Self::IncidentClosed(e) | Self::IncidentReviewed(e) => {
                About::incident(&e.incident)
            }
            Self::ConfigurationAdopted(_) => About::Portal("configuration".to_owned()),
            Self::ConfigurationProposed(e) => About::Change(e.number.clone()),
            Self::ConfigurationCameIntoForce(e) => About::Change(e.number.clone()),
        }
    }
}
