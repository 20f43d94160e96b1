//! Which files are the policy?

use gatehouse_domain::changes::data::{Dictionary, Malformed};
use gatehouse_domain::environments::{guard_rails, parity};
use gatehouse_domain::{DateTime, Digest, Utc, canonical};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

const TEST: &str = "_test.rego";
/// Which names mean personal data; one's own beside the policy takes the place of the one that comes with the program.
const DICTIONARY: &str = "personal-data.json";
const BUILT_IN_DICTIONARY: &str = include_str!("../../../policies/personal-data.json");
/// What must be equal between environments, and by what clusters are judged: in the same way.
pub(super) const PARITY: &str = "parity.json";
const BUILT_IN_PARITY: &str = include_str!("../../../policies/parity.json");
pub(super) const GUARD_RAILS: &str = "guard-rails.json";
const BUILT_IN_GUARD_RAILS: &str = include_str!("../../../policies/guard-rails.json");
const MOST_FILES: usize = 64;
const LONGEST: u64 = 1 << 20;

/// A window in which nothing goes out, as the operator wrote it into the policy's data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Window {
    /// To where.
    pub environment: String,
    /// Of which services; all of them where none is named.
    pub services: Option<Vec<String>>,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub because: String,
}

/// A policy as it was read: Rego, its tests, and its data, each by its file's name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    rules: BTreeMap<String, String>,
    tests: BTreeMap<String, String>,
    data: BTreeMap<String, String>,
}

impl Bundle {
    /// The policy that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        let one = |name: &str, text: &str| BTreeMap::from([(name.to_owned(), text.to_owned())]);
        Self {
            rules: one("gatehouse.rego", include_str!("../../../policies/gatehouse.rego")),
            tests: one("gatehouse_test.rego", include_str!("../../../policies/gatehouse_test.rego")),
            data: BTreeMap::from([
                ("classes.json".to_owned(), include_str!("../../../policies/classes.json").to_owned()),
                ("freezes.json".to_owned(), include_str!("../../../policies/freezes.json").to_owned()),
                (DICTIONARY.to_owned(), BUILT_IN_DICTIONARY.to_owned()),
                (PARITY.to_owned(), BUILT_IN_PARITY.to_owned()),
                (GUARD_RAILS.to_owned(), BUILT_IN_GUARD_RAILS.to_owned()),
            ]),
        }
    }

    /// The files of a directory: `*.rego` and `*.json`; everything else, folders included, is left alone.
    ///
    /// # Errors
    /// When something in it cannot be read, is too large, or there is no policy.
    pub fn read(directory: &Path) -> Result<Self, String> {
        let unreadable = |path: &Path, error: std::io::Error| format!("{} cannot be read ({error})", path.display());
        let mut bundle = Self { rules: BTreeMap::new(), tests: BTreeMap::new(), data: BTreeMap::new() };
        let listed = std::fs::read_dir(directory).map_err(|error| unreadable(directory, error))?;
        for entry in listed {
            let path = entry.map_err(|error| unreadable(directory, error))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let kind = if name.ends_with(TEST) {
                &mut bundle.tests
            } else if name.ends_with(".rego") {
                &mut bundle.rules
            } else if name.ends_with(".json") {
                &mut bundle.data
            } else {
                continue;
            };
            let size = std::fs::metadata(&path).map_err(|error| unreadable(&path, error))?.len();
            if size > LONGEST {
                return Err(format!("{} is larger than a policy's file may be (1 MiB)", path.display()));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            kind.insert(name.to_owned(), text);
        }
        if bundle.rules.is_empty() {
            return Err(format!("{} holds no policy; put a file that ends in .rego there", directory.display()));
        }
        if bundle.rules.len() + bundle.tests.len() + bundle.data.len() > MOST_FILES {
            return Err(format!("{} holds more than {MOST_FILES} files", directory.display()));
        }
        Ok(bundle)
    }

    /// SHA-256 over the canonical list of names and the digests of what is in them. Tests decide nothing and are not in it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let of = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            files.iter().map(|(name, text)| (name.clone(), Digest::of(text.as_bytes()).to_string())).collect()
        };
        let list = BTreeMap::from([("rules", of(&self.rules)), ("data", of(&self.data))]);
        // A name that canonical JSON refuses makes a digest that no other bundle has either way: of the texts alone.
        let bytes = canonical::to_bytes(&list).unwrap_or_else(|_| format!("{list:?}").into_bytes());
        Digest::of(&bytes)
    }

    pub(super) fn dictionary(&self) -> Result<Dictionary, Malformed> {
        Dictionary::parse(self.data.get(DICTIONARY).map_or(BUILT_IN_DICTIONARY, String::as_str))
    }

    pub(super) fn parity(&self) -> Result<parity::Declaration, parity::Malformed> {
        parity::Declaration::parse(self.data.get(PARITY).map_or(BUILT_IN_PARITY, String::as_str))
    }

    pub(super) fn guard_rails(&self) -> Result<guard_rails::Rules, guard_rails::Malformed> {
        guard_rails::Rules::parse(self.data.get(GUARD_RAILS).map_or(BUILT_IN_GUARD_RAILS, String::as_str))
    }

    /// The freeze windows that the data names, for showing. What a promotion is told, the policy says.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        #[derive(Deserialize)]
        struct Named {
            #[serde(default)]
            freezes: Vec<Window>,
        }
        let named = |text: &String| serde_json::from_str::<Named>(text).ok();
        self.data.values().filter_map(named).flat_map(|named| named.freezes).collect()
    }

    /// Its files, tests too, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Text by name: there is always JSON of it.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads them back.
    ///
    /// # Errors
    /// When they are not what [`Bundle::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("its policy cannot be read ({error})"))
    }

    /// What decides, by the file's name: rules and data.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rules.iter().chain(&self.data).map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub(super) fn data(&self) -> &BTreeMap<String, String> {
        &self.data
    }

    pub(super) fn modules(&self, with_tests: bool) -> impl Iterator<Item = (&str, &str)> {
        let tests = self.tests.iter().filter(move |_| with_tests);
        self.rules.iter().chain(tests).map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// By its digest: the text is pages long.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({})", self.digest())
    }
}
