//! Which names mean a person, whose, and which places are in India? Data, governed like the policy that it lies beside.

use serde::Deserialize;
use std::fmt;

/// More than this is no dictionary.
const MOST_ENTRIES: usize = 200;

/// The words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    classes: Vec<Entry>,
    people: Vec<Entry>,
    /// Cloud regions and words for places in India, in lower case.
    india: Vec<String>,
    /// Hosts and buckets of one's own, endings of such (`.altscore.internal`) and beginnings (`altscore-*`): what goes
    /// there leaves nobody's hands.
    own_hosts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What people call it.
    name: String,
    /// Words of a column's or table's name, in lower case, joined by `_`: `bank_account` is in `payer_bank_account_no`.
    words: Vec<String>,
}

/// The file is no dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the dictionary of personal data is none: {}", self.0)
    }
}

/// Where a text says that something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In India.
    India,
    /// Elsewhere.
    Abroad,
    /// It does not say.
    Unsaid,
}

impl Dictionary {
    /// Reads `{"personal": {"classes", "people", "india", "own_hosts"}}`.
    ///
    /// # Errors
    /// When it is not of that shape, or has nothing to tell a person by.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            personal: Dictionary,
        }
        let Dictionary { classes, people, india, own_hosts } = serde_json::from_str::<File>(text)
            .map_err(|error| Malformed(format!("{:?} error at line {}", error.classify(), error.line())))?
            .personal;
        let entries = || classes.iter().chain(&people);
        let word = |word: &String| !word.is_empty() && parts(word).join("_") == *word;
        if classes.is_empty() || india.is_empty() {
            return Err(Malformed("it names no class, or no place in India".to_owned()));
        }
        if entries().count() > MOST_ENTRIES || entries().any(|entry| entry.name.is_empty() || entry.words.is_empty()) {
            return Err(Malformed("an entry without a name or words, or too many".to_owned()));
        }
        if let Some(bad) = entries().flat_map(|entry| &entry.words).find(|it| !word(it)) {
            return Err(Malformed(format!("`{bad}` is not lower-case words joined by `_`")));
        }
        Ok(Self { classes, people, india, own_hosts })
    }

    /// The classes of personal data that a name speaks of.
    pub fn classes_of(&self, name: &str) -> impl Iterator<Item = &str> {
        matching(&self.classes, name)
    }

    /// The classes that a column's name speaks of, also together with its table's: the `name` of `retailers`.
    #[must_use]
    pub fn classes_of_column(&self, table: &str, column: &str) -> Vec<&str> {
        let mut whole = parts(column);
        whole.splice(0..0, parts(table).pop());
        let together = |entry: &&Entry| entry.words.iter().any(|word| word.contains('_') && whole.join("_") == *word);
        let found = self.classes.iter().filter(together).map(|entry| entry.name.as_str());
        self.classes_of(column).chain(found).collect()
    }

    /// The class that people call this, however they write it.
    #[must_use]
    pub fn class_called(&self, name: &str) -> Option<&str> {
        let name = name.trim().to_lowercase();
        self.classes.iter().map(|entry| entry.name.as_str()).find(|known| known.to_lowercase() == name)
    }

    /// Whose data a name speaks of.
    pub fn people_of(&self, name: &str) -> impl Iterator<Item = &str> {
        matching(&self.people, name)
    }

    /// Where a region's name, an address or a host says that it is.
    #[must_use]
    pub fn place_of(&self, text: &str) -> Place {
        let text = text.trim().to_lowercase();
        if self.india.contains(&text) {
            return Place::India;
        }
        let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
        let is_abroad = |word: &&str| looks_like_region(word) && !self.india.iter().any(|place| place == word);
        if words.iter().any(is_abroad) {
            Place::Abroad
        } else if words.iter().any(|word| self.india.iter().any(|place| place == word)) {
            Place::India
        } else {
            Place::Unsaid
        }
    }

    /// Whether a host is one's own.
    #[must_use]
    pub fn is_own(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        self.own_hosts.iter().any(|own| match own.strip_suffix('*') {
            Some(beginning) => host.starts_with(beginning),
            None => host == *own || (own.starts_with('.') && host.ends_with(own.as_str())),
        })
    }
}

fn matching<'a>(entries: &'a [Entry], name: &str) -> impl Iterator<Item = &'a str> {
    let name = parts(name);
    let holds = move |word: &String| {
        let wanted: Vec<&str> = word.split('_').collect();
        name.windows(wanted.len()).any(|part| part.iter().map(String::as_str).eq(wanted.iter().copied()))
    };
    entries.iter().filter(move |entry| entry.words.iter().any(&holds)).map(|entry| entry.name.as_str())
}

/// `payerBankAccountNo2` → `payer bank account no 2`: words, however they are joined.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = (c.is_uppercase() && !before.is_uppercase()) || (c.is_numeric() != before.is_numeric());
        if (begins || !c.is_alphanumeric()) && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// `eu-west-1`, `us-gov-east-1`, `europe-west4`, `asia-northeast1`, and Azure's names without hyphens.
fn looks_like_region(word: &str) -> bool {
    const LANDS: [&str; 19] = [
        "us",
        "eu",
        "ap",
        "ca",
        "sa",
        "me",
        "af",
        "il",
        "mx",
        "cn",
        "europe",
        "asia",
        "australia",
        "northamerica",
        "southamerica",
        "africa",
        "uk",
        "japan",
        "canada",
    ];
    const SIDES: [&str; 11] =
        ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest", "gov", "iso"];
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    let mut parts = word.split('-');
    let land = parts.next().unwrap_or_default();
    let sides: Vec<&str> = parts.collect();
    if LANDS.contains(&land) && !sides.is_empty() {
        return sides.iter().all(|side| SIDES.contains(side));
    }
    // westeurope, eastus, southeastasia, uksouth, japaneast, …
    let joined = |land: &str| {
        let rest = word.strip_suffix(land).or_else(|| word.strip_prefix(land));
        rest.is_some_and(|rest| SIDES.contains(&rest))
    };
    ["us", "europe", "asia", "uk", "japan", "canada", "australia", "brazil", "france", "germany", "india"]
        .iter()
        .any(|land| joined(land))
}
