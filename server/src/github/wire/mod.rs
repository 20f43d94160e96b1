//! How does GitHub's JSON become a fact? Its shape as it arrives, and the rules that every value must keep.
//!
//! Nothing outside this folder sees a raw value. A rule that is broken makes the whole answer unreadable.

mod checks;
mod deliveries;
mod git;
mod runs;

pub(super) use checks::{RawArtifacts, RawCheckRuns};
pub(super) use deliveries::RawDelivery;
pub(super) use git::{RawActivity, RawCommit, RawComparison, RawContent, RawPull, RawPullNumber, RawTree};
pub(super) use runs::{RawJob, RawJobs, RawPending, RawRepository, RawReview, RawRun, RawRuns};

use super::error::Error;
use super::facts::{Account, AccountKind};
use gatehouse_domain::GithubId;
use serde::Deserialize;
use std::str::FromStr;
use url::Url;

/// Which rule an answer breaks, in our own words.
#[derive(Debug)]
pub(in crate::github) struct Unfit(pub(in crate::github) &'static str);

impl Unfit {
    pub(in crate::github) fn about(self, what: &str) -> Error {
        Error::Unreadable { what: what.to_owned(), why: self.0.to_owned() }
    }
}

/// GitHub counts from 1, and the database's `bigint` ends at 2^63.
pub(in crate::github) fn number(n: u64, why: &'static str) -> Result<u64, Unfit> {
    if (1..=i64::MAX as u64).contains(&n) { Ok(n) } else { Err(Unfit(why)) }
}

fn parsed<T: FromStr>(text: &str, why: &'static str) -> Result<T, Unfit> {
    text.parse().map_err(|_| Unfit(why))
}

/// A link that a page may show: anything but http(s) is somebody's script.
fn link(text: &str) -> Result<Url, Unfit> {
    let url: Url = parsed(text, "a link is no URL")?;
    if matches!(url.scheme(), "https" | "http") { Ok(url) } else { Err(Unfit("a link is not http(s)")) }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawAccount {
    id: u64,
    login: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl TryFrom<RawAccount> for Account {
    type Error = Unfit;
    fn try_from(raw: RawAccount) -> Result<Self, Unfit> {
        if !(1..=100).contains(&raw.login.len()) || !raw.login.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Unfit("a login is no login"));
        }
        let kind = raw.kind.as_deref().map_or(AccountKind::Other, AccountKind::of);
        Ok(Self { id: GithubId(number(raw.id, "an account's id is no id")?), login: raw.login, kind })
    }
}
