//! `owner/name`, in the letters GitHub allows: safe to put into a path.

use gatehouse_domain::Malformed;
use std::fmt;
use std::str::FromStr;

/// A repository's full name. Names change hands; the numeric id is what identifies a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoName {
    owner: String,
    name: String,
}

impl RepoName {
    /// The account that owns it.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's name within its owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for RepoName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { what: "repository name (owner/name)" };
        let (owner, name) = text.split_once('/').ok_or(malformed.clone())?;
        // Managed users' logins carry an underscore and the enterprise's short code.
        let owner_ok = (1..=39).contains(&owner.len())
            && owner.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !owner.starts_with('-');
        let name_ok = (1..=100).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && name != "."
            && name != "..";
        if owner_ok && name_ok { Ok(Self { owner: owner.to_owned(), name: name.to_owned() }) } else { Err(malformed) }
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_are_two_plain_parts() {
        for good in ["altscore/services", "a/.github", "Alt-Score/k8s_config.v2", "viyer_alts/x"] {
            assert_eq!(good.parse::<RepoName>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "/",
            "altscore",
            "altscore/",
            "/services",
            "a/b/c",
            "a/..",
            "a/.",
            "../a",
            "a b/c",
            "a/b?x",
            "a/b#x",
            "a/b%2e",
            "-a/b",
            "a\\b/c",
            "a/b\n",
            "а/b",
            "a@b/c",
        ] {
            assert!(bad.parse::<RepoName>().is_err(), "{bad:?}");
        }
    }
}
