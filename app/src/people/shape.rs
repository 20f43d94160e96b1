//! What the key pages show and send, and what any ceremony carries.

use crate::shape::{Availability, PersonView, Status};
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
    /// Where it stands.
    pub status: Status,
    /// What it waits for, while it signs nothing yet.
    pub waits: Option<WaitView>,
}

/// What a key or a role waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitView {
    /// The request that others endorse.
    pub request: String,
    /// Who has endorsed it.
    pub endorsed_by: Vec<PersonView>,
    /// When it counts, once two have.
    pub counts_from: Option<DateTime<Utc>>,
    /// When it is over, while they have not.
    pub expires_at: DateTime<Utc>,
    /// Six words of it, to say to those who endorse.
    pub six_words: Vec<String>,
}

/// The keys page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    /// Active ones first.
    pub keys: Vec<KeyRow>,
    /// Whether the caller may enrol one.
    pub enrol: Availability,
    /// A first key waits for two others here, unless it comes with a founder's code.
    pub needs_endorsement: bool,
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
    /// The key waits for two others and 24 hours.
    Asked,
    /// Touch a key that you already have, to sign for the new one.
    SignWithExisting(SignatureRequest),
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Our id.
    pub id: String,
    /// Who asks.
    pub person: PersonView,
    /// What for: `a security key`, `the role Engineer`.
    pub what: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Where it stands.
    pub status: Status,
    /// Whether the caller could endorse it now.
    pub is_yours: bool,
}

/// One role of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRow {
    /// The role.
    pub name: String,
    /// Held, waiting, or on the list only.
    pub status: Status,
}

/// A person on the admitted list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Who.
    pub person: PersonView,
    /// What the list gives them, and what of it they hold.
    pub roles: Vec<RoleRow>,
    /// How many of their keys sign.
    pub keys: u32,
    /// Whether they have ever signed in.
    pub has_come: bool,
}

/// The people page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleView {
    /// What waits for endorsements or for its 24 hours, longest waiting first.
    pub requests: Vec<RequestRow>,
    /// The admitted list.
    pub people: Vec<PersonRow>,
    /// Keys and roles count at once here, because it is a demo.
    pub is_relaxed: bool,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// A word that somebody gave by signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorsementRow {
    /// Who.
    pub person: PersonView,
    /// When.
    pub signed_at: DateTime<Utc>,
}

/// One request, as those who endorse it read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// As in lists.
    pub row: RequestRow,
    /// What exactly is signed: names and values.
    pub subject: Vec<(String, String)>,
    /// Its digest, which goes back with the decision.
    pub digest: String,
    /// Its first 66 bits, to compare by voice.
    pub six_words: Vec<String>,
    /// Who has endorsed it.
    pub endorsements: Vec<EndorsementRow>,
    /// When it counts, once two have.
    pub counts_from: Option<DateTime<Utc>>,
    /// When it is over, while they have not.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the caller may say yes.
    pub approve: Availability,
    /// Whether the caller may say no.
    pub refuse: Availability,
    /// It is the caller's own, and can be taken back.
    pub can_withdraw: bool,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// Yes or no to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorseRequest {
    /// Which.
    pub request: String,
    /// `approve` or `reject`.
    pub decision: String,
    /// The digest that the page showed.
    pub subject_digest: String,
}
