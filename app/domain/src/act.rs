//! What did a person's key sign? One act on one subject, as exact bytes (DESIGN §9, signed bytes).
//!
//! The bytes are RFC 8785 JSON of eight strings; their SHA-256 is the WebAuthn challenge, so the
//! authenticator's signature covers every field:
//!
//! | field | binds the signature to |
//! |---|---|
//! | `tag` | this format: a log-in, or another program's challenge, is never an act |
//! | `log_origin` | this portal's log: a demo's signature is worth nothing elsewhere |
//! | `act`, `decision` | what is done; an approval cannot be replayed as an enrolment |
//! | `subject_digest` | the exact thing it is done to |
//! | `comment_digest` | the words written beside it |
//! | `person` | who says so; a key that belongs to another cannot say it |
//! | `nonce` | one ceremony: the same decision made twice is two different challenges |
//!
//! Invariants: a [`SignedAct`] that exists is well formed, its decision belongs to its act, and its
//! bytes are the only spelling of it: [`SignedAct::parse`] refuses every other one.

use crate::canonical::{self, CanonicalError};
use crate::ids::{Digest, Malformed, PersonId};
use serde::{Deserialize, Serialize};
use std::fmt;

#[cfg(test)]
mod tests;

/// Why bytes or fields are no signed act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Unknown, missing or duplicate key, a value that is not text, or a malformed value.
    #[error("not a signed act: {0}")]
    Malformed(String),
    /// Well formed, but not the canonical spelling.
    #[error(transparent)]
    NotCanonical(#[from] CanonicalError),
    /// Such as approving a key, or enrolling a change.
    #[error("{act} cannot be decided as {decision}")]
    DecisionNotOfAct {
        /// What was to be done.
        act: Act,
        /// The decision that does not belong to it.
        decision: SignedDecision,
    },
    /// The log origin is empty, too long, not normalised, or holds white space or control characters.
    #[error("not a log origin")]
    LogOrigin,
}

/// A closed set of words, each with its one spelling on the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

words! {
    /// What can be done by signature.
    Act {
        /// Decide on a change; the subject is the change's `S`.
        DecideChange = "changes.decide",
        /// Enrol one's next key; the subject is the new key.
        EnrolKey = "people.enrol_key",
        /// Revoke one's own key; the subject is that key.
        RevokeKey = "people.revoke_key",
        /// Issue a machine token in one's own name; the subject is what it may read, and until when.
        IssueToken = "people.issue_token",
        /// Say that a key is another person's; the subject is their request
        /// ([`crate::people::request::Wanted`]).
        EndorseKey = "people.endorse_key",
        /// Say that another person is to hold a role; the subject is their request.
        EndorseRole = "people.endorse_role",
        /// Stop the line to an environment, or let it go on; the subject is the stop
        /// ([`crate::changes::lane::Stop`]).
        StopLine = "changes.stop_line",
        /// End an older change because a newer one takes its place; the subject names both, as they were read.
        SupersedeChange = "changes.supersede",
        /// Attach a P1 to a change; the subject names both ([`crate::changes::lane::emergency_digest`]).
        AttachEmergency = "changes.attach_emergency",
        /// Declare an incident, confirm that it is a P1, or close it; the subject is the incident
        /// ([`crate::alerts::Declaration`]).
        Incident = "alerts.incident",
        /// Review a closed incident; the subject is the incident, the comment is the review.
        ReviewIncident = "alerts.review",
        /// Propose other rules; the subject is which configuration is to take the place of which
        /// ([`crate::policy::Proposal`]).
        ProposeConfiguration = "policy.propose",
    }
}

words! {
    /// Which way it was decided. Saying no is signed like saying yes.
    SignedDecision {
        /// For it.
        Approve = "approve",
        /// A veto: blocks while it stands.
        Reject = "reject",
        /// Takes back one's own approval or veto.
        Withdraw = "withdraw",
        /// Ends the change for good.
        Close = "close",
        /// Makes a key one's own.
        Enrol = "enrol",
        /// Makes a key nobody's.
        Revoke = "revoke",
        /// Lets it go out again, by what its own release left behind.
        GoBack = "go_back",
        /// Lets a machine read in one's name.
        Issue = "issue",
        /// Lets nothing go out.
        Stop = "stop",
        /// Takes that back.
        Lift = "lift",
        /// Says that something is wrong.
        Declare = "declare",
        /// Asks others to sign for it.
        Propose = "propose",
    }
}

impl Act {
    /// Whether an act can be decided this way.
    #[must_use]
    pub const fn admits(self, decision: SignedDecision) -> bool {
        use SignedDecision as D;
        match self {
            Self::DecideChange => matches!(decision, D::Approve | D::Reject | D::Withdraw | D::Close | D::GoBack),
            Self::EnrolKey => matches!(decision, D::Enrol),
            Self::RevokeKey => matches!(decision, D::Revoke),
            Self::IssueToken => matches!(decision, D::Issue),
            Self::ProposeConfiguration => matches!(decision, D::Propose),
            Self::EndorseKey | Self::EndorseRole => matches!(decision, D::Approve | D::Reject),
            Self::StopLine => matches!(decision, D::Stop | D::Lift),
            Self::SupersedeChange => matches!(decision, D::Close),
            Self::AttachEmergency | Self::ReviewIncident => matches!(decision, D::Approve),
            Self::Incident => matches!(decision, D::Declare | D::Approve | D::Close),
        }
    }
}

/// The only tag there is. A change of the format is a new tag, never a new meaning of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Tag {
    #[serde(rename = "gatehouse.signed-act.v1")]
    V1,
}

/// 32 random bytes, once; on the wire 64 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Digest", into = "Digest")]
pub struct Nonce(Digest);

impl Nonce {
    /// From the context's random generator.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        // A digest is the type for "64 lower-case hex digits"; its rule cannot fail on encoded bytes.
        Self(hex::encode(random).parse().unwrap_or_else(|_: Malformed| Digest::of(&random)))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Digest> for Nonce {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl From<Nonce> for Digest {
    fn from(nonce: Nonce) -> Self {
        nonce.0
    }
}

/// What somebody is asked to sign, before it is known who signs it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActDraft {
    /// What is done.
    pub act: Act,
    /// Which way.
    pub decision: SignedDecision,
    /// To what, as the SHA-256 of its canonical bytes.
    pub subject_digest: Digest,
    /// SHA-256 of the comment, or its salted commitment; of nothing, when there is none.
    pub comment_digest: Digest,
}

impl ActDraft {
    /// The act of this person in this ceremony.
    ///
    /// # Errors
    /// When the decision does not belong to the act, or `log_origin` is no log origin.
    pub fn by(self, person: PersonId, log_origin: &str, nonce: Nonce) -> Result<SignedAct, ActError> {
        Wire {
            tag: Tag::V1,
            log_origin: log_origin.to_owned(),
            act: self.act,
            subject_digest: self.subject_digest,
            decision: self.decision,
            comment_digest: self.comment_digest,
            person,
            nonce,
        }
        .try_into()
    }
}

/// The eight fields as they travel. Serde refuses unknown, missing and duplicate keys here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    tag: Tag,
    log_origin: String,
    act: Act,
    subject_digest: Digest,
    decision: SignedDecision,
    comment_digest: Digest,
    person: PersonId,
    nonce: Nonce,
}

/// One person's act in one ceremony, with its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct SignedAct {
    fields: Wire,
    bytes: Vec<u8>,
}

impl SignedAct {
    /// Reads the bytes that were signed.
    ///
    /// # Errors
    /// When they are not exactly the canonical bytes of a well-formed act.
    pub fn parse(bytes: &[u8]) -> Result<Self, ActError> {
        let fields: Wire = serde_json::from_slice(bytes).map_err(|e| ActError::Malformed(e.to_string()))?;
        let act = Self::try_from(fields)?;
        if act.bytes == bytes { Ok(act) } else { Err(CanonicalError::NotCanonical.into()) }
    }

    /// The canonical bytes, for the log.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the canonical bytes: what the key signs.
    #[must_use]
    pub fn challenge(&self) -> [u8; 32] {
        Digest::of(&self.bytes).bytes()
    }

    /// What is done.
    #[must_use]
    pub fn act(&self) -> Act {
        self.fields.act
    }

    /// Which way it was decided.
    #[must_use]
    pub fn decision(&self) -> SignedDecision {
        self.fields.decision
    }

    /// What it is done to.
    #[must_use]
    pub fn subject_digest(&self) -> &Digest {
        &self.fields.subject_digest
    }

    /// The digest of the words beside it.
    #[must_use]
    pub fn comment_digest(&self) -> &Digest {
        &self.fields.comment_digest
    }

    /// Who signs.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.fields.person
    }

    /// Which log it is said to.
    #[must_use]
    pub fn log_origin(&self) -> &str {
        &self.fields.log_origin
    }
}

impl TryFrom<Wire> for SignedAct {
    type Error = ActError;

    fn try_from(fields: Wire) -> Result<Self, ActError> {
        let Wire { act, decision, .. } = fields;
        if !act.admits(decision) {
            return Err(ActError::DecisionNotOfAct { act, decision });
        }
        let origin = &fields.log_origin;
        if !(1..=255).contains(&origin.len()) || origin.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ActError::LogOrigin);
        }
        // Refuses a log origin that is not in NFC.
        let bytes = canonical::to_bytes(&fields)?;
        Ok(Self { fields, bytes })
    }
}

impl From<SignedAct> for Wire {
    fn from(act: SignedAct) -> Self {
        act.fields
    }
}
