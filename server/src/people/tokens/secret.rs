//! What a token looks like: `gthp_`, 64 hex digits of randomness, 8 of a checksum.
//!
//! The fixed beginning and the checksum are for scanners of other people's repositories and logs: they can tell a real
//! token from text that looks like one, without asking us.

use gatehouse_domain::Digest;
use sha2::{Digest as _, Sha256};

/// `gthp` for "Gatehouse, personal".
const PREFIX: &str = "gthp_";
const RANDOM: usize = 64;
const CHECKSUM: usize = 8;

/// A token's text. It has no `Debug`, so that it cannot get into a log by mistake.
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(random: [u8; 32]) -> Self {
        let random = hex::encode(random);
        Self(format!("{PREFIX}{random}{}", checksum(&random)))
    }

    /// `None` for whatever cannot be one of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (random, sum) = text.strip_prefix(PREFIX)?.split_at_checked(RANDOM)?;
        let is_hex = random.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (is_hex && sum == checksum(random)).then(|| Self(text.to_owned()))
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// For the one answer that shows it.
    pub(super) fn show(self) -> String {
        self.0
    }
}

fn checksum(random: &str) -> String {
    let mut sum = hex::encode(Sha256::digest(random));
    sum.truncate(CHECKSUM);
    sum
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_token_is_known_by_its_form_alone() {
        let text = Secret::new([7; 32]).show();
        assert!(text.starts_with("gthp_0707") && text.len() == 5 + 72, "{text}");
        assert_eq!(Secret::parse(&text).unwrap().hash(), Digest::of(text.as_bytes()));
        let mut typo = text.clone();
        typo.replace_range(8..9, "8");
        for bad in ["", "gthp_", &typo, &text[..76], &format!("{text}0"), &text.to_uppercase(), &text[5..], "gthp_é"] {
            assert!(Secret::parse(bad).is_none(), "{bad}");
        }
    }
}
