//! The steps of W3C Web Authentication Level 3, in its numbering and (shortened) its words.

/// §7.2, "Verifying an Authentication Assertion".
pub const ASSERTION: [&str; 25] = [
    "Let options be a new CredentialRequestOptions structure configured to the Relying Party's needs.",
    "Call navigator.credentials.get() and pass options as the argument.",
    "If response is not an instance of AuthenticatorAssertionResponse, abort.",
    "Let clientExtensionResults be the result of calling credential.getClientExtensionResults().",
    "If allowCredentials is not empty, verify that credential.id identifies one of those listed.",
    "Verify that the identified user account contains the credential; if userHandle is present, that it equals the account's.",
    "Let cData, authData and sig denote the value of response's clientDataJSON, authenticatorData, and signature.",
    "Let JSONtext be the result of running UTF-8 decode on the value of cData.",
    "Let C be the result of running a JSON parser on JSONtext.",
    "Verify that the value of C.type is the string webauthn.get.",
    "Verify that the value of C.challenge equals the base64url encoding of pkOptions.challenge.",
    "Verify that the value of C.origin is an origin expected by the Relying Party.",
    "If C.crossOrigin is present and set to true, verify that the credential may be used in such an iframe.",
    "If C.topOrigin is present, verify that the Relying Party expects to be sub-framed within it.",
    "Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID expected.",
    "Verify that the UP bit of the flags in authData is set.",
    "If user verification was determined to be required, verify that the UV bit is set.",
    "If the BE bit of the flags in authData is not set, verify that the BS bit is not set.",
    "Compare currentBe and currentBs with the credential record; apply Relying Party policy.",
    "Let hash be the result of computing a hash over the cData using SHA-256.",
    "Using credentialRecord.publicKey, verify that sig is a valid signature over authData and hash.",
    "If authData.signCount or the stored one is nonzero, it must be greater than the stored one.",
    "Process the client extension outputs and the authenticator extension outputs in authData.",
    "Update credentialRecord with new state values.",
    "If all the above steps are successful, continue; otherwise, fail the ceremony.",
];

/// §7.1, "Registering a New Credential".
pub const REGISTRATION: [&str; 29] = [
    "Let options be a new CredentialCreationOptions structure configured to the Relying Party's needs.",
    "Call navigator.credentials.create() and pass options as the argument.",
    "If response is not an instance of AuthenticatorAttestationResponse, abort.",
    "Let clientExtensionResults be the result of calling credential.getClientExtensionResults().",
    "Let JSONtext be the result of running UTF-8 decode on the value of clientDataJSON.",
    "Let C be the result of running a JSON parser on JSONtext.",
    "Verify that the value of C.type is webauthn.create.",
    "Verify that the value of C.challenge equals the base64url encoding of pkOptions.challenge.",
    "Verify that the value of C.origin is an origin expected by the Relying Party.",
    "If C.crossOrigin is present and set to true, verify that the credential may be created in such an iframe.",
    "If C.topOrigin is present, verify that the Relying Party expects to be sub-framed within it.",
    "Let hash be the result of computing a hash over clientDataJSON using SHA-256.",
    "Perform CBOR decoding on the attestationObject to obtain fmt, authData and attStmt.",
    "Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID expected.",
    "Verify that the UP bit of the flags in authData is set.",
    "If the Relying Party requires user verification, verify that the UV bit is set.",
    "If the BE bit of the flags in authData is not set, verify that the BS bit is not set.",
    "If the Relying Party uses the credential's backup eligibility in its policies, evaluate the BE bit.",
    "If the Relying Party uses the credential's backup state in its policies, evaluate the BS bit.",
    "Verify that the alg parameter of the credential public key matches one of pkOptions.pubKeyCredParams.",
    "Determine the attestation statement format by matching fmt against the supported ones.",
    "Verify that attStmt is a correct attestation statement, by the format's verification procedure.",
    "Obtain a list of acceptable trust anchors for that attestation type and format.",
    "Assess the attestation trustworthiness; if none was provided, verify that None is acceptable.",
    "Verify that the credentialId is ≤ 1023 bytes.",
    "Verify that the credentialId is not yet registered for any user.",
    "Let credentialRecord be a new credential record.",
    "Process the client extension outputs and the authenticator extension outputs in authData.",
    "If all the above steps are successful, store credentialRecord in the user account; otherwise, fail.",
];

/// What a step must do with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// webauthn-rs alone, with the glue on its side, refuses it.
    Refuses,
    /// It takes it, for this reason; the pure verifier does not.
    Takes(&'static str),
}

/// Every step is tried, or it is said why it cannot be.
pub fn assert_complete(tried: impl Iterator<Item = usize>, untried: &[(usize, &str)], steps: usize) {
    let tried: std::collections::BTreeSet<usize> = tried.collect();
    for (step, why) in untried {
        assert!(!tried.contains(step), "step {step} is tried; it was said that {why}");
    }
    let all: std::collections::BTreeSet<usize> =
        tried.iter().copied().chain(untried.iter().map(|(step, _)| *step)).collect();
    assert_eq!(all, (1..=steps).collect());
}
