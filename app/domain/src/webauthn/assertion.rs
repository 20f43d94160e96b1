//! An assertion as the browser hands it over: the JSON of `PublicKeyCredential.toJSON()`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Larger than any real assertion (about 1 kB); read before parsing, so nobody makes us parse more.
const MAX_JSON: usize = 16 * 1024;
/// The standard's own limit (§4, credential ID).
const MAX_CREDENTIAL_ID: usize = 1023;
/// A browser writes about 150 bytes; origins are at most 253 characters of host.
const MAX_CLIENT_DATA: usize = 4 * 1024;
/// 37 bytes without extensions, which we never ask for; room so that the refusal can say why.
const MAX_AUTHENTICATOR_DATA: usize = 1024;
/// 72 bytes in DER, 64 for Ed25519.
const MAX_SIGNATURE: usize = 128;
/// The standard's own limit (§4, user handle).
const MAX_USER_HANDLE: usize = 64;

/// An assertion, decoded but not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Which key says it signed.
    pub credential_id: Vec<u8>,
    /// What the browser says about the ceremony, as the exact bytes that were hashed.
    pub client_data_json: Vec<u8>,
    /// What the authenticator says about the ceremony.
    pub authenticator_data: Vec<u8>,
    /// Over `authenticator_data ‖ SHA-256(client_data_json)`.
    pub signature: Vec<u8>,
    /// Whom the authenticator thinks it signed for, if it says.
    pub user_handle: Option<Vec<u8>>,
}

/// The JSON is not one of an assertion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedAssertion {
    /// A member, or the whole, is larger than any authenticator makes it.
    #[error("{0} is too large")]
    TooLarge(&'static str),
    /// Not JSON, or a member is missing, doubled or of another type.
    #[error("not the JSON of a public-key credential")]
    Json,
    /// A member is not base64url without padding.
    #[error("{0} is not base64url")]
    Base64(&'static str),
    /// `type` is not `public-key`, or `id` and `rawId` differ.
    #[error("{0}")]
    Contradiction(&'static str),
}

/// Other members (attachment, transports, client extension outputs) are unsigned hints that nobody here reads.
#[derive(Deserialize)]
struct Outer<'a> {
    id: &'a str,
    #[serde(rename = "rawId")]
    raw_id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(rename = "clientDataJSON")]
    client_data_json: &'a str,
    #[serde(rename = "authenticatorData")]
    authenticator_data: &'a str,
    signature: &'a str,
    #[serde(rename = "userHandle", default)]
    user_handle: Option<&'a str>,
}

impl Assertion {
    /// Decodes what the browser sent.
    ///
    /// # Errors
    /// When it is too large, not JSON of the expected members, not base64url, or says two things at once.
    pub fn from_json(json: &[u8]) -> Result<Self, MalformedAssertion> {
        if json.len() > MAX_JSON {
            return Err(MalformedAssertion::TooLarge("the credential"));
        }
        let outer: Outer<'_> = serde_json::from_slice(json).map_err(|_| MalformedAssertion::Json)?;
        if outer.kind != "public-key" {
            return Err(MalformedAssertion::Contradiction("type is not public-key"));
        }
        if outer.id != outer.raw_id {
            return Err(MalformedAssertion::Contradiction("id and rawId differ"));
        }
        let response = outer.response;
        Ok(Self {
            credential_id: decode("rawId", outer.raw_id, MAX_CREDENTIAL_ID)?,
            client_data_json: decode("clientDataJSON", response.client_data_json, MAX_CLIENT_DATA)?,
            authenticator_data: decode("authenticatorData", response.authenticator_data, MAX_AUTHENTICATOR_DATA)?,
            signature: decode("signature", response.signature, MAX_SIGNATURE)?,
            user_handle: response
                .user_handle
                .map(|handle| decode("userHandle", handle, MAX_USER_HANDLE))
                .transpose()?,
        })
    }
}

fn decode(what: &'static str, text: &str, max: usize) -> Result<Vec<u8>, MalformedAssertion> {
    if text.len() > max.div_ceil(3) * 4 {
        return Err(MalformedAssertion::TooLarge(what));
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedAssertion::Base64(what))?;
    if bytes.len() > max { Err(MalformedAssertion::TooLarge(what)) } else { Ok(bytes) }
}
