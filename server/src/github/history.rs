//! What changed between what runs and what is to run, and who had a hand in it.

use super::facts::{Account, CommitFacts, Comparison, FileFacts, PullRequestFacts};
use super::wire::{RawAccount, RawActivity, RawCommit, RawComparison, RawPull, RawPullNumber, Unfit};
use super::{Client, Error, RepoName};
use gatehouse_domain::{CommitSha, GithubId};
use url::form_urlencoded;

/// GitHub gives at most this many files for the whole comparison, and does not say that it stopped.
const FILE_LIMIT: usize = 300;
/// 5,000 commits: more than half a year of one service; past it the comparison says it is incomplete.
const MAX_COMMIT_PAGES: usize = 50;
/// A commit in more open and merged pull requests than this is nothing a person could review.
const MAX_PULLS: usize = 30;
/// GitHub lists no more of a pull request's commits than this.
const PULL_COMMIT_LIMIT: usize = 250;
/// The activity log is newest first; a push further back than 500 others is not found.
const MAX_ACTIVITY_PAGES: usize = 5;

impl Client {
    /// Everything from `base` (what runs now) to `head` (what is to run).
    ///
    /// Commits are paged until all are there. Files come with the first page only; at 300 there may be
    /// more, which `files_complete` says.
    pub async fn compare(&self, repo: &RepoName, base: &CommitSha, head: &CommitSha) -> Result<Comparison, Error> {
        let what = format!("the comparison of {} with {} in {repo}", base.short(), head.short());
        let route = |page: usize| format!("/repos/{repo}/compare/{base}...{head}?per_page=100&page={page}");
        let mut first: RawComparison = self.read_page(&route(1), &what).await?.items;
        let unreadable = |unfit: Unfit| unfit.about(&what);
        let status = first.status().map_err(unreadable)?;
        let merge_base = first.merge_base().map_err(unreadable)?;
        let total_commits = first.total_commits;

        let mut commits: Vec<RawCommit> = std::mem::take(&mut first.commits);
        for page in 2..=MAX_COMMIT_PAGES {
            if commits.len() >= total_commits {
                break;
            }
            let next: RawComparison = self.read_page(&route(page), &what).await?.items;
            if next.total_commits != total_commits || next.commits.is_empty() {
                break;
            }
            commits.extend(next.commits);
        }
        let commits: Vec<CommitFacts> = parse_all(commits, &what)?;

        let files_given = first.files.is_some();
        let files: Vec<FileFacts> = first.files.unwrap_or_default().into_iter().map(FileFacts::from).collect();
        Ok(Comparison {
            status,
            merge_base,
            total_commits,
            commits_complete: commits.len() == total_commits,
            files_complete: files_given && files.len() < FILE_LIMIT,
            commits,
            files,
        })
    }

    /// The pull requests that brought this commit, merged or open.
    pub async fn list_pull_requests_of(
        &self,
        repo: &RepoName,
        sha: &CommitSha,
    ) -> Result<Vec<PullRequestFacts>, Error> {
        let what = format!("the pull requests of {} in {repo}", sha.short());
        let route = format!("/repos/{repo}/commits/{sha}/pulls?per_page=100");
        let listed: Vec<RawPullNumber> = self.read_page(&route, &what).await?.items;
        if listed.len() > MAX_PULLS {
            return Err(Error::Truncated { what });
        }
        let mut pulls = Vec::with_capacity(listed.len());
        // One after the other: GitHub asks not to be called in parallel. The list lacks who merged.
        for RawPullNumber { number } in listed {
            let what = format!("pull request {number} of {repo}");
            pulls.push(self.read::<RawPull, _>(&format!("/repos/{repo}/pulls/{number}"), &what).await?);
        }
        Ok(pulls)
    }

    /// The commits of a pull request as it was reviewed. After a squash they are nowhere else, and the
    /// merger may have edited the trailers that would name their authors.
    pub async fn list_pull_request_commits(&self, repo: &RepoName, number: u64) -> Result<Vec<CommitFacts>, Error> {
        let what = format!("the commits of pull request {number} of {repo}");
        let mut commits: Vec<RawCommit> = Vec::new();
        for page in 1..=PULL_COMMIT_LIMIT.div_ceil(100) {
            let route = format!("/repos/{repo}/pulls/{number}/commits?per_page=100&page={page}");
            let next: Vec<RawCommit> = self.read_page(&route, &what).await?.items;
            let last = next.len() < 100;
            commits.extend(next);
            if last {
                break;
            }
        }
        // GitHub stops at its limit without a word: exactly that many may be all of them, or not.
        if commits.len() >= PULL_COMMIT_LIMIT { Err(Error::Truncated { what }) } else { parse_all(commits, &what) }
    }

    /// Everybody who moved `branch` on its way to `head`, by GitHub's own log of pushes and merges: since `base`, or
    /// since the branch was made. The names on commits are their committer's to choose; this log is not (ATK-04).
    /// `None` when the log does not tell it whole: too far back, no such branch, or moved by somebody who is gone.
    pub async fn list_pushers(
        &self,
        repo: &RepoName,
        branch: &str,
        base: Option<&CommitSha>,
        head: &CommitSha,
    ) -> Result<Option<Vec<Account>>, Error> {
        let what = format!("who pushed {} to {repo}", head.short());
        let git_ref = format!("refs/heads/{branch}");
        let mut query = form_urlencoded::Serializer::new(String::new())
            .append_pair("ref", &git_ref)
            .append_pair("per_page", "100")
            .finish();
        let mut pushers: Vec<Account> = Vec::new();
        let mut began = false;
        for _ in 0..MAX_ACTIVITY_PAGES {
            let page = self.read_page::<Vec<RawActivity>>(&format!("/repos/{repo}/activity?{query}"), &what).await?;
            for activity in page.items.into_iter().filter(|a| a.git_ref == git_ref) {
                began |= activity.after == head.as_str();
                if !began {
                    continue;
                }
                let Some(actor) = activity.actor else { return Ok(None) };
                pushers.push(actor.try_into().map_err(|unfit: Unfit| unfit.about(&what))?);
                if base.is_some_and(|base| activity.before == base.as_str()) {
                    return Ok(Some(pushers));
                }
            }
            let Some(next) = page.next_query else {
                // The whole log of this branch; of one that began elsewhere it does not say who made what it began with.
                return Ok((began && base.is_none()).then_some(pushers));
            };
            query = next;
        }
        Ok(None)
    }
}

impl Client {
    /// What GitHub itself says of the account with this number.
    pub async fn read_account(&self, id: GithubId) -> Result<Account, Error> {
        let what = format!("GitHub account {id}");
        let account: Account = self.read::<RawAccount, _>(&format!("/user/{id}"), &what).await?;
        if account.id == id { Ok(account) } else { Err(Unfit("another account than was asked for").about(&what)) }
    }
}

fn parse_all<Raw, T: TryFrom<Raw, Error = Unfit>>(raw: Vec<Raw>, what: &str) -> Result<Vec<T>, Error> {
    raw.into_iter().map(|r| r.try_into().map_err(|unfit: Unfit| unfit.about(what))).collect()
}
