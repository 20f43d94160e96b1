//! What the key pages show and send, and what any ceremony carries.

use crate::shape::Availability;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One of the caller's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Our id.
    pub id: String,
    /// The name that the person gave it.
    pub name: String,
    /// `ES256` or `EdDSA`.
    pub algorithm: String,
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// When it last signed.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The keys page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    /// Active ones first.
    pub keys: Vec<KeyRow>,
    /// Whether the caller may enrol one.
    pub enrol: Availability,
    /// A first key needs a founder's code here.
    pub needs_founder_code: bool,
    /// A further key will need a touch of one that is already there.
    pub needs_first_key: bool,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// A key to enrol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// What to call it.
    pub name: String,
    /// The founder's code, where one is needed.
    pub founder_code: Option<String>,
}

/// What the browser hands to the authenticator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureRequest {
    /// Give this back with the answer; it is good once, for five minutes.
    pub ceremony: String,
    /// `{"publicKey": …}` for `navigator.credentials.create` or `get`.
    pub options: String,
    /// The signed act as text, to show; empty for a registration.
    pub act: String,
    /// Six words of its subject, to compare.
    pub six_words: Vec<String>,
}

/// Where an enrolment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnrolStep {
    /// The key is enrolled.
    Done,
    /// Touch a key that you already have, to sign for the new one.
    SignWithExisting(SignatureRequest),
}
