//! A key as it was enrolled, and whether bytes were signed by it.

use crate::canonical::{self, CanonicalError};
use crate::ids::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::{VerifyingKey as P256Key, signature::Verifier as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The two algorithms a key may have. RSA and the larger curves are left out: no FIDO2 key needs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alg", deny_unknown_fields)]
pub enum PublicKey {
    /// ECDSA on P-256 with SHA-256 (COSE -7), by its affine coordinates.
    #[serde(rename = "ES256")]
    Es256 {
        /// Big-endian.
        #[serde(with = "as_hex")]
        x: [u8; 32],
        /// Big-endian.
        #[serde(with = "as_hex")]
        y: [u8; 32],
    },
    /// EdDSA on Curve25519 (COSE -8).
    #[serde(rename = "EdDSA")]
    Ed25519 {
        /// The compressed point of RFC 8032.
        #[serde(with = "as_hex")]
        x: [u8; 32],
    },
}

impl PublicKey {
    /// Whether this is a point of its curve, so that it can sign anything at all.
    #[must_use]
    pub fn is_point(&self) -> bool {
        match self {
            Self::Es256 { x, y } => P256Key::from_sec1_bytes(&[&[0x04][..], x, y].concat()).is_ok(),
            Self::Ed25519 { x } => Ed25519Key::from_bytes(x).is_ok(),
        }
    }

    /// Whether `signature` is this key's over `message`. A key that is no point of its curve signs nothing.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256 { x, y } => {
                let sec1 = [&[0x04][..], x, y].concat();
                P256Key::from_sec1_bytes(&sec1).is_ok_and(|key| {
                    p256::ecdsa::Signature::from_der(signature).is_ok_and(|sig| key.verify(message, &sig).is_ok())
                })
            }
            Self::Ed25519 { x } => Ed25519Key::from_bytes(x).is_ok_and(|key| {
                // Strict: refuses small-order points, with which one signature fits many messages.
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|sig| key.verify_strict(message, &sig).is_ok())
            }),
        }
    }
}

/// What is remembered of a key: enough to verify every signature it will ever make.
///
/// The serialised form is canonical JSON material (strings only).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredCredential {
    /// The authenticator's own id for the key.
    #[serde(with = "as_hex")]
    pub id: Vec<u8>,
    /// The public key.
    pub public_key: PublicKey,
    /// The last signature counter seen; 0 from a key that does not count.
    #[serde(with = "as_text")]
    pub counter: u32,
    /// Whether the key said that it may leave its device. Such a key is refused at enrolment, and again here.
    #[serde(with = "as_text")]
    pub backup_eligible: bool,
}

impl StoredCredential {
    /// The id as the browser and the log write it.
    #[must_use]
    pub fn id_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    /// What is signed when this key is enrolled or revoked: SHA-256 of the canonical bytes of
    /// `{"credential_id": base64url, "public_key": …}`, both of which stand in the log.
    ///
    /// # Errors
    /// Never for a value that exists; the canonical writer can fail in principle.
    pub fn subject_digest(&self) -> Result<Digest, CanonicalError> {
        let subject = json!({"credential_id": self.id_base64url(), "public_key": self.public_key});
        canonical::to_bytes(&subject).map(|bytes| Digest::of(&bytes))
    }
}

/// Canonical bytes hold no numbers and no booleans, so these travel as their words.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr + Display, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse::<T>() {
            // One value, one spelling: `+1` and `01` parse as 1 too.
            Ok(value) if value.to_string() == text => Ok(value),
            _ => Err(D::Error::custom("not in its canonical spelling")),
        }
    }
}

/// Lower case only: `hex` itself would also read `AB`, a second spelling of the same key.
mod as_hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: impl AsRef<[u8]>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, T: TryFrom<Vec<u8>>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        hex::decode(&text)
            .ok()
            .filter(|bytes| hex::encode(bytes) == text)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| D::Error::custom("not lower-case hex of the right length"))
    }
}
