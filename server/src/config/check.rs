//! Checks one value at a time, and remembers everything that is wrong.

use super::{Address, Fault, Key32, secrets};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Collects faults; a value that has one is `None`, and the rest is still checked.
pub(super) struct Check {
    base: PathBuf,
    pub(super) faults: Vec<Fault>,
}

impl Check {
    /// `base` is where relative paths start.
    pub(super) fn new(base: PathBuf) -> Self {
        Self { base, faults: Vec::new() }
    }

    pub(super) fn fault(&mut self, key: &str, sentence: impl Into<String>) {
        self.faults.push(Fault { key: key.to_owned(), sentence: sentence.into() });
    }

    pub(super) fn take<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.fault(key, error.to_string())).ok()
    }

    pub(super) fn parse<T: FromStr<Err = gatehouse_domain::Malformed>>(&mut self, key: &str, text: &str) -> Option<T> {
        self.take(key, text.parse().map_err(|error| format!("{text:?} is {error}; correct it")))
    }

    /// A name as other systems write them: printable ASCII without spaces, so that it has one spelling.
    pub(super) fn word(&mut self, key: &str, text: String) -> Option<String> {
        let plain = !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic());
        self.take(
            key,
            plain.then_some(text).ok_or("must be 1 to 200 printable ASCII characters without spaces; correct it"),
        )
    }

    /// Names of hosts, as they stand in addresses.
    pub(super) fn hosts(&mut self, key: &str, names: Vec<String>) -> Option<Vec<String>> {
        let is_host = |name: &String| url::Host::parse(name).is_ok_and(|host| host.to_string() == *name);
        let wrong = names.iter().find(|name| !is_host(name)).cloned();
        match wrong {
            Some(name) => {
                self.take(key, Err(format!("{name:?} is no host in lower case, without scheme, port or path")))
            }
            None => Some(names),
        }
    }

    /// A path inside a repository.
    pub(super) fn tree(&mut self, key: &str, text: String) -> Option<String> {
        let text = self.word(key, text)?;
        let plain = text.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        self.take(
            key,
            plain
                .then_some(text)
                .ok_or("must be a path inside the repository, without leading or trailing `/`, `.` and `..`"),
        )
    }

    pub(super) fn number(&mut self, key: &str, n: u64) -> Option<u64> {
        let fits = n > 0 && i64::try_from(n).is_ok();
        self.take(key, fits.then_some(n).ok_or("must be a positive number, as GitHub shows it"))
    }

    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    pub(super) fn secret(&mut self, key: &str, path: &Path) -> Option<SecretString> {
        let path = self.path(path);
        self.take(key, secrets::read(&path))
    }

    pub(super) fn key32(&mut self, key: &str, path: &Path) -> Option<Key32> {
        let text = self.secret(key, path)?;
        self.take(key, Key32::from_hex(&text))
    }

    pub(super) fn address(&mut self, key: &str, text: &str) -> Option<Address> {
        self.take(key, Address::http(text))
    }

    /// Says which two rows claim the same thing.
    pub(super) fn unique<K: Ord + Display>(&mut self, keys: impl Iterator<Item = (String, K)>) {
        let mut seen: BTreeMap<K, String> = BTreeMap::new();
        for (place, key) in keys {
            if let Some(first) = seen.get(&key) {
                self.fault(&place, format!("{key} is already claimed by {first}; keep one of the two"));
            } else {
                seen.insert(key, place);
            }
        }
    }
}
