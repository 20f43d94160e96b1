//! Is a signature that somebody shows us a real one, over exactly what is shown beside it?
//!
//! Everything is computed again from the bytes: the subject's digest, the act and whom and what it names, the challenge,
//! the signature. The same code runs in the browser on the change page, so that a page need not be believed.
//!
//! What it cannot know without the log: that the key is the person's (its enrolment is an entry), that the key was not
//! revoked before it signed, and what the comment's commitment opens to.

use crate::act::{Act, SignedAct};
use crate::canonical;
use crate::changes::Subject;
use crate::ids::Digest;
use crate::webauthn::{Assertion, AssertionError, Expectation, PublicKey, StoredCredential, verify_assertion};
use crate::words::six_words;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A signature with everything that is needed to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureBytes {
    /// The canonical bytes of the subject, as text.
    pub subject: String,
    /// The canonical bytes of the signed act, as text.
    pub act: String,
    /// Our id of the key.
    pub key: String,
    /// base64url of the credential's id.
    pub credential_id: String,
    /// What verifies the key's signatures.
    pub public_key: PublicKey,
    /// base64url of `clientDataJSON`.
    pub client_data_json: String,
    /// base64url of `authenticatorData`.
    pub authenticator_data: String,
    /// base64url of the signature.
    pub signature: String,
}

/// What somebody says that the signature is, and where it must have been made.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Who is said to have signed.
    pub person: &'a str,
    /// Which way they are said to have decided.
    pub decision: &'a str,
    /// The six words that are shown beside it.
    pub six_words: &'a [String],
    /// The digest that it must name, where it matters that it is the one of now.
    pub subject_digest: Option<&'a str>,
    /// The log that the act must name.
    pub log_origin: &'a str,
    /// The page on which it must have been signed.
    pub origin: &'a str,
    /// The relying party for which.
    pub rp_id: &'a str,
}

/// One thing that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The subject and its digest.
    Subject,
    /// The act.
    Act,
    /// The challenge.
    Challenge,
    /// Site and page.
    Place,
    /// Touch, PIN, and a key that stays in its device.
    Touch,
    /// The signature itself.
    Signature,
}

impl Step {
    /// In the order in which they are checked.
    pub const ALL: [Self; 6] = [Self::Subject, Self::Act, Self::Challenge, Self::Place, Self::Touch, Self::Signature];

    /// What holds when the step holds.
    #[must_use]
    pub fn holds(self) -> &'static str {
        match self {
            Self::Subject => "the subject's bytes have the digest and the six words that are shown",
            Self::Act => "the act names this subject, person, decision and log",
            Self::Challenge => "what was signed is the SHA-256 of exactly this act",
            Self::Place => "it was signed on this site, in no frame",
            Self::Touch => "somebody touched the key and it checked who they are; the key cannot be copied",
            Self::Signature => "the signature is this key's",
        }
    }
}

/// What does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotProved {
    /// The step that fails. Those before it hold.
    pub step: Step,
    /// Why, as a sentence without its full stop.
    pub why: String,
}

fn not(step: Step, why: impl ToString) -> NotProved {
    NotProved { step, why: why.to_string() }
}

/// Whether the subject that is shown, field by field, is the one behind the digest and the words.
///
/// # Errors
/// With what differs.
pub fn check_subject<'a>(
    bytes: &str,
    digest: &str,
    words: &[String],
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), NotProved> {
    let found = Digest::of(bytes.as_bytes());
    if found.as_str() != digest {
        return Err(not(Step::Subject, "the subject's bytes have another digest than the page shows"));
    }
    check_words(&found, words)?;
    let subject = subject(bytes).ok_or_else(|| not(Step::Subject, "the subject's bytes are no subject"))?;
    let mut shown = fields.into_iter();
    for (name, value) in subject.fields() {
        match shown.next() {
            Some(field) if field == (name, value.as_str()) => {}
            _ => return Err(not(Step::Subject, format!("the page shows another “{name}” than is signed"))),
        }
    }
    match shown.next() {
        Some((name, _)) => Err(not(Step::Subject, format!("the page shows “{name}”, which is not signed"))),
        None => Ok(()),
    }
}

/// Whether the signature is real and over what is claimed.
///
/// # Errors
/// With the first step that does not hold.
pub fn check_signature(claim: &Claim<'_>, given: &SignatureBytes) -> Result<(), NotProved> {
    let digest = Digest::of(given.subject.as_bytes());
    check_words(&digest, claim.six_words)?;
    if claim.subject_digest.is_some_and(|now| now != digest.as_str()) {
        return Err(not(Step::Subject, "it is over another subject than the one shown above"));
    }
    let act = SignedAct::parse(given.act.as_bytes()).map_err(|error| not(Step::Act, error))?;
    for (names, expected, what) in [
        (act.act().as_str(), Act::DecideChange.as_str(), "act"),
        (act.subject_digest().as_str(), digest.as_str(), "subject"),
        (act.person().as_str(), claim.person, "person"),
        (act.decision().as_str(), claim.decision, "decision"),
        (act.log_origin(), claim.log_origin, "log"),
    ] {
        if names != expected {
            return Err(not(Step::Act, format!("the act names another {what} than the page shows")));
        }
    }
    let decode = |step, what: &str, text: &str| {
        URL_SAFE_NO_PAD.decode(text).map_err(|_| not(step, format!("the {what} is not base64url")))
    };
    let id = decode(Step::Signature, "key's id", &given.credential_id)?;
    let assertion = Assertion {
        credential_id: id.clone(),
        client_data_json: decode(Step::Challenge, "client data", &given.client_data_json)?,
        authenticator_data: decode(Step::Touch, "authenticator data", &given.authenticator_data)?,
        signature: decode(Step::Signature, "signature", &given.signature)?,
        user_handle: None,
    };
    // How far the key had counted then is not remembered; that it rises was checked when it signed.
    let credential = StoredCredential { id, public_key: given.public_key.clone(), counter: 0, backup_eligible: false };
    let expectation = Expectation {
        challenge: act.challenge(),
        origin: claim.origin,
        rp_id: claim.rp_id,
        credential: &credential,
        user_handle: &[],
    };
    verify_assertion(&expectation, &assertion).map(drop).map_err(|error| not(step_of(error), error))
}

fn check_words(digest: &Digest, shown: &[String]) -> Result<(), NotProved> {
    if shown == six_words(digest) { Ok(()) } else { Err(not(Step::Subject, "the six words are another subject's")) }
}

/// Only the one spelling counts: what is parsed and written again must be the same bytes, tag and all.
fn subject(bytes: &str) -> Option<Subject> {
    let mut value = canonical::parse(bytes.as_bytes()).ok()?;
    value.as_object_mut()?.remove("tag")?;
    let subject: Subject = serde_json::from_value(value).ok()?;
    (subject.to_bytes().ok()? == bytes.as_bytes()).then_some(subject)
}

fn step_of(error: AssertionError) -> Step {
    use AssertionError as E;
    match error {
        E::ClientData | E::Type | E::Challenge => Step::Challenge,
        E::Origin | E::CrossOrigin | E::TopOrigin | E::RpIdHash => Step::Place,
        E::AuthenticatorData
        | E::UserPresent
        | E::UserVerified
        | E::BackupState
        | E::BackupEligible
        | E::ReservedFlag
        | E::Extensions => Step::Touch,
        E::Credential | E::UserHandle | E::Signature | E::Counter => Step::Signature,
    }
}
