//! `registry/repository:tag@sha256:…`, taken apart.

use gatehouse_domain::{ImageDigest, Malformed};
use std::fmt;
use std::str::FromStr;

/// An image as a pod spec names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    text: String,
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<ImageDigest>,
}

impl ImageRef {
    /// The whole of it, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `210987654321.dkr.ecr.ap-south-1.amazonaws.com`; absent when the cluster's default is meant.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// `altscore/score-api`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, which anyone who may push can move.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The content address, when the image is pinned by one.
    #[must_use]
    pub fn digest(&self) -> Option<&ImageDigest> {
        self.digest.as_ref()
    }
}

impl FromStr for ImageRef {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed { what: "image reference" };
        if text.len() > 1024 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(malformed());
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        // The first part is a registry when it could be a host; then its colon is a port, not a tag.
        let (registry, rest) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
            _ => (None, name),
        };
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        let word =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !repository.split('/').all(word) || !tag.is_none_or(word) || registry == Some("") {
            return Err(malformed());
        }
        Ok(Self {
            text: text.to_owned(),
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let ecr = "210987654321.dkr.ecr.ap-south-1.amazonaws.com";
        let image: ImageRef = format!("{ecr}/altscore/score-api:v1@{digest}").parse().unwrap();
        assert_eq!(image.registry(), Some(ecr));
        assert_eq!(image.repository(), "altscore/score-api");
        assert_eq!(image.tag(), Some("v1"));
        assert_eq!(image.digest().unwrap().as_str(), digest);
        let image: ImageRef = "localhost:5000/a/b".parse().unwrap();
        assert_eq!((image.registry(), image.repository(), image.tag()), (Some("localhost:5000"), "a/b", None));
        let image: ImageRef = "altscore/score-api:latest".parse().unwrap();
        assert_eq!((image.registry(), image.repository(), image.tag()), (None, "altscore/score-api", Some("latest")));
        assert_eq!(image.digest(), None);
    }

    #[test]
    fn a_half_written_digest_is_not_a_pin() {
        for bad in
            ["", "a@", "a@sha256:12", "a@sha512:00", "a:b:c", "a//b", "a b", "/a", "a/", "a:", "a@sha256:x@sha256:y"]
        {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad}");
        }
    }
}
