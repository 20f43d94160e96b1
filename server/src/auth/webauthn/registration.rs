//! Enrolment: a key is made for us, and we remember its public half. As with signatures, two verifiers
//! must believe it, and read the same key out of it.

use super::{Authenticators, CeremonyError, Started, inner_options, user_handle};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::webauthn::{
    AssertionError, PublicKey, RegistrationError, RegistrationExpectation, StoredCredential, verify_registration,
};
use gatehouse_domain::{PersonId, Reason};
use serde_cbor_2::Value as Cbor;
use serde_json::Value;
use std::collections::BTreeMap;
use webauthn_rs::prelude::{COSEAlgorithm, COSEKeyType, Credential, RegisterPublicKeyCredential, WebauthnError};
use webauthn_rs_core::proto::{AttestationConveyancePreference, RegistrationState, UserVerificationPolicy};

/// A registration without attestation is under 2 kB; a TPM's with its certificates under 8.
const MAX_JSON: usize = 16 * 1024;

/// Why a key was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationRefused {
    /// Too large, not JSON, not CBOR, or not of a registration.
    #[error("the browser's answer is malformed")]
    Malformed,
    /// The pure verifier refused, at this step.
    #[error("{0}")]
    Step(RegistrationError),
    /// webauthn-rs alone refused it.
    #[error("webauthn-rs refused the registration")]
    Library(#[source] WebauthnError),
    /// The verifiers read two keys out of one answer.
    #[error("the verifiers read different keys")]
    Disagreement,
}

impl RegistrationRefused {
    /// For the person who tried.
    #[must_use]
    pub fn reason(&self) -> Reason {
        use AssertionError as E;
        match self {
            Self::Step(RegistrationError::Step(E::BackupEligible | E::BackupState)) => Reason::KeyNotDeviceBound,
            Self::Step(RegistrationError::Step(E::UserVerified)) => Reason::UserNotVerified,
            // The library's word for a key of the list not to be made again: the algorithm is ours to have checked.
            Self::Library(WebauthnError::CredentialAlteredAlgFromRequest) => Reason::KeyAlreadyEnrolled,
            _ => Reason::SignatureInvalid,
        }
    }
}

impl Authenticators {
    /// Asks for a new key of `person`, none of the `existing` ones.
    ///
    /// # Errors
    /// When the library cannot begin.
    pub fn start_registration(
        &self,
        person: &PersonId,
        display_name: &str,
        existing: &[StoredCredential],
    ) -> Result<Started, CeremonyError> {
        let builder = self
            .core
            .new_challenge_register_builder(&user_handle(person), person.as_str(), display_name)?
            .attestation(AttestationConveyancePreference::None)
            .user_verification_policy(UserVerificationPolicy::Required)
            .credential_algorithms(vec![COSEAlgorithm::ES256])
            .reject_synchronised_authenticators(true)
            .exclude_credentials(Some(existing.iter().map(|key| key.id.clone()).collect()));
        let (options, state) = self.core.generate_challenge_register(builder)?;
        Ok(Started { options: inner_options(&options)?, state: serde_json::to_value(&state)? })
    }

    /// Checks the answer to [`Authenticators::start_registration`].
    ///
    /// That nobody else has this key already is the database's unique constraint to say.
    ///
    /// # Errors
    /// When either verifier refuses it.
    pub fn finish_registration(&self, state: &Value, response: &[u8]) -> Result<StoredCredential, RegistrationRefused> {
        let answer = parse(response)?;
        let ours = self.we_register(state, &answer)?;
        let library = self.library_registers(state, &answer)?;
        let ours = ours.map_err(RegistrationRefused::Step)?;
        let library = library.map_err(RegistrationRefused::Library)?;
        if is_the_same(&ours, &library) { Ok(ours) } else { Err(RegistrationRefused::Disagreement) }
    }

    /// The pure verifier's word.
    pub(super) fn we_register(
        &self,
        state: &Value,
        answer: &RegisterPublicKeyCredential,
    ) -> Result<Result<StoredCredential, RegistrationError>, RegistrationRefused> {
        let challenge =
            state.get("challenge").and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let expect = RegistrationExpectation {
            challenge: &challenge.ok_or(RegistrationRefused::Malformed)?,
            origin: &self.origin,
            rp_id: &self.rp_id,
            credential_id: &answer.raw_id,
        };
        let authenticator_data = authenticator_data(&answer.response.attestation_object)?;
        let registered = match verify_registration(&expect, &answer.response.client_data_json, &authenticator_data) {
            Ok(registered) => registered,
            Err(step) => return Ok(Err(step)),
        };
        // Nobody reads the outputs, but what is announced as a map of them has to be one, and nothing after it.
        let is_map = |bytes| serde_cbor_2::from_slice::<BTreeMap<String, Cbor>>(bytes).is_ok();
        let extensions = registered.extensions.is_none_or(is_map);
        Ok(if extensions { Ok(registered.credential) } else { Err(RegistrationError::AttestedData) })
    }

    /// The library's word.
    pub(super) fn library_registers(
        &self,
        state: &Value,
        answer: &RegisterPublicKeyCredential,
    ) -> Result<Result<Credential, WebauthnError>, RegistrationRefused> {
        let state: RegistrationState =
            serde_json::from_value(state.clone()).map_err(|_| RegistrationRefused::Malformed)?;
        Ok(self.core.register_credential(answer, &state, None).and_then(|credential| {
            // It was told to refuse these; a setting lost in its state must not open the door.
            if credential.backup_eligible || credential.backup_state {
                return Err(WebauthnError::CredentialMayNotBeHardwareBound);
            }
            if credential.user_verified { Ok(credential) } else { Err(WebauthnError::UserNotVerified) }
        }))
    }
}

/// What the browser sent, decoded but not believed.
pub(super) fn parse(response: &[u8]) -> Result<RegisterPublicKeyCredential, RegistrationRefused> {
    if response.len() > MAX_JSON {
        return Err(RegistrationRefused::Malformed);
    }
    let mut json: Value = serde_json::from_slice(response).map_err(|_| RegistrationRefused::Malformed)?;
    // Unsigned hints; a transport that the library has not heard of would fail the whole answer.
    if let Some(inner) = json.get_mut("response").and_then(Value::as_object_mut) {
        inner.remove("transports");
    }
    let answer: RegisterPublicKeyCredential =
        serde_json::from_value(json).map_err(|_| RegistrationRefused::Malformed)?;
    if answer.type_ != "public-key" || answer.id != URL_SAFE_NO_PAD.encode(&answer.raw_id) {
        return Err(RegistrationRefused::Malformed);
    }
    Ok(answer)
}

/// The bytes named `authData` in an attestation object.
fn authenticator_data(attestation_object: &[u8]) -> Result<Vec<u8>, RegistrationRefused> {
    let mut object: BTreeMap<String, Cbor> =
        serde_cbor_2::from_slice(attestation_object).map_err(|_| RegistrationRefused::Malformed)?;
    match object.remove("authData") {
        Some(Cbor::Bytes(bytes)) => Ok(bytes),
        _ => Err(RegistrationRefused::Malformed),
    }
}

/// Whether the library read the same key.
pub(super) fn is_the_same(ours: &StoredCredential, library: &Credential) -> bool {
    let (COSEKeyType::EC_EC2(theirs), PublicKey::Es256 { x, y }) = (&library.cred.key, &ours.public_key) else {
        return false;
    };
    library.cred.type_ == COSEAlgorithm::ES256
        && (theirs.x.as_slice(), theirs.y.as_slice()) == (x, y)
        && (&library.cred_id, library.counter) == (&ours.id, ours.counter)
}
