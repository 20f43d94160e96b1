//! Shapes that more than one page uses. Every view carries `as_of`: relative times are computed from
//! it, on the server and in the browser alike, so both render the same text.

use chrono::{DateTime, Utc};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::tone::Tone;
use serde::{Deserialize, Serialize};

/// A state as it is shown: a word and a tone; the badge adds icon and colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The word, such as `Held`.
    pub word: String,
    /// Its tone.
    pub tone: Tone,
}

impl Status {
    /// A state.
    #[must_use]
    pub fn new(word: &str, tone: Tone) -> Self {
        Self { word: word.to_owned(), tone }
    }
}

/// A person as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The employee id.
    pub id: String,
    /// The name, where Gatehouse has met them.
    pub name: Option<String>,
}

impl PersonView {
    /// The name, or the id.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Whether the caller may do something, decided by the same function that will decide it for real.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Empty means allowed.
    pub reasons: Vec<ReasonView>,
}

impl Availability {
    /// Whether the button is enabled.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Who is looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The person.
    pub person: PersonView,
    /// Names of the roles held now, as people say them.
    pub roles: Vec<String>,
    /// On the admitted list; otherwise they can look and not act.
    pub is_admitted: bool,
    /// How many active keys they have.
    pub active_keys: u32,
}

/// What frames every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellView {
    /// `None`: signed out; every page then shows the sign-in page.
    pub me: Option<Me>,
    /// The demo's banner: what is relaxed, in a sentence.
    pub demo: Option<String>,
    /// What everybody must know, on every page, for as long as it is there.
    pub notice: Option<String>,
    /// That a line is stopped, and why, for as long as it is.
    pub stopped: Option<String>,
    /// That a P1 is live.
    pub fire: Option<String>,
    /// How many changes and requests wait for the caller.
    pub needs_you: u32,
    /// The log that entries and signatures belong to.
    pub log_origin: String,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
