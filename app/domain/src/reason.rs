//! Why not? Every refusal of the portal, with a stable code and one sentence.
//!
//! A reason speaks to the person who tried ("you"), says what is in the way, and where there is a
//! remedy names it. Codes are part of the API: they are never renamed, and the audit log keeps them.

mod reasons;

pub use reasons::Reasons;

use crate::changes::Part;
use crate::changes::policy::PolicyFault;
use crate::ids::{ChangeNumber, GithubId, PersonId};
use crate::people::Role;
use crate::people::tokens::Scope;
use serde::{Deserialize, Serialize};
use std::fmt;

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

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn => f.write_str("You are not signed in, or your session has ended. Sign in and try again."),
            Self::NoEmployeeId => f.write_str("Your account carries no employee id, so it belongs to no person here."),
            Self::NotAdmitted => f.write_str("You are not on Gatehouse's admitted list. You can look, but not act; adding you is a configuration change."),
            Self::RoleNotHeld(roles) => write!(f, "You do not hold the role {}: your group and the admitted list must both say so.", list(roles, "or")),
            Self::NoGithubIdentity => f.write_str("The admitted list names no GitHub account for you, so nobody can tell what you wrote."),
            Self::RoleFactsStale(person) => write!(f, "The identity provider has not confirmed {person}'s roles in the last 15 minutes."),
            Self::SigninInvalid => f.write_str("This sign-in was not begun in this browser, was used before, or took longer than ten minutes. Start again."),
            Self::SigninDenied => f.write_str("The identity provider did not let you in. Start again, or ask whoever runs it."),
            Self::IdentityNotBelieved => f.write_str("What the identity provider said about you could not be verified, so you are not signed in. The operator's log says which check failed."),
            Self::AccountMoved => f.write_str("This account belonged to another employee id before, and an account never moves to another person. Ask whoever runs the identity provider for an account of your own."),
            Self::SessionUnknown => f.write_str("There is no such session, or it was reported as stolen before."),
            Self::NoKey => f.write_str("You have no active security key. Add one on the Keys page, or see there what yours waits for."),
            Self::KeyNotActive => f.write_str("This key is not one of your active keys."),
            Self::FounderCodeInvalid => f.write_str("This is not an unused founder's code of yours, or it is older than seven days. Without one, your first key waits for two endorsements."),
            Self::FirstKeyMustSign => f.write_str("A further key must be signed for with one that you already have."),
            Self::KeyAlreadyEnrolled => f.write_str("This key is already enrolled."),
            Self::KeyNotDeviceBound => f.write_str("This key can be copied between devices (a synced passkey). Use a security key that stays in one device."),
            Self::UserNotVerified => f.write_str("The key did not check that it is you (PIN or fingerprint). Set one on the key and try again."),
            Self::CeremonyUnknown => f.write_str("This signature request was used already, took longer than five minutes, or was never made. Nothing was changed; start again."),
            Self::CeremonyForeign => f.write_str("This signature request belongs to another person, session or purpose."),
            Self::SignatureInvalid => f.write_str("The signature does not hold for what was to be signed."),
            Self::RoleWaits(roles) => write!(f, "Your role {} does not count yet: a role that was gained fills a seat 24 hours after two others endorsed it. The People page says what it waits for.", list(roles, "and")),
            Self::EndorsesSelf => f.write_str("Nobody endorses themselves: two others must."),
            Self::EndorserWithoutRole => f.write_str("Only whoever holds a role that signs can endorse others; yours does not count yet, or reads only."),
            Self::RequestUnknown => f.write_str("There is no such request of yours."),
            Self::RequestOpen => f.write_str("A key of yours waits for endorsements already. Withdraw that request first if it was not you, or if you lost the key."),
            Self::RequestEnded(how) => write!(f, "This request is no longer open: it is {how}."),
            Self::RequestComplete => f.write_str("Two others have endorsed it; it only waits for its 24 hours. Until then you can still refuse it."),
            Self::RequestReplaced => f.write_str("What is asked for is not what you were shown: read it again, compare the six words, then sign."),
            Self::FoundingOver => f.write_str("Two persons have had keys, so the founding is over: others are let in by two endorsements on the People page. If all founders are lost, see docs/founders-lost.md."),
            Self::NoFounder => f.write_str("The configuration names no founder who could get a code; set founder = true for at least two, better three, admitted persons."),
            Self::TextRefused => f.write_str("The text is longer than 2,000 characters, or holds invisible or direction-changing characters."),
            Self::CommentMissing => f.write_str("Write a word of why: whoever made this will read it."),
            Self::ChangeUnknown => f.write_str("There is no such change."),
            Self::ChangeNotHeld(state) => write!(f, "This change is no longer held: it is {state}."),
            Self::SubjectExpired => f.write_str("What was to be approved has expired, 72 hours after it was made. Run the pipeline again."),
            Self::SubjectReplaced => f.write_str("The change is not what it was when you began: read it again, then sign."),
            Self::FieldUnreadable(field) => write!(f, "Gatehouse could not read the {field}; the gate stays closed until it can."),
            Self::PolicyChanged => f.write_str("The governed configuration changed since this was prepared; it must be prepared again."),
            Self::PolicyFailed(fault) => write!(f, "The policy does not say who must sign: {fault}. Everybody is asked, and the gate stays closed until whoever runs Gatehouse has mended it."),
            Self::Frozen(window) => write!(f, "Nothing goes out {window}. Signatures given meanwhile count when the freeze is over."),
            Self::EvidenceWanting { unmet, .. } => f.write_str(unmet),
            Self::EvidenceLapsed(check) => write!(f, "What {check} proved is older than the policy takes. Gatehouse looks again by itself; where nothing newer comes, run the pipeline again."),
            Self::Contributed(parts) => write!(f, "You had a part in this change ({}), so you cannot approve it.", list(parts, "and")),
            Self::ContributorsUnknown => f.write_str("Somebody had a part in this change whom no GitHub account identifies, so nobody's independence is certain. The author can rewrite the commit with a linked address; what only bots pushed and merged, a person can merge or run again."),
            Self::ContributorUnlisted(ids) => write!(f, "GitHub account {} had a part in this change and is listed for nobody, so it may be a second account of somebody who approves. List the account in the configuration: on its person's row, or among the contributors.", list(ids, "and")),
            Self::AlreadySigned => f.write_str("Your decision on this already stands."),
            Self::NoFreeSeat => f.write_str("Every seat that you could fill is filled."),
            Self::NothingToWithdraw => f.write_str("You have no standing decision on this to withdraw."),
            Self::SeatEmpty(seat) => write!(f, "{seat} has not signed."),
            Self::Vetoed(person) => write!(f, "{person} rejected it; that blocks until they withdraw it."),
            Self::ApprovalVoid(person) => write!(f, "{person}'s approval no longer counts: their role, key or admission is gone, or they had a part in the change."),
            Self::AlreadyAnswered(number) => write!(f, "{number} was this promotion, and it has ended; run the pipeline again."),
            Self::WebhookUnsigned => f.write_str("The webhook carries no X-Hub-Signature-256."),
            Self::WebhookForged => f.write_str("The webhook's signature does not match its body."),
            Self::BodyTooLarge => f.write_str("The body is larger than Gatehouse takes."),
            Self::BodyMalformed(what) => write!(f, "The body is not what this event looks like: {what}."),
            Self::CallbackElsewhere => f.write_str("The callback URL does not lead to a run of this repository on the configured GitHub."),
            Self::ServiceUnknown => f.write_str("No configured service is built by this repository and workflow."),
            Self::EnvironmentUnknown => f.write_str("This environment is not in the configuration."),
            Self::RunMoved => f.write_str("GitHub's run is no longer the one that was approved: its attempt, commit or waiting job is another."),
            Self::GithubRefused => f.write_str("GitHub did not take the answer. Check the App's permissions on this repository, then run the pipeline again."),
            Self::SourceUnavailable(source) => write!(f, "{source} did not answer; trying again by itself."),
            Self::CrossSite => f.write_str("The request came from another site."),
            Self::RequestMalformed(what) => write!(f, "The request is not one that this address takes: {what}."),
            Self::ContentTypeUnsupported => f.write_str("Send the body as `application/json`."),
            Self::TokenInvalid => f.write_str("This is no token of this portal. Send `Authorization: Bearer gthp_…` exactly as it was shown when the token was made."),
            Self::TokenExpired => f.write_str("The token has expired; whoever made it can make another."),
            Self::TokenRevoked => f.write_str("The token was revoked; whoever made it can make another."),
            Self::TokenOwnerNotAdmitted => f.write_str("Whoever made this token is no longer on Gatehouse's admitted list, so it reads nothing any more."),
            Self::TwoCredentials => f.write_str("The request carries a session and a token; send one of them."),
            Self::ScopeMissing(scope) => write!(f, "The token does not have the scope `{scope}`; make one that has."),
            Self::TokenCannotAct => f.write_str("A machine token only reads. This takes a person, in a session of their own, with their key."),
            Self::TokenUnknown => f.write_str("There is no such token that you could revoke: it is another's, or it ended already."),
            Self::TokenLifetime => f.write_str("A token lives at least one day and at most 365."),
            Self::TokenWithoutScope => f.write_str("Choose what the token may read: each scope once, and at least one."),
            Self::IdempotencyKeyMissing => f.write_str("Name the request with one `Idempotency-Key`: a word of your own that you send again when you repeat it."),
            Self::IdempotencyKeyReused => f.write_str("This `Idempotency-Key` was another request's. Nothing was changed; choose a new one."),
            Self::RequestUnderWay => f.write_str("The same request is under way. Ask again in a moment; it is not done twice."),
        }
    }
}

fn list<T: fmt::Display>(items: &[T], word: &str) -> String {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    match texts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
