//! The steps of §7.1 ("Registering a New Credential") for a key that comes without attestation.

use super::credential::{PublicKey, StoredCredential};
use super::verify::{AssertionError, Here};

/// The standard's own limit (step 25).
const LONGEST_ID: usize = 1023;
/// Below this, ids could be guessed or collide (§4 asks for 16 bytes at least).
const SHORTEST_ID: usize = 16;
/// What stands around the coordinates of an ES256 key: `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` in CTAP2's
/// canonical CBOR, which §6.5.1 demands. One key, one spelling: anything else is another kind of key.
const BEFORE_X: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const BEFORE_Y: &[u8] = &[0x22, 0x58, 0x20];

/// What the key must have been made for, and where.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationExpectation<'a> {
    /// The bytes that were sent.
    pub challenge: &'a [u8],
    /// The page's origin as browsers write it.
    pub origin: &'a str,
    /// The relying party's id.
    pub rp_id: &'a str,
    /// The id that the browser gives the new key.
    pub credential_id: &'a [u8],
}

/// A new key, and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered<'a> {
    /// To be stored.
    pub credential: StoredCredential,
    /// The authenticator's model. Without attestation anybody may claim any.
    pub aaguid: [u8; 16],
    /// CBOR of extension outputs; browsers add such unasked, so they are left alone.
    pub extensions: Option<&'a [u8]>,
}

/// The step of §7.1 that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Steps 5 to 19, which are those of an assertion.
    #[error("{0}")]
    Step(#[from] AssertionError),
    /// Step 13: no attested credential data, not all of it, or bytes after it that nothing announces.
    #[error("the authenticator data does not describe one new key")]
    AttestedData,
    /// Step 20: not ES256, not in its one spelling, or no point of the curve.
    #[error("the key is of another kind than asked for")]
    Algorithm,
    /// Step 25: not of 16 to 1,023 bytes, or not the id that the browser gives.
    #[error("the key's id is too short, too long, or said in two ways")]
    CredentialId,
}

/// Verifies a registration. That nobody else has this key is the database's to say (step 26).
///
/// # Errors
/// With the first step that fails.
pub fn verify_registration<'a>(
    expect: &RegistrationExpectation<'_>,
    client_data_json: &[u8],
    authenticator_data: &'a [u8],
) -> Result<Registered<'a>, RegistrationError> {
    use RegistrationError as E;
    let RegistrationExpectation { challenge, origin, rp_id, .. } = *expect;
    let here = Here { kind: "webauthn.create", challenge, origin, rp_id };
    let data = here.check(client_data_json, authenticator_data)?;
    let attested = if data.attested() { Attested::parse(data.rest) } else { None }.ok_or(E::AttestedData)?;
    let (public_key, tail) = es256(attested.key).ok_or(E::Algorithm)?;
    let extensions = match (data.extended(), tail) {
        (false, []) => None,
        (true, [_, ..]) => Some(tail),
        _ => return Err(E::AttestedData),
    };
    let id = attested.id;
    if !(SHORTEST_ID..=LONGEST_ID).contains(&id.len()) || id != expect.credential_id {
        return Err(E::CredentialId);
    }
    let credential = StoredCredential { id: id.to_vec(), public_key, counter: data.counter, backup_eligible: false };
    Ok(Registered { credential, aaguid: attested.aaguid, extensions })
}

/// §6.5.1: 16 bytes of model, two of length, the id, the key; what follows the key comes along.
struct Attested<'a> {
    aaguid: [u8; 16],
    id: &'a [u8],
    key: &'a [u8],
}

impl<'a> Attested<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (aaguid, tail) = bytes.split_first_chunk()?;
        let (length, tail) = tail.split_first_chunk()?;
        let (id, key) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        Some(Self { aaguid: *aaguid, id, key })
    }
}

/// The key, and what follows it.
fn es256(bytes: &[u8]) -> Option<(PublicKey, &[u8])> {
    let (x, tail) = bytes.strip_prefix(BEFORE_X)?.split_first_chunk()?;
    let (y, tail) = tail.strip_prefix(BEFORE_Y)?.split_first_chunk()?;
    let key = PublicKey::Es256 { x: *x, y: *y };
    key.is_point().then_some((key, tail))
}

#[cfg(test)]
mod tests;
