//! The entry: one line of the log.

use super::{About, Event};
use crate::canonical::{self, CanonicalError};
use crate::ids::{Digest, PersonId, TokenId};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest entry, in bytes: tlog-tiles gives an entry's length 16 bits.
pub const ENTRY_LIMIT: usize = 65_535;

/// Who did it, or on whose word the portal acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// The person.
        id: PersonId,
    },
    /// A program, with a token that a person made.
    Machine {
        /// The token.
        token: TokenId,
        /// Whoever made it.
        person: PersonId,
    },
    /// GitHub, by a signed webhook.
    Github {
        /// The delivery's GUID.
        delivery: String,
    },
    /// The portal itself: a job or a timer.
    Portal,
    /// Somebody with a shell on the portal's machine (`gatehouse init`).
    Operator,
    /// Nobody that we could identify.
    Anonymous,
}

impl Actor {
    /// What the audit page filters by.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Person { id } => id.to_string(),
            // A machine is not its maker: what it tried stands under its own id.
            Self::Machine { token, .. } => token.to_string(),
            Self::Github { .. } => "github".to_owned(),
            Self::Portal => "gatehouse".to_owned(),
            Self::Operator => "operator".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// One entry, before or after its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique; a UUIDv7, so that it sorts by time to the eye, though order comes from `tx` and `ord`.
    pub id: uuid::Uuid,
    /// The log this line belongs to, `<host>/audit`, without a shard.
    pub log_origin: String,
    /// The database transaction (`pg_current_xact_id`) that committed it with the state it tells of.
    pub tx: u64,
    /// Its place among the entries of that transaction, from 0.
    pub ord: u32,
    /// The primary database's clock.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
}

/// Why an entry cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// It holds what canonical bytes may not.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// Longer than [`ENTRY_LIMIT`].
    #[error("an entry of {0} bytes is over the limit")]
    TooLong(usize),
    /// A field is missing, unknown or malformed.
    #[error("not an entry: {0}")]
    NotAnEntry(String),
}

impl Entry {
    /// The exact bytes.
    ///
    /// # Errors
    /// When they would not be canonical or would be longer than [`ENTRY_LIMIT`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        let event = serde_json::to_value(&self.event).map_err(|e| EntryError::NotAnEntry(e.to_string()))?;
        let bytes = canonical::to_bytes(&json!({
            "v": "1",
            "log_origin": self.log_origin,
            "id": self.id.to_string(),
            "tx": self.tx.to_string(),
            "ord": self.ord.to_string(),
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "actor": self.actor,
            "about": self.event.about(),
            "act": event.get("act").cloned().unwrap_or(Value::Null),
            "data": event.get("data").cloned().unwrap_or_else(|| json!({})),
        }))?;
        if bytes.len() > ENTRY_LIMIT { Err(EntryError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads exact bytes back.
    ///
    /// # Errors
    /// When they are not what [`Entry::to_bytes`] writes for some entry.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            v: String,
            log_origin: String,
            id: uuid::Uuid,
            tx: String,
            ord: String,
            at: DateTime<Utc>,
            actor: Actor,
            about: About,
            act: String,
            data: Value,
        }
        let not = |e: &dyn std::fmt::Display| EntryError::NotAnEntry(e.to_string());
        let wire: Wire = serde_json::from_value(canonical::parse(bytes)?).map_err(|e| not(&e))?;
        if wire.v != "1" {
            return Err(EntryError::NotAnEntry(format!("version {}", wire.v)));
        }
        let entry = Self {
            id: wire.id,
            log_origin: wire.log_origin,
            tx: wire.tx.parse().map_err(|e| not(&e))?,
            ord: wire.ord.parse().map_err(|e| not(&e))?,
            at: wire.at,
            actor: wire.actor,
            event: serde_json::from_value(json!({"act": wire.act, "data": wire.data})).map_err(|e| not(&e))?,
        };
        // Writing it again also proves that `about` is the one that follows from the event.
        if entry.event.about() == wire.about && entry.to_bytes()? == bytes {
            Ok(entry)
        } else {
            Err(EntryError::NotAnEntry("it is not written the one way".to_owned()))
        }
    }

    /// The RFC 6962 leaf hash of these bytes.
    #[must_use]
    pub fn leaf_hash(bytes: &[u8]) -> Digest {
        Digest::of(&[&[0_u8], bytes].concat())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    /// The audit page filters by these words; two actors under one word would hide one behind the other.
    #[test]
    fn every_actor_stands_under_a_word_of_its_own() {
        let (token, person): (TokenId, PersonId) =
            ("00000000-0000-4000-8000-000000000007".parse().unwrap(), "E-1001".parse().unwrap());
        let machine = Actor::Machine { token: token.clone(), person: person.clone() };
        assert_eq!((machine.key(), Actor::Person { id: person }.key()), (token.to_string(), "E-1001".to_owned()));
        let rest = [Actor::Github { delivery: "g".to_owned() }, Actor::Portal, Actor::Operator, Actor::Anonymous];
        assert_eq!(rest.map(|actor| actor.key()), ["github", "gatehouse", "operator", "anonymous"]);
    }

    /// What an entry is about is found again by these two.
    #[test]
    fn what_an_entry_is_about_has_a_kind_and_an_id() {
        let about = [
            About::Change("CHG-2026-000001".parse().unwrap()),
            About::Person("E-1001".parse().unwrap()),
            About::Delivery("guid".to_owned()),
            About::Portal("founders".to_owned()),
        ];
        assert_eq!(about.clone().map(|it| it.id()), ["CHG-2026-000001", "E-1001", "guid", "founders"]);
        assert_eq!(about.map(|it| it.kind()), ["change", "person", "delivery", "portal"]);
    }

    /// Every committed vector reads, writes itself again to the byte, and has the leaf hash it says.
    #[test]
    fn vectors_hold() {
        let vectors: Vec<Value> = serde_json::from_str(include_str!("../../vectors/audit-entry.json")).unwrap();
        assert!(vectors.len() >= 3);
        for vector in &vectors {
            let bytes = vector["bytes"].as_str().unwrap().as_bytes();
            let entry = Entry::parse(bytes).unwrap();
            assert_eq!(entry.to_bytes().unwrap(), bytes);
            assert_eq!(Entry::leaf_hash(bytes).as_str(), vector["leaf_hash"].as_str().unwrap());
        }
    }

    #[test]
    fn any_other_spelling_is_no_entry() {
        let vectors: Vec<Value> = serde_json::from_str(include_str!("../../vectors/audit-entry.json")).unwrap();
        let bytes = vectors[0]["bytes"].as_str().unwrap();
        for bad in [
            bytes.replace("\"v\":\"1\"", "\"v\":\"2\""),
            bytes.replace("\"ord\":\"0\"", "\"ord\":\"00\""),
            bytes.replace("\"v\":", "\"extra\":\"x\",\"v\":"),
            bytes.replace("\"data\":{", "\"data\": {"),
            bytes.replacen("Z\"", "+00:00\"", 1),
        ] {
            assert_ne!(bad, bytes);
            assert!(Entry::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_line_is_refused_and_not_cut() {
        let vectors: Vec<Value> = serde_json::from_str(include_str!("../../vectors/audit-entry.json")).unwrap();
        let mut entry = Entry::parse(vectors[0]["bytes"].as_str().unwrap().as_bytes()).unwrap();
        let shortest = entry.to_bytes().unwrap().len() - entry.log_origin.len();
        entry.log_origin = "x".repeat(ENTRY_LIMIT - shortest);
        assert_eq!(entry.to_bytes().unwrap().len(), ENTRY_LIMIT);
        entry.log_origin.push('x');
        assert_eq!(entry.to_bytes(), Err(EntryError::TooLong(ENTRY_LIMIT + 1)));
    }
}
