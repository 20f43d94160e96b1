//! A security key in software, for tests: honest by default, and bent at any point by an attacker.
//!
//! It answers the same options JSON that a browser gets and gives the same JSON that
//! `PublicKeyCredential.toJSON()` gives, so a test drives the real ceremony.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU32, Ordering};

/// User present.
pub const UP: u8 = 1;
/// User verified.
pub const UV: u8 = 1 << 2;
/// Backup eligible: may leave its device.
pub const BE: u8 = 1 << 3;
/// Backup state: has left its device.
pub const BS: u8 = 1 << 4;
/// Attested credential data follows.
pub const AT: u8 = 1 << 6;
/// Extension data follows.
pub const ED: u8 = 1 << 7;

/// What one touch will say; an attack changes it before it is signed.
#[derive(Debug, Clone)]
pub struct Touch {
    /// `clientDataJSON` before it is serialised.
    pub client: Value,
    /// Instead of it, any bytes.
    pub client_bytes: Option<Vec<u8>>,
    /// Authenticator flags.
    pub flags: u8,
    /// Signature counter.
    pub counter: u32,
    /// Whose hash stands first in the authenticator data.
    pub rp_id: String,
    /// The id that the answer claims.
    pub credential_id: Vec<u8>,
    /// The handle that the answer claims.
    pub user_handle: Option<Vec<u8>>,
    /// XORed into the signature's last byte.
    pub tamper: u8,
    /// After all else that the authenticator says.
    pub rest: Vec<u8>,
    /// How many bytes of what the authenticator says are left out at its end.
    pub cut: usize,
    /// Which model made the new key.
    pub aaguid: [u8; 16],
    /// The new key as CBOR.
    pub cose: Vec<u8>,
    /// How the new key is attested.
    pub fmt: String,
}

/// One software key.
#[derive(Debug)]
pub struct SoftKey {
    key: SigningKey,
    /// The credential id.
    pub id: Vec<u8>,
    counter: AtomicU32,
}

impl SoftKey {
    /// The key of a seed, such as `asha`: the same seed is the same key.
    #[must_use]
    pub fn new(seed: &str) -> Self {
        let secret = Sha256::digest(format!("soft key {seed}"));
        Self {
            key: SigningKey::from_slice(&secret).expect("a hash is a P-256 scalar but with odds of 2^-32"),
            id: Sha256::digest(format!("soft key id {seed}")).to_vec(),
            counter: AtomicU32::new(0),
        }
    }

    /// Answers creation options as an honest key on the page at `origin`.
    #[must_use]
    pub fn register(&self, options: &Value, origin: &str) -> Value {
        self.register_with(options, origin, |_| {})
    }

    /// Answers creation options, bent by `attack`.
    #[must_use]
    pub fn register_with(&self, options: &Value, origin: &str, attack: impl FnOnce(&mut Touch)) -> Value {
        let options = unwrapped(options);
        let mut touch = self.touch("webauthn.create", options, options["rp"]["id"].as_str(), origin);
        touch.flags |= AT;
        attack(&mut touch);
        let object = attestation_object(&touch.fmt, &touch.new_key());
        json!({
            "id": B64.encode(&touch.credential_id), "rawId": B64.encode(&touch.credential_id), "type": "public-key",
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(touch.client()),
                "attestationObject": B64.encode(object),
                "transports": ["usb", "something-new"],
            },
        })
    }

    /// Answers request options as an honest key on the page at `origin`.
    #[must_use]
    pub fn sign(&self, options: &Value, origin: &str) -> Value {
        self.sign_with(options, origin, |_| {})
    }

    /// Answers request options, bent by `attack`.
    #[must_use]
    pub fn sign_with(&self, options: &Value, origin: &str, attack: impl FnOnce(&mut Touch)) -> Value {
        let options = unwrapped(options);
        let mut touch = self.touch("webauthn.get", options, options["rpId"].as_str(), origin);
        attack(&mut touch);
        let client = touch.client();
        let auth_data = touch.assertion();
        let signature: Signature = self.key.sign(&[&auth_data[..], &Sha256::digest(&client)].concat());
        let mut signature = signature.to_der().as_bytes().to_vec();
        if let Some(last) = signature.last_mut() {
            *last ^= touch.tamper;
        }
        json!({
            "id": B64.encode(&touch.credential_id), "rawId": B64.encode(&touch.credential_id), "type": "public-key",
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(client),
                "authenticatorData": B64.encode(auth_data),
                "signature": B64.encode(signature),
                "userHandle": touch.user_handle.map(|handle| B64.encode(handle)),
            },
        })
    }

    fn touch(&self, kind: &str, options: &Value, rp_id: Option<&str>, origin: &str) -> Touch {
        Touch {
            client: json!({"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": false}),
            flags: UP | UV,
            counter: self.counter.fetch_add(1, Ordering::Relaxed) + 1,
            rp_id: rp_id.expect("options name the relying party").to_owned(),
            credential_id: self.id.clone(),
            user_handle: None,
            tamper: 0,
            client_bytes: None,
            rest: Vec::new(),
            cut: 0,
            aaguid: [0; 16],
            cose: self.cose(),
            fmt: "none".to_owned(),
        }
    }

    /// `COSE_Key {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}`
    fn cose(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat()
    }
}

/// Options come with and without `publicKey` around them.
fn unwrapped(options: &Value) -> &Value {
    options.get("publicKey").unwrap_or(options)
}

/// `{"fmt": fmt, "attStmt": {}, "authData": h'…'}`
#[must_use]
pub fn attestation_object(fmt: &str, auth_data: &[u8]) -> Vec<u8> {
    let short = 0x60 + u8::try_from(fmt.len()).expect("a short format");
    let length = u16::try_from(auth_data.len()).expect("short").to_be_bytes();
    [b"\xa3\x63fmt", &[short][..], fmt.as_bytes(), b"\x67attStmt\xa0\x68authData\x59", &length, auth_data].concat()
}

impl Touch {
    fn client(&self) -> Vec<u8> {
        self.client_bytes.clone().unwrap_or_else(|| self.client.to_string().into_bytes())
    }

    fn assertion(&self) -> Vec<u8> {
        self.authenticator_data(&[])
    }

    fn new_key(&self) -> Vec<u8> {
        let id_len = u16::try_from(self.credential_id.len()).expect("a short id").to_be_bytes();
        self.authenticator_data(&[&self.aaguid[..], &id_len, &self.credential_id, &self.cose].concat())
    }

    fn authenticator_data(&self, attested: &[u8]) -> Vec<u8> {
        let fixed = [&Sha256::digest(&self.rp_id)[..], &[self.flags], &self.counter.to_be_bytes()].concat();
        let mut all = [&fixed[..], attested, &self.rest].concat();
        all.truncate(all.len().saturating_sub(self.cut));
        all
    }
}
