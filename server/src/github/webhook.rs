//! Is this delivery GitHub's, and what does it ask? Pure functions, in this order: the signature over the
//! raw bytes first, then the shape.
//!
//! The payload is a hint, not a fact: it says which run to read again. Of its callback URL only the run's
//! number is taken, and only when all the rest of it is, letter by letter, what we would have built
//! ourselves. The URL is not kept, so nobody can call it.

use super::RepoName;
use super::facts::{Account, AccountKind};
use gatehouse_domain::{GithubId, RepositoryId, RunId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use url::Url;

/// GitHub's own payloads nest about ten deep.
const MAX_DEPTH: usize = 64;
/// GitHub allows 255 characters in an environment's name.
const MAX_ENVIRONMENT: usize = 255;

/// Why a delivery is not known to be GitHub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the delivery carries no X-Hub-Signature-256")]
    Missing,
    /// The old kind of signature, which is no longer good enough.
    #[error("the delivery is signed with SHA-1, which is not accepted")]
    Sha1Only,
    /// The header is not `sha256=` and 64 hex digits.
    #[error("the delivery's signature is malformed")]
    Malformed,
    /// It is signed with another secret, or its bytes were changed.
    #[error("the delivery's signature does not match")]
    Mismatch,
}

/// Checks `X-Hub-Signature-256` over the raw body, in constant time. An empty secret matches nothing.
pub fn verify_signature(secret: &SecretString, header: Option<&str>, body: &[u8]) -> Result<(), SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let digits = match header.split_once('=') {
        Some(("sha256", digits)) => digits,
        Some(("sha1", _)) => return Err(SignatureError::Sha1Only),
        _ if header.is_empty() => return Err(SignatureError::Missing),
        _ => return Err(SignatureError::Malformed),
    };
    let mut tag = [0_u8; 32];
    hex::decode_to_slice(digits, &mut tag).map_err(|_| SignatureError::Malformed)?;
    let secret = secret.expose_secret().as_bytes();
    if secret.is_empty() {
        return Err(SignatureError::Mismatch);
    }
    let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| SignatureError::Mismatch)?;
    mac.chain_update(body).verify_slice(&tag).map_err(|_| SignatureError::Mismatch)
}

/// GitHub asks: may this run deploy to this environment?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionRequest {
    /// The repository's number.
    pub repository_id: RepositoryId,
    /// The repository's name at that moment.
    pub repository: RepoName,
    /// The environment's name in GitHub.
    pub environment: String,
    /// The run that waits.
    pub run_id: RunId,
    /// The deployment that waits, when GitHub names it.
    pub deployment_id: Option<u64>,
    /// Whose act led to the question.
    pub sender: Account,
    /// Which installation of the App is asked; compare with our own.
    pub installation_id: u64,
}

/// Why a body is not a protection request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The bytes are no UTF-8.
    #[error("the delivery is not UTF-8")]
    NotUtf8,
    /// It nests deeper than any payload of GitHub's.
    #[error("the delivery nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It is no JSON, or ends too early.
    #[error("the delivery is not JSON")]
    NotJson,
    /// A field is not there.
    #[error("the delivery has no {0}")]
    Missing(&'static str),
    /// A field is there twice, has the wrong type, or a value that it cannot have.
    #[error("the delivery's {0} cannot be read")]
    Unfit(&'static str),
    /// Another action than `requested`.
    #[error("the delivery asks for nothing that Gatehouse answers")]
    OtherAction,
    /// The callback URL is not this GitHub's, not this repository's, or not of the one known form.
    #[error("the delivery's callback address points elsewhere")]
    CallbackElsewhere,
}

/// Each field as it may come, so that what is missing can be told from what is wrong.
#[derive(Deserialize)]
struct Raw {
    action: Option<Value>,
    environment: Option<Value>,
    deployment_callback_url: Option<Value>,
    deployment: Option<Value>,
    repository: Option<Value>,
    installation: Option<Value>,
    sender: Option<Value>,
}

/// Reads the body of a `deployment_protection_rule` event. Call [`verify_signature`] first.
pub fn parse_protection_request(body: &[u8], api_url: &Url) -> Result<ProtectionRequest, ParseError> {
    let text = std::str::from_utf8(body).map_err(|_| ParseError::NotUtf8)?;
    check_depth(body)?;
    let raw: Raw = serde_json::from_str(text).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => ParseError::Unfit("top level"),
        _ => ParseError::NotJson,
    })?;

    if text_of(raw.action.as_ref(), "action")? != "requested" {
        return Err(ParseError::OtherAction);
    }
    let environment = text_of(raw.environment.as_ref(), "environment")?;
    if environment.is_empty() || environment.len() > MAX_ENVIRONMENT || environment.contains(char::is_control) {
        return Err(ParseError::Unfit("environment"));
    }
    let repository = part(raw.repository.as_ref(), "repository")?;
    let full_name = text_of(repository.get("full_name"), "repository.full_name")?;
    let name: RepoName = full_name.parse().map_err(|_| ParseError::Unfit("repository.full_name"))?;
    let installation = part(raw.installation.as_ref(), "installation")?;
    let sender = part(raw.sender.as_ref(), "sender")?;
    let deployment_id = match present(raw.deployment.as_ref()) {
        None => None,
        Some(deployment) => Some(number_of(deployment.get("id"), "deployment.id")?),
    };
    let callback = text_of(raw.deployment_callback_url.as_ref(), "deployment_callback_url")?;
    Ok(ProtectionRequest {
        repository_id: RepositoryId(number_of(repository.get("id"), "repository.id")?),
        run_id: run_id_of(callback, api_url, &name)?,
        repository: name,
        environment: environment.to_owned(),
        deployment_id,
        sender: account(sender)?,
        installation_id: number_of(installation.get("id"), "installation.id")?,
    })
}

/// Compares text, not parsed URLs: every way to write one URL in two ways (case, default ports, dots,
/// escapes, backslashes, blanks that parsers drop) is then simply another text.
fn run_id_of(callback: &str, api_url: &Url, repository: &RepoName) -> Result<RunId, ParseError> {
    let base = api_url.as_str().trim_end_matches('/');
    callback
        .strip_prefix(base)
        .and_then(|rest| rest.strip_prefix(&format!("/repos/{repository}/actions/runs/")))
        .and_then(|rest| rest.strip_suffix("/deployment_protection_rule"))
        .and_then(|digits| digits.parse::<RunId>().ok())
        .filter(|run| run.0 > 0 && i64::try_from(run.0).is_ok())
        .ok_or(ParseError::CallbackElsewhere)
}

fn account(sender: &Value) -> Result<Account, ParseError> {
    let login = text_of(sender.get("login"), "sender.login")?;
    if login.is_empty() || login.len() > 100 || !login.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ParseError::Unfit("sender.login"));
    }
    let kind = present(sender.get("type")).and_then(Value::as_str);
    Ok(Account {
        id: GithubId(number_of(sender.get("id"), "sender.id")?),
        login: login.to_owned(),
        kind: kind.map_or(AccountKind::Other, AccountKind::of),
    })
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| !v.is_null())
}

fn part<'a>(value: Option<&'a Value>, field: &'static str) -> Result<&'a Value, ParseError> {
    let value = present(value).ok_or(ParseError::Missing(field))?;
    if value.is_object() { Ok(value) } else { Err(ParseError::Unfit(field)) }
}

fn text_of<'a>(value: Option<&'a Value>, field: &'static str) -> Result<&'a str, ParseError> {
    present(value).ok_or(ParseError::Missing(field))?.as_str().ok_or(ParseError::Unfit(field))
}

fn number_of(value: Option<&Value>, field: &'static str) -> Result<u64, ParseError> {
    let number = present(value).ok_or(ParseError::Missing(field))?.as_u64();
    number.filter(|n| (1..=i64::MAX.unsigned_abs()).contains(n)).ok_or(ParseError::Unfit(field))
}

/// serde_json counts levels too (128), but not in the parts it skips.
pub(super) fn check_depth(body: &[u8]) -> Result<(), ParseError> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(ParseError::TooDeep);
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
