//! What the tokens page shows and sends.

use crate::shape::{Availability, PersonView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The tokens page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensView {
    /// The caller's, newest first.
    pub yours: Vec<TokenRow>,
    /// For security: everybody else's that still read.
    pub others: Vec<TokenRow>,
    /// Whether the caller may issue one.
    pub issue: Availability,
    /// What a token can be made for.
    pub scopes: Vec<ScopeView>,
    /// The longest life.
    pub longest_days: u16,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeView {
    /// `changes:read`.
    pub code: String,
    /// What it opens, in words.
    pub what: String,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Our id.
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// Whose it is.
    pub owner: PersonView,
    /// What it may read.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether it reads.
    pub state: TokenState,
}

/// Where a token stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenState {
    /// It reads.
    Live,
    /// Its time is over.
    Expired,
    /// Somebody ended it.
    Revoked {
        /// When.
        at: DateTime<Utc>,
        /// Who, by employee id.
        by: Option<String>,
    },
}

/// A token to issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What to call it.
    pub name: String,
    /// What it may read.
    pub scopes: Vec<String>,
    /// For how many days.
    pub days: u16,
}

/// A token that was just issued.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMade {
    /// Our id.
    pub token: String,
    /// The secret. It is shown here and never again.
    pub secret: String,
}

impl std::fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenMade").field("token", &self.token).finish_non_exhaustive()
    }
}
