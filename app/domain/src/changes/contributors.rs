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

impl Part {
    /// Whether this part sets things going, so that a human being who has it answers for the bots.
    fn sets_going(self) -> bool {
        matches!(self, Self::Requester | Self::LastPusher | Self::Triggerer | Self::ReRunner)
    }
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

/// Whoever took a part, as far as GitHub tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An account that a human being may sit behind: whatever GitHub does not itself call a bot.
    Human(GithubId),
    /// A bot. It has no person and never counts; whoever set it going is what matters (ATK-05).
    Bot(GithubId),
    /// Nobody whom an account identifies.
    Nobody,
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
    /// Those of `known` that a human being may sit behind and that the configuration lists for nobody: each may be
    /// the second account of somebody who approves (ATK-02). Any closes the gate.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unlisted: BTreeSet<GithubId>,
    /// Those of `known` that are bots.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub bots: BTreeSet<GithubId>,
}

impl Contributors {
    /// Collects `(who, part)` pairs. `listed` are the accounts of which the configuration says whose they are.
    ///
    /// Bots alone make nothing: somebody set them going, and when nobody who asked, pushed or started is human, that
    /// somebody may be anybody.
    #[must_use]
    pub fn collect(parts: impl IntoIterator<Item = (Who, Part)>, listed: &BTreeSet<GithubId>) -> Self {
        let mut known: BTreeMap<GithubId, BTreeSet<Part>> = BTreeMap::new();
        let mut all = Self::default();
        let mut set_going = false;
        for (who, part) in parts {
            let id = match who {
                Who::Human(id) => {
                    set_going |= part.sets_going();
                    if !listed.contains(&id) {
                        all.unlisted.insert(id);
                    }
                    id
                }
                Who::Bot(id) => {
                    all.bots.insert(id);
                    id
                }
                Who::Nobody => {
                    all.unknown.insert(part);
                    continue;
                }
            };
            known.entry(id).or_default().insert(part);
        }
        if !set_going {
            all.unknown.insert(Part::Triggerer);
        }
        // One entry has room for so many; beyond it nobody's independence is certain.
        if known.len() > MOST {
            all.unknown.insert(Part::CoAuthor);
            let cut = known.keys().nth(MOST).copied();
            all.unlisted.retain(|id| cut.is_none_or(|cut| *id < cut));
            all.bots.retain(|id| cut.is_none_or(|cut| *id < cut));
        }
        let known = known.into_iter().take(MOST);
        Self { known: known.map(|(github_id, parts)| Contributor { github_id, parts }).collect(), ..all }
    }

    /// Those who asked for production, to be told again when everything else is read again.
    pub fn requesters(&self) -> impl Iterator<Item = Who> {
        self.known
            .iter()
            .filter(|c| c.parts.contains(&Part::Requester))
            .map(|c| if self.bots.contains(&c.github_id) { Who::Bot(c.github_id) } else { Who::Human(c.github_id) })
    }

    /// The parts of this account.
    #[must_use]
    pub fn parts_of(&self, id: GithubId) -> Vec<Part> {
        self.known.iter().filter(|c| c.github_id == id).flat_map(|c| c.parts.iter().copied()).collect()
    }
}
