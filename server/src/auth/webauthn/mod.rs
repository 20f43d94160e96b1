//! Security keys: the ceremonies of webauthn-rs, around challenges of our own.
//!
//! webauthn-rs draws its challenges itself, so for a signature ours goes in through its serialised
//! state, and into the options that the browser gets; tests pin both places. What the browser answers
//! then passes two verifiers, the library's and the pure one of `domain`, and counts only when both
//! accept it; `tests/` tries every step of the standard against each of them alone. The library's core
//! is driven directly: the wrapper above it cannot refuse synchronised keys without an attestation
//! authority, and lets a key become synchronised later.
//!
//! Invariants
//! - user verification is required in every ceremony, and by both verifiers;
//! - a key that may leave its device is refused at enrolment and at every use;
//! - ES256 only: every FIDO2 key has it, and webauthn-rs 0.6 cannot verify EdDSA;
//! - the origin is compared as an exact string, the relying-party id is the exact host.

mod registration;
mod signature;
#[cfg(test)]
mod tests;

pub use registration::RegistrationRefused;
pub use signature::SignatureRefused;

use gatehouse_domain::webauthn::{PublicKey, StoredCredential};
use gatehouse_domain::{Digest, PersonId};
use serde_json::Value;
use std::time::Duration;
use url::Url;
use webauthn_rs::prelude::{
    AttestationFormat, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, Credential, ECDSACurve, ParsedAttestation,
    WebauthnError,
};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{RegisteredExtensions, UserVerificationPolicy};

/// How long the browser waits for a touch: long enough to read the page once more and find the key.
const TOUCH: Duration = Duration::from_secs(120);

/// The library could not begin a ceremony, or its serialised state has changed shape.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// webauthn-rs said no.
    #[error("webauthn-rs cannot begin the ceremony")]
    Library(#[from] WebauthnError),
    /// Its state or options do not serialise as they did when our tests were written.
    #[error("webauthn-rs's state has another shape")]
    State(#[from] serde_json::Error),
    /// The challenge did not arrive where the library looks for it.
    #[error("webauthn-rs did not take the challenge")]
    Challenge,
    /// A stored key is of a kind that the library cannot verify.
    #[error("a stored key cannot be verified here")]
    Key,
}

/// A ceremony that has begun.
#[derive(Debug, Clone)]
pub struct Started {
    /// For the browser: what `PublicKeyCredential.parse{Creation,Request}OptionsFromJSON()` takes.
    pub options: Value,
    /// For the database, and for nobody else.
    pub state: Value,
}

/// Begins and ends ceremonies for one origin.
#[derive(Debug, Clone)]
pub struct Authenticators {
    core: WebauthnCore,
    origin: String,
    rp_id: String,
}

impl Authenticators {
    /// For the page at `public_url`; `None` when that has no host.
    #[must_use]
    pub fn new(public_url: &Url) -> Option<Self> {
        let rp_id = public_url.host_str()?.to_owned();
        let origin = public_url.origin().ascii_serialization();
        let allowed = vec![Url::parse(&origin).ok()?];
        let core = WebauthnCore::new_unsafe_experts_only("Gatehouse", &rp_id, allowed, TOUCH, Some(false), Some(false));
        Some(Self { core, origin, rp_id })
    }

    /// The origin as browsers write it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The relying party's id.
    #[must_use]
    pub fn rp_id(&self) -> &str {
        &self.rp_id
    }
}

/// The handle under which keys know a person: opaque, so that a lost key names nobody.
#[must_use]
pub fn user_handle(person: &PersonId) -> [u8; 32] {
    Digest::of(format!("gatehouse.user-handle.v1\0{person}").as_bytes()).bytes()
}

/// A stored key as the library knows keys. Only what a verification reads is filled in.
fn library_credential(stored: &StoredCredential) -> Result<Credential, CeremonyError> {
    let PublicKey::Es256 { x, y } = &stored.public_key else {
        return Err(CeremonyError::Key);
    };
    Ok(Credential {
        cred_id: stored.id.clone(),
        cred: COSEKey {
            type_: COSEAlgorithm::ES256,
            key: COSEKeyType::EC_EC2(COSEEC2Key { curve: ECDSACurve::SECP256R1, x: x.to_vec(), y: y.to_vec() }),
        },
        counter: stored.counter,
        transports: None,
        user_verified: true,
        backup_eligible: stored.backup_eligible,
        backup_state: false,
        registration_policy: UserVerificationPolicy::Required,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    })
}

/// The member that the browser's own parser wants, without the library's wrapper around it.
fn inner_options<T: serde::Serialize>(options: &T) -> Result<Value, CeremonyError> {
    let mut wrapped = serde_json::to_value(options)?;
    wrapped.get_mut("publicKey").map(Value::take).ok_or(CeremonyError::Challenge)
}
