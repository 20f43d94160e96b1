//! What is a well-formed name, number, SHA, digest? Parsed once, at the edge; never a bare `String` after.
//!
//! All of them serialise as JSON strings, numbers included, so that canonical bytes hold no number
//! whose spelling two programs could disagree about (DESIGN §9, signed bytes).

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Text that is not a well-formed value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed {what}")]
pub struct Malformed {
    /// The kind of value that was expected, for a person to read.
    pub what: &'static str,
}

/// A string newtype with one rule, which holds for every value that exists.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);
        impl $name {
            /// The text as it was parsed.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                let rule: fn(&str) -> bool = $rule;
                if rule(text) { Ok(Self(text.to_owned())) } else { Err(Malformed { what: $what }) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> { text.parse() }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    };
}

/// A number newtype that travels as a decimal string.
macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u64);
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                // `u64::from_str` takes a leading `+`; one number must have one spelling.
                let plain = !text.is_empty()
                    && text.bytes().all(|b| b.is_ascii_digit())
                    && (text == "0" || !text.starts_with('0'));
                if !plain { return Err(Malformed { what: $what }); }
                text.parse().map(Self).map_err(|_| Malformed { what: $what })
            }
        }
        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> { text.parse() }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0.to_string() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl $name {
            /// The number as the database's `bigint`; GitHub's ids are far below 2^63.
            #[must_use]
            pub fn as_i64(self) -> i64 { i64::try_from(self.0).unwrap_or(i64::MAX) }
        }
    };
}

fn is_lower_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

text_id!(
    /// A full Git commit id: 40 lower-case hex digits.
    CommitSha, "commit SHA (40 lower-case hex digits)", |t| is_lower_hex(t, 40));
text_id!(
    /// An image's content address, `sha256:` and 64 lower-case hex digits; never a tag.
    ImageDigest, "image digest (sha256:… with 64 lower-case hex digits)",
    |t| t.strip_prefix("sha256:").is_some_and(|hex| is_lower_hex(hex, 64)));
text_id!(
    /// A SHA-256 as 64 lower-case hex digits.
    Digest, "SHA-256 digest (64 lower-case hex digits)", |t| is_lower_hex(t, 64));
text_id!(
    /// A human being, by the employer's own id (the configured employee-id claim). Exact, case matters:
    /// trimming or folding would let one human become two, or two become one (ATK-02).
    PersonId, "employee id (1 to 64 of A-Z a-z 0-9 . _ -)",
    |t| (1..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')));
text_id!(
    /// A security key of one person, by our own id.
    KeyId, "key id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
text_id!(
    /// A machine token, by our own id; the secret is another thing.
    TokenId, "token id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
text_id!(
    /// A request that a key or a role may count (see [`crate::people::request`]), by our own id.
    RequestId, "request id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
text_id!(
    /// One time that the line was stopped, by our own id.
    StopId, "stop id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
text_id!(
    /// One incident, by our own id.
    IncidentId, "incident id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
text_id!(
    /// One browser of one person, from sign-in to sign-out. It may stand in logs; the cookie's secret never does.
    SessionId, "session id (a UUID)", |t| uuid::Uuid::parse_str(t).is_ok_and(|id| id.hyphenated().to_string() == t));
impl From<uuid::Uuid> for SessionId {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}
text_id!(
    /// What is deployed, such as `score-api`.
    ServiceName, "service name (a-z 0-9 -)", is_slug);
text_id!(
    /// Where it runs, such as `production`.
    EnvironmentName, "environment name (a-z 0-9 -)", is_slug);
text_id!(
/// A change record's number, such as `CHG-2026-000123`.
ChangeNumber, "change number (CHG-YYYY-NNNNNN)", |t| {
    t.strip_prefix("CHG-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, n)| {
        year.len() == 4 && (6..=9).contains(&n.len()) && year.bytes().chain(n.bytes()).all(|b| b.is_ascii_digit())
    })
});

number_id!(
    /// A GitHub account's numeric id, which survives renames.
    GithubId, "GitHub account id");
number_id!(
    /// A GitHub repository's numeric id, which survives renames and transfers.
    RepositoryId, "GitHub repository id");
number_id!(
    /// A GitHub Actions workflow run.
    RunId, "workflow run id");
number_id!(
    /// Which attempt of a run: 1, then one more for each re-run.
    RunAttempt, "run attempt");

impl Digest {
    /// SHA-256 of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// The 32 bytes behind the hex digits.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        let mut out = [0; 32];
        // The type's rule makes this infallible; a zero digest would match nothing anyway.
        let _ = hex::decode_to_slice(&self.0, &mut out);
        out
    }
}

impl From<uuid::Uuid> for RequestId {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}

impl ChangeNumber {
    /// The `n`th change of a year.
    #[must_use]
    pub fn new(year: i32, n: i64) -> Self {
        Self(format!("CHG-{year:04}-{n:06}"))
    }
}

impl CommitSha {
    /// The first seven digits, as people read them.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl ImageDigest {
    /// `sha256:9be4…21fa`, as people read it.
    #[must_use]
    pub fn short(&self) -> String {
        match (self.0.get(..11), self.0.get(67..)) {
            (Some(head), Some(tail)) => format!("{head}…{tail}"),
            _ => self.0.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn look_alikes_are_refused() {
        for bad in ["", "E-1001 ", " E-1001", "Е-1001", "E-1001\u{200b}", "a@b", "e/1"] {
            assert!(bad.parse::<PersonId>().is_err(), "{bad:?}");
        }
        assert_ne!("E-1001".parse::<PersonId>().unwrap(), "e-1001".parse::<PersonId>().unwrap());
    }

    #[test]
    fn one_number_has_one_spelling() {
        for bad in ["", "+1", "01", " 1", "1 ", "-1", "1e3", "18446744073709551616"] {
            assert!(bad.parse::<RunId>().is_err(), "{bad:?}");
        }
        assert_eq!("8836".parse::<RunId>().unwrap(), RunId(8836));
    }

    #[test]
    fn a_name_of_ours_has_one_spelling_everywhere_it_is_written() {
        for good in ["a", "7", "loan-service", "eu-1", &"x".repeat(63)] {
            assert_eq!(good.parse::<ServiceName>().unwrap().as_str(), good);
        }
        let too_long = "x".repeat(64);
        for bad in
            ["", &too_long, "Loan", "loan_service", "loan service", "loan/service", "-loan", "loan-", "-", "lоan"]
        {
            assert!(bad.parse::<ServiceName>().is_err(), "{bad:?}");
            assert!(bad.parse::<EnvironmentName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn digests_are_lower_case_and_whole() {
        let sha = "a".repeat(40);
        assert!(sha.parse::<CommitSha>().is_ok());
        assert!(sha.to_uppercase().parse::<CommitSha>().is_err());
        assert!(format!("sha256:{}", "0".repeat(63)).parse::<ImageDigest>().is_err());
        assert_eq!(Digest::of(b"").as_str(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn what_is_shortened_begins_and_ends_as_the_whole_does() {
        let sha: CommitSha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
        assert_eq!(sha.short(), "0123456");
        let digest: ImageDigest = format!("sha256:9be4{}21fa", "0".repeat(56)).parse().unwrap();
        assert_eq!(digest.short(), "sha256:9be4…21fa");
    }

    #[test]
    fn change_numbers_are_read_as_they_are_written() {
        let number = ChangeNumber::new(2026, 411);
        assert_eq!(number.as_str(), "CHG-2026-000411");
        assert!(number.as_str().parse::<ChangeNumber>().is_ok());
        for bad in ["CHG-2026-1", "chg-2026-000001", "CHG-2026-000001/..", "CHG-26-000001"] {
            assert!(bad.parse::<ChangeNumber>().is_err(), "{bad:?}");
        }
    }
}
