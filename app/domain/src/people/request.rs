//! What waits before it counts: a first or replacement key, and a gained role (DESIGN §9, first keys).
//!
//! ```text
//! asked → endorsed by one → endorsed by two ──24 h──→ counts
//!   └────────────┴─────────────────┴─→ refused · withdrawn · expired · lost
//! ```
//!
//! That it counts is derived from the clock and never an event: nothing has to run for it, and until then the
//! key signs nothing and the role fills no seat. Twenty-four hours are for somebody to notice and refuse.

use crate::act::Act;
use crate::canonical::{self, CanonicalError};
use crate::ids::{Digest, KeyId, PersonId, RequestId};
use crate::people::Role;
use crate::webauthn::PublicKey;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many other persons must say yes.
pub const ENDORSEMENTS: usize = 2;
/// From the second endorsement until it counts.
pub const COUNTS_AFTER: Duration = Duration::hours(24);
/// How long a request may wait for its endorsements.
pub const REQUEST_LIFETIME: Duration = Duration::days(7);

/// The exact thing that is asked for, and that endorsers sign: SHA-256 of its canonical bytes. The id makes the
/// same role, gained a second time, another thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wanted {
    /// This key is to be this person's.
    Key {
        /// Which request.
        request: RequestId,
        /// Whose key.
        person: PersonId,
        /// Our id for it.
        key: KeyId,
        /// base64url of the credential id.
        credential_id: String,
        /// What verifies its signatures.
        public_key: PublicKey,
        /// What the admitted list lets the person be, so that endorsers see what the key can sign for.
        roles: Vec<Role>,
    },
    /// This person is to hold this role.
    Role {
        /// Which request.
        request: RequestId,
        /// Who.
        person: PersonId,
        /// What.
        role: Role,
    },
}

impl Wanted {
    /// The canonical bytes.
    ///
    /// # Errors
    /// Never for a value that exists; the canonical writer can fail in principle.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(self)
    }

    /// SHA-256 of the canonical bytes.
    ///
    /// # Errors
    /// As [`Wanted::to_bytes`].
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        self.to_bytes().map(|bytes| Digest::of(&bytes))
    }

    /// Which request.
    #[must_use]
    pub fn request(&self) -> &RequestId {
        match self {
            Self::Key { request, .. } | Self::Role { request, .. } => request,
        }
    }

    /// For whom.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        match self {
            Self::Key { person, .. } | Self::Role { person, .. } => person,
        }
    }

    /// What endorsers sign it as.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Key { .. } => Act::EndorseKey,
            Self::Role { .. } => Act::EndorseRole,
        }
    }
}

/// Why a request came to its end without counting, or stopped counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// An endorser said no.
    Refused,
    /// The person took it back.
    Withdrawn,
    /// Seven days passed.
    Expired,
    /// Group or admitted list no longer say that the person has the role.
    Lost,
}

impl Ended {
    /// Every way to end.
    pub const ALL: [Self; 4] = [Self::Refused, Self::Withdrawn, Self::Expired, Self::Lost];

    /// The word in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Lost => "lost",
        }
    }

    /// The end behind a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ended| ended.code() == code)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One yes that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// Whose.
    pub endorser: PersonId,
    /// With which key.
    pub key: KeyId,
    /// When (database time).
    pub signed_at: DateTime<Utc>,
}

/// A request as a decision sees it, read under the person's row lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub wanted: Wanted,
    /// Its digest, which endorsers sign.
    pub digest: Digest,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Who said yes, oldest first; those that fell are not among them.
    pub endorsements: Vec<Endorsement>,
    /// When it counts, once enough have said yes.
    pub counts_from: Option<DateTime<Utc>>,
    /// Why it ended, if so.
    pub ended: Option<Ended>,
}

/// Where a request stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// So many of [`ENDORSEMENTS`] have said yes.
    Asked {
        /// How many.
        endorsed: usize,
    },
    /// Enough have; it counts from then on.
    Waits {
        /// When.
        counts_from: DateTime<Utc>,
    },
    /// It counts.
    Counts,
    /// It does not, and will not.
    Ended(Ended),
}

impl Request {
    /// Where it stands.
    #[must_use]
    pub fn stand(&self, now: DateTime<Utc>) -> Stand {
        match (self.ended, self.counts_from) {
            (Some(ended), _) => Stand::Ended(ended),
            (None, Some(from)) if now >= from => Stand::Counts,
            (None, Some(counts_from)) => Stand::Waits { counts_from },
            (None, None) if now >= self.asked_at + REQUEST_LIFETIME => Stand::Ended(Ended::Expired),
            (None, None) => Stand::Asked { endorsed: self.endorsements.len() },
        }
    }

    /// Whether it is neither over nor in force yet.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        matches!(self.stand(now), Stand::Asked { .. } | Stand::Waits { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_known_by_its_word_and_no_other() {
        let codes = ["refused", "withdrawn", "expired", "lost"];
        assert_eq!(Ended::ALL.map(Ended::code), codes);
        assert_eq!(codes.map(Ended::from_code), Ended::ALL.map(Some));
        assert_eq!(["", "Refused", "ended"].map(Ended::from_code), [None; 3]);
    }
}
