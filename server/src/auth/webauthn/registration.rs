//! Enrolment: a key is made for us, and we remember its public half.

use super::{Authenticators, CeremonyError, Started, inner_options, user_handle};
use gatehouse_domain::webauthn::{PublicKey, StoredCredential};
use gatehouse_domain::{PersonId, Reason};
use serde::Deserialize;
use serde_json::Value;
use webauthn_rs::prelude::{
    COSEAlgorithm, COSEKeyType, Credential, ECDSACurve, RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs_core::proto::{AttestationConveyancePreference, RegistrationState, UserVerificationPolicy};

/// A registration without attestation is under 2 kB; a TPM's with its certificates under 8.
const MAX_JSON: usize = 16 * 1024;
/// Below this, ids could be guessed or collide (the standard asks for 16 bytes at least).
const MIN_CREDENTIAL_ID: usize = 16;

/// Why a key was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationRefused {
    /// Too large, not JSON, or not of a registration.
    #[error("the browser's answer is malformed")]
    Malformed,
    /// Another origin than ours, compared as an exact string, or inside a frame.
    #[error("the key was made on another page")]
    Origin,
    /// An id shorter than the standard allows.
    #[error("the key's id is too short")]
    ShortId,
    /// No P-256 key.
    #[error("the key is of another kind than asked for")]
    Algorithm,
    /// webauthn-rs refused it.
    #[error("webauthn-rs refused the registration")]
    Library(#[source] WebauthnError),
}

impl RegistrationRefused {
    /// For the person who tried.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Library(WebauthnError::CredentialMayNotBeHardwareBound) => Reason::KeyNotDeviceBound,
            Self::Library(WebauthnError::UserNotVerified) => Reason::UserNotVerified,
            _ => Reason::SignatureInvalid,
        }
    }
}

/// What is compared more strictly here than by the library, which parses the origin as a URL.
#[derive(Deserialize)]
struct ClientData {
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
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
    /// With what is wrong with it.
    pub fn finish_registration(&self, state: &Value, response: &[u8]) -> Result<StoredCredential, RegistrationRefused> {
        if response.len() > MAX_JSON {
            return Err(RegistrationRefused::Malformed);
        }
        let mut json: Value = serde_json::from_slice(response).map_err(|_| RegistrationRefused::Malformed)?;
        // Unsigned hints; a transport that the library has not heard of would fail the whole answer.
        if let Some(inner) = json.get_mut("response").and_then(Value::as_object_mut) {
            inner.remove("transports");
        }
        let response: RegisterPublicKeyCredential =
            serde_json::from_value(json).map_err(|_| RegistrationRefused::Malformed)?;
        let client: ClientData =
            serde_json::from_slice(&response.response.client_data_json).map_err(|_| RegistrationRefused::Malformed)?;
        if client.origin != self.origin || client.cross_origin == Some(true) || client.top_origin.is_some() {
            return Err(RegistrationRefused::Origin);
        }
        let state: RegistrationState =
            serde_json::from_value(state.clone()).map_err(|_| RegistrationRefused::Malformed)?;
        let credential =
            self.core.register_credential(&response, &state, None).map_err(RegistrationRefused::Library)?;
        stored(&credential)
    }
}

fn stored(credential: &Credential) -> Result<StoredCredential, RegistrationRefused> {
    // The library was told to refuse these; a setting lost in its state must not open the door.
    if credential.backup_eligible || credential.backup_state {
        return Err(RegistrationRefused::Library(WebauthnError::CredentialMayNotBeHardwareBound));
    }
    if !credential.user_verified {
        return Err(RegistrationRefused::Library(WebauthnError::UserNotVerified));
    }
    if credential.cred_id.len() < MIN_CREDENTIAL_ID {
        return Err(RegistrationRefused::ShortId);
    }
    let COSEKeyType::EC_EC2(key) = &credential.cred.key else {
        return Err(RegistrationRefused::Algorithm);
    };
    let is_p256 = credential.cred.type_ == COSEAlgorithm::ES256 && key.curve == ECDSACurve::SECP256R1;
    match (<[u8; 32]>::try_from(key.x.as_slice()), <[u8; 32]>::try_from(key.y.as_slice())) {
        (Ok(x), Ok(y)) if is_p256 => Ok(StoredCredential {
            id: credential.cred_id.clone(),
            public_key: PublicKey::Es256 { x, y },
            counter: credential.counter,
            backup_eligible: false,
        }),
        _ => Err(RegistrationRefused::Algorithm),
    }
}
