//! What can happen to a person, as it stands in the log.

use super::Role;
use super::request::Wanted;
use crate::ids::{Digest, GithubId, KeyId, PersonId, RequestId, SessionId};
use crate::personal::Personal;
use crate::webauthn::PublicKey;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person came for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonMet {
    /// The employee id.
    pub person: PersonId,
    /// The name that the identity provider gave.
    pub name: Personal,
    /// The address that it gave.
    pub email: Personal,
}

/// The provider's word on roles changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolesRead {
    /// The person.
    pub person: PersonId,
    /// SHA-256 of `iss` ‖ 0 ‖ `sub`: which of the person's accounts.
    pub account: Digest,
    /// Roles whose groups the account is in now.
    pub roles: Vec<Role>,
}

/// A session began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedIn {
    /// The person.
    pub person: PersonId,
    /// Through which account (as in [`RolesRead::account`]).
    pub account: Digest,
    /// The session that began; entries from before sessions were named have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// Somebody's session was in another's hands: it ended, and what was approved through it counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionStolen {
    /// Whose it was.
    pub person: PersonId,
    /// Which.
    pub session: SessionId,
}

/// A person ended all their sessions but the one that they did it from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedOutElsewhere {
    /// The person.
    pub person: PersonId,
    /// How many ended.
    pub sessions: String,
}

/// A session was ended by its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedOut {
    /// The person.
    pub person: PersonId,
}

/// A founder's code was made; its bytes are shown once and stored hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FounderCodeIssued {
    /// For whom.
    pub person: PersonId,
    /// SHA-256 of the code.
    pub code_hash: Digest,
}

/// On whose word a key was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum EnrolledBy {
    /// A founder's code.
    FounderCode {
        /// SHA-256 of the code.
        code_hash: Digest,
    },
    /// The demo's configuration, which admits its people by itself and says so.
    Demo,
    /// A signature with a key that the person already had.
    Signature(Proof),
}

/// A whole signature: what was signed, with which key, and the assertion that proves it offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The key.
    pub key: KeyId,
    /// The canonical bytes of the signed act, as text.
    pub act: String,
    /// base64url of `clientDataJSON`.
    pub client_data_json: String,
    /// base64url of `authenticatorData`.
    pub authenticator_data: String,
    /// base64url of the signature.
    pub signature: String,
}

/// A key was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEnrolled {
    /// Whose.
    pub person: PersonId,
    /// Our id for it.
    pub key: KeyId,
    /// The name that the person gave it.
    pub name: Personal,
    /// base64url of the credential id.
    pub credential_id: String,
    /// What verifies its signatures.
    pub public_key: PublicKey,
    /// On whose word.
    pub by: EnrolledBy,
    /// From the admitted list at that time, so that a replay knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github_id: Option<GithubId>,
}

/// A key was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRevoked {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub key: KeyId,
    /// The signature over the revocation.
    pub proof: Proof,
}

/// A first or replacement key waits for endorsements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyAsked {
    /// The exact thing that endorsers sign; always a key.
    pub wanted: Wanted,
    /// Its digest.
    pub subject_digest: Digest,
    /// The name that the person gave the key.
    pub name: Personal,
}

/// Group and admitted list both say that a person has a role, and did not before. It waits for endorsements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGained {
    /// The exact thing that endorsers sign; always a role.
    pub wanted: Wanted,
    /// Its digest.
    pub subject_digest: Digest,
}

/// Group or admitted list no longer say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLost {
    /// Who.
    pub person: PersonId,
    /// What.
    pub role: Role,
    /// The request with which it came.
    pub request: RequestId,
}

/// A founder's role counts without endorsements, together with the key that their code let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTrusted {
    /// The request that needs no endorsement any more.
    pub request: RequestId,
    /// Who.
    pub person: PersonId,
    /// What.
    pub role: Role,
    /// SHA-256 of the founder's code.
    pub code_hash: Digest,
}

/// Somebody signed that a key is another's, or that another is to hold a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorsed {
    /// Which request.
    pub request: RequestId,
    /// Whose.
    pub person: PersonId,
    /// Who signed.
    pub endorser: PersonId,
    /// What was signed.
    pub subject_digest: Digest,
    /// The signature.
    pub proof: Proof,
    /// With the last one that was needed: from when on it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_from: Option<DateTime<Utc>>,
}

/// Somebody signed that it is not, and the request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndorsementRefused {
    /// Which request.
    pub request: RequestId,
    /// Whose.
    pub person: PersonId,
    /// Who signed.
    pub endorser: PersonId,
    /// What was signed.
    pub subject_digest: Digest,
    /// The signature.
    pub proof: Proof,
}

/// An endorser lost their key or their admission before the request counted: their word is gone with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndorsementFell {
    /// Which request.
    pub request: RequestId,
    /// Whose request.
    pub person: PersonId,
    /// Whose word.
    pub endorser: PersonId,
}

/// A person took their own request back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestWithdrawn {
    /// Which.
    pub request: RequestId,
    /// Whose.
    pub person: PersonId,
}

/// Seven days passed without enough endorsements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestExpired {
    /// Which.
    pub request: RequestId,
    /// Whose.
    pub person: PersonId,
}

/// All founders were lost, and whoever has the machine and the database's owner let them begin again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refounded {
    /// Why, in the operator's words.
    pub reason: Personal,
    /// Who got a code.
    pub founders: Vec<PersonId>,
}

/// A founder's key was taken away by the refounding: nobody could sign its revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFell {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub key: KeyId,
}
