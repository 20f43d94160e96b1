//! A configuration as the database keeps it: the governed bytes and the policy's files, both named by one digest.
//!
//! What is kept is believed no more than a file: its bytes must be what the digest names, it goes through the same
//! checks, and what comes out must have the same digest again. What is not governed comes from this process's own file.

use super::{Config, ConfigError, Fault, Governed, build, raw};
use crate::policy::Bundle;
use gatehouse_domain::Digest;
use std::path::Path;

/// The text that a configuration was made of, and how the program was called: enough to make it again.
#[derive(Debug, Clone)]
pub struct Origin {
    pub(super) text: String,
    pub(super) demo: bool,
    pub(super) database_url: Option<String>,
}

/// A configuration's governed part, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of `governed`.
    pub digest: Digest,
    /// The canonical bytes of [`Governed`].
    pub governed: Vec<u8>,
    /// The policy's files, whose digest is in `governed`.
    pub policy: Vec<u8>,
}

impl Kept {
    /// Reads both parts back.
    ///
    /// # Errors
    /// When they are not what the digest names.
    pub fn open(&self) -> Result<(Governed, Bundle), String> {
        if Digest::of(&self.governed) != self.digest {
            return Err("its bytes are not what its digest names".to_owned());
        }
        let governed: Governed =
            serde_json::from_slice(&self.governed).map_err(|error| format!("it cannot be read ({error})"))?;
        let policy = Bundle::from_bytes(&self.policy)?;
        if policy.digest() != *governed.policy() {
            return Err("its policy is not the one that it names".to_owned());
        }
        Ok((governed, policy))
    }
}

impl Config {
    /// What is kept of it.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let governed = Governed::of(self).bytes().unwrap_or_default();
        Kept { digest: Digest::of(&governed), governed, policy: self.policy.to_bytes() }
    }

    /// This process's own part, and everything governed from what is kept.
    ///
    /// # Errors
    /// When it is not what its digest names, does not pass the checks, or this program reads another one out of it.
    pub fn under(&self, kept: &Kept) -> Result<Self, ConfigError> {
        let fault = |sentence: String| ConfigError {
            file: self.source.clone(),
            faults: vec![Fault { key: "(the configuration in force)".to_owned(), sentence }],
        };
        let (governed, policy) = kept.open().map_err(fault)?;
        let mut raw = raw::parse(&self.origin.text)
            .map_err(|fault| ConfigError { file: self.source.clone(), faults: vec![fault] })?;
        governed.overlay(&mut raw).map_err(fault)?;
        let config = build::build(raw, &self.source, self.origin.clone(), Some(policy))?;
        if config.digest() == kept.digest {
            Ok(config)
        } else {
            Err(fault("this program reads it otherwise than the one that wrote it".to_owned()))
        }
    }

    /// The file as it lies there now.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read_again(&self) -> Result<Self, ConfigError> {
        Self::load(Path::new(&self.source), self.origin.demo, self.origin.database_url.as_deref())
    }
}
