//! Who had a part in making it? They fill no seat (INV-4).

use crate::ids::GithubId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// As many accounts as one entry of the log has room for, with everything else that stands in it.
const MOST: usize = 500;

/// Which part somebody had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Asked for production.
    Requester,
    /// Wrote a commit.
    Author,
    /// Committed one.
    Committer,
    /// Is named in a `Co-authored-by` trailer.
    CoAuthor,
    /// Pushed the head.
    LastPusher,
    /// Started the run.
    Triggerer,
    /// Started it again.
    ReRunner,
    /// Opened the pull request.
    PullRequestAuthor,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requester => "requester",
            Self::Author => "author",
            Self::Committer => "committer",
            Self::CoAuthor => "co-author",
            Self::LastPusher => "last pusher",
            Self::Triggerer => "started the run",
            Self::ReRunner => "started the run again",
            Self::PullRequestAuthor => "opened the pull request",
        })
    }
}

/// One GitHub account with all its parts. Names are not kept: the numeric id is what counts, and what the log may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    /// The account.
    pub github_id: GithubId,
    /// What it did.
    pub parts: BTreeSet<Part>,
}

/// Everybody who had a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributors {
    /// Accounts that GitHub identifies, bots among them: a bot has no person and could never sign.
    pub known: Vec<Contributor>,
    /// Parts taken by somebody whom no account identifies, or that could not be read at all. Any closes the gate.
    pub unknown: BTreeSet<Part>,
}

impl Contributors {
    /// Collects `(who, part)` pairs; `None` is somebody whom no account identifies.
    #[must_use]
    pub fn collect(parts: impl IntoIterator<Item = (Option<GithubId>, Part)>) -> Self {
        let mut known: BTreeMap<GithubId, BTreeSet<Part>> = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for (who, part) in parts {
            match who {
                Some(id) => {
                    known.entry(id).or_default().insert(part);
                }
                None => {
                    unknown.insert(part);
                }
            }
        }
        // One entry has room for so many; beyond it nobody's independence is certain.
        if known.len() > MOST {
            unknown.insert(Part::CoAuthor);
        }
        let known = known.into_iter().take(MOST);
        Self { known: known.map(|(github_id, parts)| Contributor { github_id, parts }).collect(), unknown }
    }

    /// The parts of this account.
    #[must_use]
    pub fn parts_of(&self, id: GithubId) -> Vec<Part> {
        self.known.iter().filter(|c| c.github_id == id).flat_map(|c| c.parts.iter().copied()).collect()
    }
}
