//! By what is judged? Which namespaces are not ours and how much room there must be is the policy's data; which registry
//! is ours, the configuration's.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// The registry that images may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// Twelve digits.
    pub account: String,
    /// `ap-south-1`.
    pub region: String,
}

impl Registry {
    pub(super) fn host(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.account, self.region)
    }
}

/// The rules that a cluster is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Namespaces that others keep, each with why. Every other one is ours.
    outside: BTreeMap<String, String>,
    /// Where Istio's mesh-wide settings lie.
    mesh_root: String,
    /// The most of anything that may be used, in percent.
    headroom_percent: u32,
}

/// `guard-rails.json` is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "guard-rails.json cannot be read: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

impl Rules {
    /// Reads the policy's file.
    ///
    /// # Errors
    /// When it says something else than rules, a namespace is left out without a word why, or the share is no percentage.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            guard_rails: Rules,
        }
        let File { guard_rails: it } = serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?;
        if let Some((namespace, _)) = it.outside.iter().find(|(name, why)| name.is_empty() || why.trim().is_empty()) {
            return Err(Malformed(format!("namespace “{namespace}” is left out, and nothing says why")));
        }
        if it.mesh_root.is_empty() {
            return Err(Malformed("mesh_root names no namespace".to_owned()));
        }
        if !(1..=100).contains(&it.headroom_percent) {
            return Err(Malformed("headroom_percent is not between 1 and 100".to_owned()));
        }
        Ok(it)
    }

    /// Whether what lies there is judged. A namespace that nobody spoke of is ours.
    #[must_use]
    pub fn is_ours(&self, namespace: &str) -> bool {
        !self.outside.contains_key(namespace)
    }

    /// Namespaces that are not judged, and why.
    pub fn outside(&self) -> impl Iterator<Item = (&str, &str)> {
        self.outside.iter().map(|(namespace, why)| (namespace.as_str(), why.as_str()))
    }

    pub(super) fn mesh_root(&self) -> &str {
        &self.mesh_root
    }

    pub(super) fn headroom(&self) -> u32 {
        self.headroom_percent
    }
}
