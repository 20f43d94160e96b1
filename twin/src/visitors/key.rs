//! A security key in software: it answers the options that a browser gets with what a browser would send back.

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::value::at;

/// The user is present, and verified.
const TOUCHED: u8 = 0b0101;
/// A new key follows.
const ATTESTED: u8 = 0b0100_0000;

pub(super) struct Key {
    secret: SigningKey,
    id: Vec<u8>,
    uses: u32,
}

impl Key {
    pub(super) fn new(seed: &str) -> anyhow::Result<Self> {
        let secret = SigningKey::from_slice(&Sha256::digest(format!("visitor's key {seed}")))?;
        Ok(Self { secret, id: Sha256::digest(format!("visitor's key id {seed}")).to_vec(), uses: 0 })
    }

    fn client(kind: &str, options: &Value, origin: &str) -> String {
        json!({ "type": kind, "challenge": at(options, "challenge"), "origin": origin, "crossOrigin": false })
            .to_string()
    }

    fn said(&mut self, relying_party: &Value, flags: u8) -> anyhow::Result<Vec<u8>> {
        self.uses += 1;
        let name = relying_party.as_str().context("the options name the relying party")?;
        Ok([&Sha256::digest(name)[..], &[flags], &self.uses.to_be_bytes()].concat())
    }

    fn credential(&self, response: Value) -> Value {
        let id = B64.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {}, "response": response,
        })
    }

    /// Answers creation options, without attestation.
    pub(super) fn register(&mut self, options: &Value, origin: &str) -> anyhow::Result<Value> {
        let options = options.get("publicKey").unwrap_or(options);
        let client = Self::client("webauthn.create", options, origin);
        let mut said = self.said(at(at(options, "rp"), "id"), TOUCHED | ATTESTED)?;
        let point = self.secret.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes().get(1..65).context("a point of P-256")?.split_at(32);
        // CTAP2's one spelling of an ES256 key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let cose = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat();
        let length = u16::try_from(self.id.len())?.to_be_bytes();
        said.extend([&[0; 16][..], &length, &self.id, &cose].concat());
        let length = u16::try_from(said.len())?.to_be_bytes();
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59", &length[..], &said].concat();
        Ok(self.credential(json!({
            "clientDataJSON": B64.encode(client), "attestationObject": B64.encode(object), "transports": ["usb"],
        })))
    }

    /// Answers request options.
    pub(super) fn sign(&mut self, options: &Value, origin: &str) -> anyhow::Result<Value> {
        let options = options.get("publicKey").unwrap_or(options);
        let client = Self::client("webauthn.get", options, origin);
        let said = self.said(at(options, "rpId"), TOUCHED)?;
        let signature: Signature = self.secret.sign(&[&said[..], &Sha256::digest(&client)].concat());
        Ok(self.credential(json!({
            "clientDataJSON": B64.encode(client), "authenticatorData": B64.encode(said),
            "signature": B64.encode(signature.to_der().as_bytes()), "userHandle": null,
        })))
    }
}
