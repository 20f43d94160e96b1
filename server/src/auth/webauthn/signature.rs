//! Signatures: one touch over one challenge, believed only when two verifiers believe it.

use super::{Authenticators, CeremonyError, Started, inner_options, library_credential, user_handle};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::webauthn::{
    Assertion, AssertionError, Expectation, MalformedAssertion, StoredCredential, Verified, verify_assertion,
};
use gatehouse_domain::{PersonId, Reason};
use serde_json::{Value, json};
use webauthn_rs::prelude::{AuthenticationState, PublicKeyCredential, WebauthnError};
use webauthn_rs_core::proto::{CollectedClientData, UserVerificationPolicy};

/// Why a signature does not count.
#[derive(Debug, thiserror::Error)]
pub enum SignatureRefused {
    /// Not an assertion's JSON.
    #[error(transparent)]
    Malformed(#[from] MalformedAssertion),
    /// The stored ceremony does not read back.
    #[error("the ceremony's state does not read back")]
    Ceremony(#[source] CeremonyError),
    /// The pure verifier refused, at this step.
    #[error("{0}")]
    Step(AssertionError),
    /// The verifiers disagree: one of them has a hole. Refused, and somebody should look today.
    #[error("the verifiers disagree: ours says {ours:?}, webauthn-rs says {library:?}")]
    Disagreement {
        /// The pure verifier's word.
        ours: Result<Verified, AssertionError>,
        /// The library's word.
        library: Result<(), WebauthnError>,
    },
}

impl SignatureRefused {
    /// For the person who tried.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Step(AssertionError::UserVerified) => Reason::UserNotVerified,
            Self::Step(AssertionError::Credential) => Reason::KeyNotActive,
            Self::Step(AssertionError::BackupEligible) => Reason::KeyNotDeviceBound,
            _ => Reason::SignatureInvalid,
        }
    }
}

/// Where the pure verifier is stricter by design, so that the library's yes is no disagreement: it
/// compares origins as parsed URLs, and skips reserved flags.
const fn is_stricter_by_design(error: AssertionError) -> bool {
    matches!(error, AssertionError::Origin | AssertionError::ReservedFlag)
}

impl Authenticators {
    /// Asks for a signature over `challenge` by one of `keys`.
    ///
    /// # Errors
    /// When the library cannot begin, or did not take the challenge in both places.
    pub fn start_signature(&self, keys: &[StoredCredential], challenge: [u8; 32]) -> Result<Started, CeremonyError> {
        let credentials = keys.iter().map(library_credential).collect::<Result<Vec<_>, _>>()?;
        let builder =
            self.core.new_challenge_authenticate_builder(credentials, Some(UserVerificationPolicy::Required))?;
        let (mut options, state) = self.core.generate_challenge_authenticate(builder)?;

        options.public_key.challenge = challenge.to_vec();
        let mut state = serde_json::to_value(&state)?;
        let ours = json!(URL_SAFE_NO_PAD.encode(challenge));
        match state.get_mut("challenge") {
            Some(place) if place.is_string() => *place = ours.clone(),
            _ => return Err(CeremonyError::Challenge),
        }
        // Read back through the library's own type: what it will compare with is ours, or nothing begins.
        let reread: AuthenticationState = serde_json::from_value(state)?;
        let state = serde_json::to_value(&reread)?;
        let options = inner_options(&options)?;
        if state.get("challenge") != Some(&ours) || options.get("challenge") != Some(&ours) {
            return Err(CeremonyError::Challenge);
        }
        Ok(Started { options, state })
    }

    /// Checks the answer to [`Authenticators::start_signature`] against the key that it names, as that
    /// key is stored *now* (the counter may have risen since the ceremony began).
    ///
    /// # Errors
    /// When either verifier refuses it.
    pub fn finish_signature(
        &self,
        person: &PersonId,
        key: &StoredCredential,
        challenge: [u8; 32],
        state: &Value,
        assertion_json: &[u8],
    ) -> Result<Verified, SignatureRefused> {
        let assertion = Assertion::from_json(assertion_json)?;
        let expect = Expectation {
            challenge,
            origin: &self.origin,
            rp_id: &self.rp_id,
            credential: key,
            user_handle: &user_handle(person),
        };
        let ours = verify_assertion(&expect, &assertion);
        let library = self.library_verifies(person, key, state, assertion_json).map_err(SignatureRefused::Ceremony)?;
        match (ours, library) {
            (Ok(verified), Ok(counter)) if verified.counter == counter => Ok(verified),
            (Err(step), Err(_)) => Err(SignatureRefused::Step(step)),
            (Err(step), Ok(_)) if is_stricter_by_design(step) => Err(SignatureRefused::Step(step)),
            (ours, library) => {
                let refused = SignatureRefused::Disagreement { ours, library: library.map(|_| ()) };
                tracing::error!(target: "people", %person, error = %refused, "the two WebAuthn verifiers disagree");
                Err(refused)
            }
        }
    }

    /// The library's word, and that of the checks which it leaves to its caller: the counter, or a refusal.
    pub(super) fn library_verifies(
        &self,
        person: &PersonId,
        key: &StoredCredential,
        state: &Value,
        assertion_json: &[u8],
    ) -> Result<Result<u32, WebauthnError>, CeremonyError> {
        let mut state: AuthenticationState = serde_json::from_value(state.clone())?;
        state.set_allowed_credentials(vec![library_credential(key)?]);
        let Ok(credential) = serde_json::from_slice::<PublicKeyCredential>(assertion_json) else {
            return Ok(Err(WebauthnError::AuthenticationFailure));
        };
        let verified = self.core.authenticate_credential(&credential, &state);
        Ok(verified.and_then(|result| left_to_the_caller(person, &credential).map(|()| result.counter())))
    }
}

/// Steps 3, 6, 13, 14 and 23 of §7.2, which webauthn-rs does not take for an assertion. Read with its own
/// types, so that this side stands without ours.
fn left_to_the_caller(person: &PersonId, credential: &PublicKeyCredential) -> Result<(), WebauthnError> {
    let response = &credential.response;
    if credential.type_ != "public-key" || credential.id != URL_SAFE_NO_PAD.encode(&credential.raw_id) {
        return Err(WebauthnError::AuthenticationFailure);
    }
    if response.user_handle.as_ref().is_some_and(|handle| *handle != user_handle(person)) {
        return Err(WebauthnError::InvalidUserUniqueId);
    }
    let client: CollectedClientData =
        serde_json::from_slice(&response.client_data_json).map_err(WebauthnError::ParseJSONFailure)?;
    if client.cross_origin == Some(true) || client.unknown_keys.get("topOrigin").is_some_and(|top| !top.is_null()) {
        return Err(WebauthnError::CredentialCrossOrigin);
    }
    // Nothing but the fixed part: no new key, and no extension outputs, which were not asked for.
    if response.authenticator_data.len() != 37 {
        return Err(WebauthnError::InvalidExtensions);
    }
    Ok(())
}
