//! What should people know of a place, and which places are there at all?
//!
//! A place that is only looked at ([`Observed`]) is another type than one that is gated ([`Environment`]), in another
//! list: nothing that asks for, decides or releases a deployment can meet one. To GitHub's question about it the answer
//! is that of every place that is not configured: refused.

use super::{Address, Config, Environment};
use gatehouse_domain::EnvironmentName;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// A place that is only looked at.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Our word.
    pub name: EnvironmentName,
    /// The API server that says what runs there.
    pub kubernetes_url: Address,
    /// As [`Environment::kubernetes_token`].
    pub kubernetes_token: Option<SecretString>,
    /// As [`Environment::kubernetes_ca`].
    pub kubernetes_ca: Option<String>,
    /// What people should know of it.
    pub about: About,
}

/// What people should know of a place: words for them, of which none decides anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About(pub(super) BTreeMap<String, String>);

impl About {
    /// What can be said.
    pub(super) const KEYS: [&str; 7] = ["account", "region", "cluster", "data_class", "residency", "access", "order"];

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The AWS account that it is in.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.get("account")
    }

    /// The region that it is in.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.get("region")
    }

    /// The cluster's name.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        self.get("cluster")
    }

    /// Which data is there.
    #[must_use]
    pub fn data_class(&self) -> Option<&str> {
        self.get("data_class")
    }

    /// Where its data must stay.
    #[must_use]
    pub fn residency(&self) -> Option<&str> {
        self.get("residency")
    }

    /// Who gets in.
    #[must_use]
    pub fn access(&self) -> Option<&str> {
        self.get("access")
    }

    /// Its place on the way to production, from the left.
    #[must_use]
    pub fn order(&self) -> u32 {
        self.get("order").and_then(|order| order.parse().ok()).unwrap_or(u32::MAX)
    }
}

/// Any place, gated or only looked at, to show it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Our word.
    pub name: &'a EnvironmentName,
    /// Where its cluster is.
    pub kubernetes_url: &'a Address,
    /// Its bearer token.
    pub kubernetes_token: Option<&'a SecretString>,
    /// PEM of a private authority.
    pub kubernetes_ca: Option<&'a str>,
    /// What people should know of it.
    pub about: &'a About,
    /// Whether people depend on it.
    pub production: bool,
    /// Whether nothing goes there but through a gate.
    pub gated: bool,
}

impl<'a> From<&'a Environment> for Place<'a> {
    fn from(it: &'a Environment) -> Self {
        Self {
            name: &it.name,
            kubernetes_url: &it.kubernetes_url,
            kubernetes_token: it.kubernetes_token.as_ref(),
            kubernetes_ca: it.kubernetes_ca.as_deref(),
            about: &it.about,
            production: it.production,
            gated: true,
        }
    }
}

impl<'a> From<&'a Observed> for Place<'a> {
    fn from(it: &'a Observed) -> Self {
        Self {
            name: &it.name,
            kubernetes_url: &it.kubernetes_url,
            kubernetes_token: it.kubernetes_token.as_ref(),
            kubernetes_ca: it.kubernetes_ca.as_deref(),
            about: &it.about,
            production: false,
            gated: false,
        }
    }
}

impl Config {
    /// Every place, from the left: by its order, production last, then by name. To show it, never to decide.
    #[must_use]
    pub fn places(&self) -> Vec<Place<'_>> {
        let mut all: Vec<Place<'_>> =
            self.environments.iter().map(Place::from).chain(self.observed.iter().map(Place::from)).collect();
        all.sort_by_key(|place| (place.about.order(), place.production, place.name));
        all
    }
}
