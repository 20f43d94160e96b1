//! Why not? Every refusal of the portal, with a stable code and one sentence.
//!
//! A reason speaks to the person who tried ("you"), says what is in the way, and where there is a
//! remedy names it. Codes are part of the API: they are never renamed, and the audit log keeps them.

mod reasons;
mod sentence;

pub use reasons::Reasons;

use crate::changes::Part;
use crate::changes::policy::PolicyFault;
use crate::ids::{ChangeNumber, GithubId, PersonId};
use crate::people::Role;
use crate::people::tokens::Scope;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One reason against an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    // --- who you are
    /// No session, or one that ended.
    NotSignedIn,
    /// The identity provider names no employee id.
    NoEmployeeId,
    /// The person is not on the admitted list.
    NotAdmitted,
    /// None of these roles is held (group and admitted list must both say so).
    RoleNotHeld(Vec<Role>),
    /// The admitted list gives no GitHub account, so authorship cannot be ruled out.
    NoGithubIdentity,
    /// The identity provider's word on this person's roles is older than 15 minutes.
    RoleFactsStale(PersonId),
    /// The sign-in did not complete as it began.
    SigninInvalid,
    /// The identity provider says no.
    SigninDenied,
    /// What the identity provider says does not verify.
    IdentityNotBelieved,
    /// The account belongs to another person here.
    AccountMoved,
    /// No session of this id that could still be reported.
    SessionUnknown,

    // --- keys and ceremonies
    /// No active key.
    NoKey,
    /// The key is not one of the person's, or is revoked.
    KeyNotActive,
    /// A first key needs a founder's code.
    FounderCodeInvalid,
    /// A second key needs the first one's signature.
    FirstKeyMustSign,
    /// The same key is already enrolled.
    KeyAlreadyEnrolled,
    /// The key can be copied between devices.
    KeyNotDeviceBound,
    /// The key did not check who is touching it (PIN or fingerprint).
    UserNotVerified,
    /// The ceremony was used before, has expired, or was never begun.
    CeremonyUnknown,
    /// The ceremony was begun by another person, in another session, or for another purpose.
    CeremonyForeign,
    /// The signature does not hold.
    SignatureInvalid,
    /// These roles of the person's wait for endorsements, or for their 24 hours.
    RoleWaits(Vec<Role>),
    /// Nobody endorses themselves.
    EndorsesSelf,
    /// The endorser holds no role that signs anything.
    EndorserWithoutRole,
    /// No such request, or not one of this person's.
    RequestUnknown,
    /// The person has a request already.
    RequestOpen,
    /// The request is over, or in force.
    RequestEnded(String),
    /// Enough persons have endorsed it.
    RequestComplete,
    /// The signature is over something else than what is asked for.
    RequestReplaced,
    /// Two persons have keys: everybody else is let in by them.
    FoundingOver,
    /// The configuration names no founder who could get a code.
    NoFounder,
    /// The text is too long or holds characters that cannot be shown safely.
    TextRefused,

    /// Saying no needs a word of why.
    CommentMissing,

    // --- the change
    /// No such change.
    ChangeUnknown,
    /// The change has ended or is being executed.
    ChangeNotHeld(String),
    /// The subject expired.
    SubjectExpired,
    /// The signature is over something that this change no longer is.
    SubjectReplaced,
    /// A field of the subject could not be read.
    FieldUnreadable(String),
    /// The governed configuration changed since the subject was made.
    PolicyChanged,
    /// The policy gave no answer that counts.
    PolicyFailed(PolicyFault),
    /// Nothing goes out in this window.
    Frozen(String),
    /// Something that must be proved is not.
    EvidenceWanting {
        /// What it is about.
        check: String,
        /// Why it is not, with the remedy.
        unmet: String,
    },
    /// What was proved was proved too long ago.
    EvidenceLapsed(String),
    /// The signer had a part in making it.
    Contributed(Vec<Part>),
    /// Somebody had a part in it whom no account identifies.
    ContributorsUnknown,
    /// These accounts had a part in it, and the configuration lists them for nobody.
    ContributorUnlisted(Vec<GithubId>),
    /// The signer's decision already stands.
    AlreadySigned,
    /// No seat is left that this person could fill.
    NoFreeSeat,
    /// There is nothing of the signer's to withdraw.
    NothingToWithdraw,
    /// A seat is still empty.
    SeatEmpty(String),
    /// A rejection stands.
    Vetoed(PersonId),
    /// An approval no longer counts.
    ApprovalVoid(PersonId),
    /// There is already an answer on its way.
    AlreadyAnswered(ChangeNumber),
    /// Somebody stopped the line to this environment.
    LineStopped {
        /// Who.
        by: PersonId,
        /// Since when.
        since: DateTime<Utc>,
        /// Until when, if it ends by itself.
        until: Option<DateTime<Utc>>,
        /// Why, where that can be read.
        why: Option<String>,
    },
    /// The line is not stopped so, or not any more.
    StopUnknown,
    /// A stop that ends before it begins, or too far away.
    StopTime,
    /// No such incident, or it could not be looked up.
    IncidentUnknown,
    /// Only a P1 opens or needs this.
    IncidentNotP1,
    /// No second person has confirmed it.
    IncidentUnconfirmed,
    /// It is over.
    IncidentClosed,
    /// It is not over yet.
    IncidentOpen,
    /// It is about other services, or another environment.
    IncidentElsewhere,
    /// Whoever made it does not use, confirm or review it.
    OwnIncident,
    /// Whoever declared or confirmed it had a part in the change.
    IncidentOfAuthor,
    /// An emergency release of this service still owes its proof.
    DebtOwed {
        /// Which change went out without it.
        number: ChangeNumber,
        /// Until when it was to be made good.
        due_at: DateTime<Utc>,
    },
    /// The two changes are not an older and a newer one of the same service and environment.
    NotBehind(ChangeNumber),

    /// Nothing leads back to this: no release left a token for exactly this, or another went out since.
    RollbackTokenNone,
    /// It was used.
    RollbackTokenUsed(ChangeNumber),
    /// Somebody marked this version on that change's page: do not return to it.
    Marked(ChangeNumber),
    /// It did not go out.
    NotReleased,
    /// Nobody has confirmed the rollback plan as it stands.
    PlanUnconfirmed,
    /// The plan says this already.
    PlanUnchanged,
    /// The plan cannot lead there: it was never released to the same place, or it is marked.
    PlanTarget,

    // --- the rules themselves
    /// Other rules are in force than the ones that this was decided by.
    ConfigurationMoved,
    /// No portal's file says this.
    ProposalUnknown,
    /// What is proposed is in force.
    ProposalInForce,
    /// Another change proposes the same.
    ProposalOpen(ChangeNumber),
    /// What is proposed does not pass the checks.
    ProposalFaulty(String),
    /// Under what is proposed nobody could sign for anything else.
    ProposalLocksOut,

    // --- the outside world
    /// No signature on the webhook.
    WebhookUnsigned,
    /// The webhook's signature is wrong.
    WebhookForged,
    /// The body is larger than we take.
    BodyTooLarge,
    /// The body is not what this event looks like.
    BodyMalformed(String),
    /// The callback URL does not lead to the run of this repository.
    CallbackElsewhere,
    /// The repository and workflow are not in the configuration.
    ServiceUnknown,
    /// The environment is not in the configuration.
    EnvironmentUnknown,
    /// GitHub's run is another one now (attempt, SHA or waiting job).
    RunMoved,
    /// GitHub did not take the answer.
    GithubRefused,
    /// A system that we need did not answer.
    SourceUnavailable(String),
    /// The request came from another site.
    CrossSite,

    // --- programs
    /// A parameter or field is unknown, doubled, missing or malformed.
    RequestMalformed(String),
    /// The body is not JSON by its own word.
    ContentTypeUnsupported,
    /// Not a token of ours, or not an `Authorization` that we take.
    TokenInvalid,
    /// The token's time is over.
    TokenExpired,
    /// The token was revoked.
    TokenRevoked,
    /// Whoever made the token is no longer admitted.
    TokenOwnerNotAdmitted,
    /// A session and a token at once: whose request it is nobody can say.
    TwoCredentials,
    /// The token was not made for this.
    ScopeMissing(Scope),
    /// A machine tried what only a person may do.
    TokenCannotAct,
    /// No such token, or not the caller's to end.
    TokenUnknown,
    /// Less than a day or more than a year.
    TokenLifetime,
    /// A token that may read nothing.
    TokenWithoutScope,
    /// A request that changes something must be named.
    IdempotencyKeyMissing,
    /// The name was another request's.
    IdempotencyKeyReused,
    /// The same request is being done.
    RequestUnderWay,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::NoEmployeeId => "no_employee_id",
            Self::NotAdmitted => "not_admitted",
            Self::RoleNotHeld(_) => "role_not_held",
            Self::NoGithubIdentity => "no_github_identity",
            Self::RoleFactsStale(_) => "role_facts_stale",
            Self::SigninInvalid => "signin_invalid",
            Self::SigninDenied => "signin_denied",
            Self::IdentityNotBelieved => "identity_not_believed",
            Self::AccountMoved => "account_moved",
            Self::SessionUnknown => "session_unknown",
            Self::NoKey => "no_key",
            Self::KeyNotActive => "key_not_active",
            Self::FounderCodeInvalid => "founder_code_invalid",
            Self::FirstKeyMustSign => "first_key_must_sign",
            Self::KeyAlreadyEnrolled => "key_already_enrolled",
            Self::KeyNotDeviceBound => "key_not_device_bound",
            Self::UserNotVerified => "user_not_verified",
            Self::CeremonyUnknown => "ceremony_unknown",
            Self::CeremonyForeign => "ceremony_foreign",
            Self::SignatureInvalid => "signature_invalid",
            Self::RoleWaits(_) => "role_waits",
            Self::EndorsesSelf => "endorses_self",
            Self::EndorserWithoutRole => "endorser_without_role",
            Self::RequestUnknown => "request_unknown",
            Self::RequestOpen => "request_open",
            Self::RequestEnded(_) => "request_ended",
            Self::RequestComplete => "request_complete",
            Self::RequestReplaced => "request_replaced",
            Self::FoundingOver => "founding_over",
            Self::NoFounder => "no_founder",
            Self::TextRefused => "text_refused",
            Self::CommentMissing => "comment_missing",
            Self::ChangeUnknown => "change_unknown",
            Self::ChangeNotHeld(_) => "change_not_held",
            Self::SubjectExpired => "subject_expired",
            Self::SubjectReplaced => "subject_replaced",
            Self::FieldUnreadable(_) => "field_unreadable",
            Self::PolicyChanged => "policy_changed",
            Self::PolicyFailed(_) => "policy_failed",
            Self::Frozen(_) => "frozen",
            Self::EvidenceWanting { .. } => "evidence_wanting",
            Self::EvidenceLapsed(_) => "evidence_lapsed",
            Self::Contributed(_) => "contributed",
            Self::ContributorsUnknown => "contributors_unknown",
            Self::ContributorUnlisted(_) => "contributor_unlisted",
            Self::AlreadySigned => "already_signed",
            Self::NoFreeSeat => "no_free_seat",
            Self::NothingToWithdraw => "nothing_to_withdraw",
            Self::SeatEmpty(_) => "seat_empty",
            Self::Vetoed(_) => "vetoed",
            Self::ApprovalVoid(_) => "approval_void",
            Self::AlreadyAnswered(_) => "already_answered",
            Self::LineStopped { .. } => "line_stopped",
            Self::StopUnknown => "stop_unknown",
            Self::StopTime => "stop_time",
            Self::IncidentUnknown => "incident_unknown",
            Self::IncidentNotP1 => "incident_not_p1",
            Self::IncidentUnconfirmed => "incident_unconfirmed",
            Self::IncidentClosed => "incident_closed",
            Self::IncidentOpen => "incident_open",
            Self::IncidentElsewhere => "incident_elsewhere",
            Self::OwnIncident => "own_incident",
            Self::IncidentOfAuthor => "incident_of_author",
            Self::DebtOwed { .. } => "debt_owed",
            Self::NotBehind(_) => "not_behind",
            Self::RollbackTokenNone => "rollback_token_none",
            Self::RollbackTokenUsed(_) => "rollback_token_used",
            Self::Marked(_) => "marked_do_not_return",
            Self::NotReleased => "not_released",
            Self::PlanUnconfirmed => "plan_unconfirmed",
            Self::PlanUnchanged => "plan_unchanged",
            Self::PlanTarget => "plan_target",
            Self::ConfigurationMoved => "configuration_moved",
            Self::ProposalUnknown => "proposal_unknown",
            Self::ProposalInForce => "proposal_in_force",
            Self::ProposalOpen(_) => "proposal_open",
            Self::ProposalFaulty(_) => "proposal_faulty",
            Self::ProposalLocksOut => "proposal_locks_out",
            Self::WebhookUnsigned => "webhook_unsigned",
            Self::WebhookForged => "webhook_forged",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyMalformed(_) => "body_malformed",
            Self::CallbackElsewhere => "callback_elsewhere",
            Self::ServiceUnknown => "service_unknown",
            Self::EnvironmentUnknown => "environment_unknown",
            Self::RunMoved => "run_moved",
            Self::GithubRefused => "github_refused",
            Self::SourceUnavailable(_) => "source_unavailable",
            Self::CrossSite => "cross_site_request",
            Self::RequestMalformed(_) => "request_malformed",
            Self::ContentTypeUnsupported => "content_type_unsupported",
            Self::TokenInvalid => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::TokenRevoked => "token_revoked",
            Self::TokenOwnerNotAdmitted => "token_owner_not_admitted",
            Self::TwoCredentials => "two_credentials",
            Self::ScopeMissing(_) => "scope_missing",
            Self::TokenCannotAct => "token_cannot_act",
            Self::TokenUnknown => "token_unknown",
            Self::TokenLifetime => "token_lifetime",
            Self::TokenWithoutScope => "token_without_scope",
            Self::IdempotencyKeyMissing => "idempotency_key_missing",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::RequestUnderWay => "request_under_way",
        }
    }

    /// The sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.to_string()
    }
}
