//! What can go wrong with GitHub, in sentences fit for a person.

use std::time::Duration;

/// A cause for the log; never for a person.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// GitHub did not give the fact, or did not take the answer. `Display` holds only our own words and
/// parsed names.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the App may not know that there is.
    #[error("GitHub has no {what}, or does not show it to Gatehouse")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// GitHub understood and refused.
    #[error("GitHub refused {what} (status {status})")]
    Denied {
        /// What was asked for.
        what: String,
        /// GitHub's HTTP status.
        status: u16,
    },
    /// The App has used up its share of requests.
    #[error("GitHub asks Gatehouse to wait {} s before it asks for {what} again", retry_after.as_secs())]
    RateLimited {
        /// What was asked for.
        what: String,
        /// How long GitHub wants us to wait.
        retry_after: Duration,
    },
    /// No answer, or one that says that GitHub itself is in trouble.
    #[error("GitHub did not answer when asked for {what}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The network's or GitHub's trouble.
        #[source]
        source: Cause,
    },
    /// GitHub gave a part and said that there is more than it gives.
    #[error("GitHub gave only a part of {what}")]
    Truncated {
        /// What was asked for.
        what: String,
    },
    /// The answer is not what GitHub documents.
    #[error("GitHub's answer about {what} could not be read: {why}")]
    Unreadable {
        /// What was asked for.
        what: String,
        /// Which rule it breaks; never the answer's own text.
        why: String,
    },
    /// The configuration cannot work. Only `Client::connect` says this.
    #[error("the GitHub settings are unusable: {why}")]
    Settings {
        /// Which setting, and what is wrong with it.
        why: &'static str,
    },
}

impl Error {
    /// Whether the same question may get another answer later. `NotFound` is not: whoever waits for
    /// a thing to appear knows so, and says so.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. })
    }

    /// How long GitHub wants us to wait, when it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}

/// GitHub answered with a status that means trouble on its side.
#[derive(Debug, thiserror::Error)]
#[error("status {0}")]
pub(super) struct BadStatus(pub(super) u16);
