//! What does a page want to hear about? One coarse topic, which its address names.

use gatehouse_domain::ChangeNumber;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a page is about, as far as listening goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Topic {
    /// What needs somebody; also what every page's frame counts.
    Home,
    /// The list of changes.
    Changes,
    /// One change.
    Change(ChangeNumber),
    /// Keys, tokens and sessions, and the people who have them.
    Keys,
    /// Runs of pipelines.
    Pipelines,
    /// The log.
    Audit,
    /// What is in the clusters.
    Environments,
}

/// Not the name of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTopic;

impl fmt::Display for NoTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such topic")
    }
}

impl std::error::Error for NoTopic {}

impl Topic {
    /// The topic of the page at this path; the frame's where the page has none of its own.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let path = path.trim_matches('/');
        match path.split_once('/') {
            Some(("changes", open)) => {
                let number = open.strip_suffix("/data").unwrap_or(open);
                number.parse().map_or(Self::Changes, Self::Change)
            }
            Some(("keys" | "people", _)) => Self::Keys,
            Some(("pipelines", _)) => Self::Pipelines,
            Some(("environments" | "services", _)) => Self::Environments,
            None if path == "services" => Self::Environments,
            None if matches!(path, "people" | "sessions") => Self::Keys,
            _ => path.parse().unwrap_or(Self::Home),
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("home"),
            Self::Changes => f.write_str("changes"),
            Self::Change(number) => number.fmt(f),
            Self::Keys => f.write_str("keys"),
            Self::Pipelines => f.write_str("pipelines"),
            Self::Audit => f.write_str("audit"),
            Self::Environments => f.write_str("environments"),
        }
    }
}

impl FromStr for Topic {
    type Err = NoTopic;

    fn from_str(text: &str) -> Result<Self, NoTopic> {
        match text {
            "home" => Ok(Self::Home),
            "changes" => Ok(Self::Changes),
            "keys" => Ok(Self::Keys),
            "pipelines" => Ok(Self::Pipelines),
            "audit" => Ok(Self::Audit),
            "environments" => Ok(Self::Environments),
            number => number.parse().map(Self::Change).map_err(|_| NoTopic),
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = NoTopic;

    fn try_from(text: String) -> Result<Self, NoTopic> {
        text.parse()
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_topic_and_every_topic_a_name() {
        for (path, topic) in [
            ("/", "home"),
            ("/changes", "changes"),
            ("/changes/CHG-2026-000004", "CHG-2026-000004"),
            ("/changes/CHG-2026-000004/data", "CHG-2026-000004"),
            ("/changes/../audit", "changes"),
            ("/changes/habits", "changes"),
            ("/keys", "keys"),
            ("/people", "keys"),
            ("/sessions", "keys"),
            ("/keys/tokens", "keys"),
            ("/people/requests/01990000-0000-7000-8000-00000000000a", "keys"),
            ("/pipelines", "pipelines"),
            ("/pipelines/17", "pipelines"),
            ("/audit", "audit"),
            ("/environments", "environments"),
            ("/environments/staging", "environments"),
            ("/no/such", "home"),
        ] {
            assert_eq!(Topic::of_path(path).to_string(), topic, "{path}");
            assert_eq!(topic.parse(), Ok(Topic::of_path(path)), "{topic}");
        }
        for none in ["", "Home", "CHG-1", "changes/CHG-2026-000004", "home,audit"] {
            assert_eq!(none.parse::<Topic>(), Err(NoTopic), "{none}");
        }
    }
}
