//! How does personal data enter a log that can never be erased?
//!
//! As a salted commitment and a blob encrypted with a key that belongs to the person (DESIGN §9).
//! The log line proves what was said; destroying the person's key makes the blob, and with it the
//! salt, unreadable, after which the commitment says nothing, while every proof still verifies.

use crate::ids::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

const COMMITMENT_TAG: &[u8] = b"gatehouse.commitment.v1\0";
const BLOB_TAG: &str = "gatehouse.personal.v1";
const SALT: usize = 32;
const NONCE: usize = 24;

/// One piece of personal text as it stands in an entry. The clear text never serialises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personal {
    /// Whose key opens it: a person id, or `source` for network addresses.
    pub owner: String,
    /// `SHA-256("gatehouse.commitment.v1\0" ‖ salt ‖ text)`.
    pub commitment: Digest,
    /// base64url of nonce ‖ XChaCha20-Poly1305(key, salt ‖ text; additional data = tag ‖ 0 ‖ owner).
    pub blob: String,
    /// The text, where this value was just made or opened; used to write projections.
    #[serde(skip)]
    pub clear: Option<String>,
}

/// The blob does not open: wrong or destroyed key, other owner, or altered bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the personal text cannot be opened")]
pub struct CannotOpen;

/// Fresh randomness for one seal; using one twice would link two texts.
#[derive(Clone)]
pub struct SealRandomness {
    /// Blinds the commitment.
    pub salt: [u8; SALT],
    /// The cipher's nonce.
    pub nonce: [u8; NONCE],
}

impl Personal {
    /// Seals `text` for `owner`.
    ///
    /// # Errors
    /// When the cipher refuses (text beyond its limit of 256 GB).
    pub fn seal(owner: &str, key: &[u8; 32], text: &str, random: &SealRandomness) -> Result<Self, CannotOpen> {
        let mut plain = random.salt.to_vec();
        plain.extend_from_slice(text.as_bytes());
        let aad = aad(owner);
        let sealed = XChaCha20Poly1305::new(key.into())
            .encrypt(&XNonce::from(random.nonce), Payload { msg: &plain, aad: &aad })
            .map_err(|_| CannotOpen)?;
        let mut blob = random.nonce.to_vec();
        blob.extend(sealed);
        Ok(Self {
            owner: owner.to_owned(),
            commitment: commitment(&random.salt, text),
            blob: B64.encode(blob),
            clear: Some(text.to_owned()),
        })
    }

    /// Opens the blob and checks it against the commitment.
    ///
    /// # Errors
    /// [`CannotOpen`] for a wrong key, a foreign owner, altered bytes, or a commitment to other text.
    pub fn open(&self, key: &[u8; 32]) -> Result<String, CannotOpen> {
        let blob = B64.decode(&self.blob).map_err(|_| CannotOpen)?;
        let (nonce, sealed) = blob.split_first_chunk::<NONCE>().ok_or(CannotOpen)?;
        let aad = aad(&self.owner);
        let plain = XChaCha20Poly1305::new(key.into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad })
            .map_err(|_| CannotOpen)?;
        let (salt, text) = plain.split_first_chunk::<SALT>().ok_or(CannotOpen)?;
        let text = std::str::from_utf8(text).map_err(|_| CannotOpen)?;
        if commitment(salt, text) == self.commitment { Ok(text.to_owned()) } else { Err(CannotOpen) }
    }

    /// The clear text, or a dash where it is not at hand.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.clear.as_deref().unwrap_or("–")
    }
}

/// Text that may be shown beside a signature: at most 2,000 characters, no control, bidirectional or
/// invisible formatting characters, which could make a page say another thing than its bytes (ATK-09).
#[must_use]
pub fn is_showable(text: &str) -> bool {
    text.chars().count() <= 2_000
        && text.chars().all(|c| {
            let hidden = matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
                | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
            !hidden && (c == '\n' || !c.is_control())
        })
        && unicode_normalization::is_nfc(text)
}

fn aad(owner: &str) -> Vec<u8> {
    [BLOB_TAG.as_bytes(), b"\0", owner.as_bytes()].concat()
}

fn commitment(salt: &[u8; SALT], text: &str) -> Digest {
    Digest::of(&[COMMITMENT_TAG, salt, text.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn random(n: u8) -> SealRandomness {
        SealRandomness { salt: [n; 32], nonce: [n; 24] }
    }

    #[test]
    fn the_right_key_opens_and_every_other_way_fails() {
        let sealed = Personal::seal("E-1001", &[7; 32], "looks right", &random(1)).unwrap();
        assert_eq!(sealed.open(&[7; 32]).unwrap(), "looks right");
        assert_eq!(sealed.shown(), "looks right");
        assert_eq!(sealed.open(&[8; 32]), Err(CannotOpen));
        let foreign = Personal { owner: "E-1002".into(), ..sealed.clone() };
        assert_eq!(foreign.open(&[7; 32]), Err(CannotOpen));
        let other = Personal { commitment: Digest::of(b"x"), ..sealed };
        assert_eq!(other.open(&[7; 32]), Err(CannotOpen));
    }

    #[test]
    fn the_same_words_twice_cannot_be_linked() {
        let a = Personal::seal("E-1001", &[7; 32], "ok", &random(1)).unwrap();
        let b = Personal::seal("E-1001", &[7; 32], "ok", &random(2)).unwrap();
        assert_ne!(a.commitment, b.commitment);
        assert_ne!(a.blob, b.blob);
    }

    #[test]
    fn clear_text_never_serialises() {
        let sealed = Personal::seal("E-1001", &[7; 32], "Asha Rao", &random(3)).unwrap();
        assert!(!serde_json::to_string(&sealed).unwrap().contains("Asha"));
    }

    #[test]
    fn text_that_could_lie_is_not_showable() {
        for bad in ["a\u{202e}b", "a\u{200b}b", "a\u{0007}b", "e\u{301}", &"x".repeat(2001)] {
            assert!(!is_showable(bad), "{bad:?}");
        }
        assert!(is_showable("Zweck geprüft.\nRegister stimmt – मंज़ूर") || !unicode_normalization::is_nfc("मंज़ूर"));
    }
}
