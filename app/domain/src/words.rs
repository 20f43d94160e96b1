//! How is a digest read aloud? As six words, the same on page, message and command line (DESIGN §9).

use crate::ids::Digest;

/// The first 66 bits of a digest as six words of the BIP-39 English list (11 bits each).
#[must_use]
pub fn six_words(digest: &Digest) -> [&'static str; 6] {
    let list = bip39::Language::English.word_list();
    let bytes = digest.bytes();
    let bit = |i: usize| bytes.get(i / 8).is_some_and(|byte| byte >> (7 - i % 8) & 1 == 1);
    std::array::from_fn(|word| {
        let index = (0..11).fold(0_usize, |acc, i| acc << 1 | usize::from(bit(word * 11 + i)));
        list.get(index).copied().unwrap_or("?")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_abandon_and_ones_are_zoo() {
        // SHA-256 values are given as text so that the vectors can be checked by hand.
        let zeros: Digest = serde_json::from_value("0".repeat(64).into()).unwrap_or_else(|_| unreachable!());
        assert_eq!(six_words(&zeros), ["abandon"; 6]);
        let ones: Digest = serde_json::from_value("f".repeat(64).into()).unwrap_or_else(|_| unreachable!());
        assert_eq!(six_words(&ones), ["zoo"; 6]);
    }

    #[test]
    fn the_first_eleven_bits_choose_the_first_word() {
        // e3b0… = 11100011101 10000…: index 1821 of the list.
        let words = six_words(&Digest::of(b""));
        assert_eq!(words[0], "together");
        assert_eq!(words.len(), 6);
    }
}
