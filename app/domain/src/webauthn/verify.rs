//! The steps of §7.2, in their order.

use super::assertion::Assertion;
use super::authenticator_data::AuthenticatorData;
use super::client_data::ClientData;
use super::credential::StoredCredential;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What must have been signed, where, and by which key.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// SHA-256 of the signed act's bytes.
    pub challenge: [u8; 32],
    /// The page's origin as browsers write it, such as `https://gatehouse.example` (no path, no slash).
    pub origin: &'a str,
    /// The relying party's id, such as `gatehouse.example`.
    pub rp_id: &'a str,
    /// The key, which the caller has looked up as one of the person's own.
    pub credential: &'a StoredCredential,
    /// The handle under which the key was enrolled for that person.
    pub user_handle: &'a [u8],
}

/// What a verified assertion proves, beyond the signature. `UP` and `UV` were set, `BE` and `BS` were not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// To be stored in the transaction that accepts the signature.
    pub counter: u32,
}

/// The step of §7.2 that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Step 5: another key than the one that was asked.
    #[error("the signature is by another key than the one asked for")]
    Credential,
    /// Step 6: the authenticator made it for another user.
    #[error("the key signed for another user")]
    UserHandle,
    /// Steps 8 and 9: not UTF-8 JSON with the needed members.
    #[error("the client data is malformed")]
    ClientData,
    /// Step 10: such as `webauthn.create`, a registration.
    #[error("the ceremony is not a signature")]
    Type,
    /// Step 11: it signs something else.
    #[error("the signature is over something else")]
    Challenge,
    /// Step 12: exact string comparison; scheme, host and port all count.
    #[error("the signature was made on another page")]
    Origin,
    /// Step 13: the page was framed by another origin.
    #[error("the signature was made inside a frame of another origin")]
    CrossOrigin,
    /// Step 14: the same, by the other member.
    #[error("the signature was made under another top-level page")]
    TopOrigin,
    /// Before step 15: fewer than 37 bytes.
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// Step 15: made for another relying party, a parent domain among them.
    #[error("the signature was made for another relying party")]
    RpIdHash,
    /// Step 16.
    #[error("nobody touched the key")]
    UserPresent,
    /// Step 17: required, always.
    #[error("the key did not verify its user by PIN or fingerprint")]
    UserVerified,
    /// Step 18: `BS` without `BE`, which no honest authenticator sends.
    #[error("the key contradicts itself about being backed up")]
    BackupState,
    /// Step 19: our policy is keys that cannot leave their device, at enrolment and at each use.
    #[error("the key can be copied to other devices")]
    BackupEligible,
    /// Before step 20: a flag that no version of the standard defines.
    #[error("the key set a reserved flag")]
    ReservedFlag,
    /// Step 21.
    #[error("the signature does not verify")]
    Signature,
    /// Step 22: equal, lower, or 0 after it was not: two copies of the key may exist.
    #[error("the key's counter did not rise; the key may have been cloned")]
    Counter,
    /// Step 23: none were asked for.
    #[error("the authenticator data holds more than was asked for")]
    Extensions,
}

/// Verifies one assertion against one expectation.
///
/// # Errors
/// With the first step that fails. None of the checks depends on a secret, so the order leaks nothing.
pub fn verify_assertion(expect: &Expectation<'_>, assertion: &Assertion) -> Result<Verified, AssertionError> {
    use AssertionError as E;
    let credential = expect.credential;
    ensure(assertion.credential_id == credential.id, E::Credential)?;
    ensure(assertion.user_handle.as_deref().is_none_or(|handle| handle == expect.user_handle), E::UserHandle)?;

    let here = Here { kind: "webauthn.get", challenge: &expect.challenge, origin: expect.origin, rp_id: expect.rp_id };
    let data = here.check(&assertion.client_data_json, &assertion.authenticator_data)?;
    ensure(!credential.backup_eligible, E::BackupEligible)?;

    let mut signed = assertion.authenticator_data.clone();
    signed.extend_from_slice(&Sha256::digest(&assertion.client_data_json));
    ensure(credential.public_key.verifies(&signed, &assertion.signature), E::Signature)?;

    let counts = data.counter != 0 || credential.counter != 0;
    ensure(!counts || data.counter > credential.counter, E::Counter)?;
    ensure(!data.attested() && !data.extended() && data.rest.is_empty(), E::Extensions)?;
    Ok(Verified { counter: data.counter })
}

/// Where and for what a ceremony took place: steps 8 to 19, which §7.1 has as its steps 5 to 19.
pub(super) struct Here<'a> {
    pub(super) kind: &'static str,
    pub(super) challenge: &'a [u8],
    pub(super) origin: &'a str,
    pub(super) rp_id: &'a str,
}

impl Here<'_> {
    pub(super) fn check<'d>(
        &self,
        client_data_json: &[u8],
        authenticator_data: &'d [u8],
    ) -> Result<AuthenticatorData<'d>, AssertionError> {
        use AssertionError as E;
        let client = ClientData::parse(client_data_json).ok_or(E::ClientData)?;
        ensure(client.kind == self.kind, E::Type)?;
        ensure(client.challenge == URL_SAFE_NO_PAD.encode(self.challenge), E::Challenge)?;
        ensure(client.origin == self.origin, E::Origin)?;
        ensure(client.cross_origin != Some(true), E::CrossOrigin)?;
        ensure(client.top_origin.is_none(), E::TopOrigin)?;

        let data = AuthenticatorData::parse(authenticator_data).ok_or(E::AuthenticatorData)?;
        ensure(data.rp_id_hash == Sha256::digest(self.rp_id).as_slice(), E::RpIdHash)?;
        ensure(data.user_present(), E::UserPresent)?;
        ensure(data.user_verified(), E::UserVerified)?;
        ensure(data.backup_eligible() || !data.backup_state(), E::BackupState)?;
        ensure(!data.backup_eligible(), E::BackupEligible)?;
        ensure(!data.reserved(), E::ReservedFlag)?;
        Ok(data)
    }
}

fn ensure(holds: bool, otherwise: AssertionError) -> Result<(), AssertionError> {
    if holds { Ok(()) } else { Err(otherwise) }
}
