//! Who had a part in making it, as far as GitHub tells? Everybody who is found here fills no seat on the change.
//!
//! The names on a commit are its committer's to choose. So whoever pushed, merged and started it is read from GitHub's
//! own records, for the whole way from what production runs to what it is to run; where those records do not reach,
//! somebody is unknown and the gate stays shut.

use super::reading::or_unreadable;
use crate::context::Context;
use crate::github::facts::{
    Account, AccountKind, CommitFacts, Comparison, ComparisonStatus, Contributor, PullRequestFacts, RunFacts,
};
use crate::github::{self, RepoName};
use gatehouse_domain::changes::{Contributors, Part, Source, Who};
use gatehouse_domain::{CommitSha, GithubId, RunAttempt};
use std::collections::BTreeMap;

/// A promotion of more commits than this is not looked through pull request by pull request; its gate stays shut.
const MAX_COMMITS: usize = 100;
/// A run that was started more often than this is not looked through attempt by attempt.
const MAX_ATTEMPTS: u64 = 50;
/// More accounts than this that only an address names are not asked for one by one.
const MAX_CLAIMED: usize = 50;

/// What was found.
pub(super) struct Making {
    /// Everybody, for the decision.
    pub(super) contributors: Contributors,
    /// What the accounts are called today, for the page.
    pub(super) logins: BTreeMap<String, String>,
    /// The newest pull request, for the page.
    pub(super) last_pull: Option<PullRequestFacts>,
}

/// Reads who made what lies between `base` and the run's commit. `requesters` asked for production.
pub(super) async fn read_making(
    ctx: &Context,
    repository: &RepoName,
    run: &RunFacts,
    requesters: &[Who],
    base: Option<&CommitSha>,
    comparison: Option<&Comparison>,
) -> Making {
    let github = &ctx.github;
    let pulls = match comparison {
        Some(comparison) => read_pulls(github, repository, comparison).await,
        None => None,
    };
    let pushers = read_pushers(github, repository, run, base).await;
    let starters = read_starters(github, repository, run).await;
    let mut found = Found::default();
    found.parts.extend(requesters.iter().map(|who| (*who, Part::Requester)));
    found.of_run(run, starters, pushers);
    found.of_pulls(pulls.as_deref());
    match comparison {
        Some(comparison) if is_whole(comparison) => found.of_commits(&comparison.commits),
        _ => found.unknown(Part::Author),
    }
    found.ask_about_claimed(github).await;
    let contributors = Contributors::collect(found.parts, &ctx.config.listed_accounts());
    Making {
        contributors,
        logins: found.logins,
        last_pull: pulls.and_then(|pulls| Some(pulls.into_iter().last()?.facts)),
    }
}

/// A pull request with its own commits, and whoever moved its branch (`None`: not told).
struct Pull {
    facts: PullRequestFacts,
    commits: Vec<CommitFacts>,
    pushers: Option<Vec<Account>>,
}

/// The pull requests that brought these commits, each once; `None` when that could not be read whole.
async fn read_pulls(github: &github::Client, repository: &RepoName, comparison: &Comparison) -> Option<Vec<Pull>> {
    if comparison.commits.len() > MAX_COMMITS {
        return None;
    }
    let mut pulls: BTreeMap<u64, Pull> = BTreeMap::new();
    for commit in &comparison.commits {
        let listed = or_unreadable(github.list_pull_requests_of(repository, &commit.sha).await, Source::Github).ok()?;
        for facts in listed {
            // A pull request that is still open holds the commit too, but it is not how it came here.
            if !facts.merged || pulls.contains_key(&facts.number) {
                continue;
            }
            // A squash keeps one author; the others are in the pull request's own commits.
            let commits = github.list_pull_request_commits(repository, facts.number).await;
            let commits = or_unreadable(commits, Source::Github).ok()?;
            let pushers = github.list_pushers(repository, &facts.head_branch, None, &facts.head_sha).await;
            let pushers = or_unreadable(pushers, Source::Github).ok()?;
            pulls.insert(facts.number, Pull { facts, commits, pushers });
        }
    }
    Some(pulls.into_values().collect())
}

/// Whether the comparison lists everything that separates production from this commit. Of a commit that is behind
/// or beside what production runs GitHub lists only one side: what would be taken *out* is not in it.
pub(super) fn is_whole(comparison: &Comparison) -> bool {
    comparison.commits_complete && comparison.status == ComparisonStatus::Ahead
}

/// Everybody who moved the released branch since what production runs; `None` when that is not told whole.
async fn read_pushers(
    github: &github::Client,
    repository: &RepoName,
    run: &RunFacts,
    base: Option<&CommitSha>,
) -> Option<Vec<Account>> {
    let branch = run.head_branch.as_deref()?;
    or_unreadable(github.list_pushers(repository, branch, Some(base?), &run.head_sha).await, Source::Github).ok()?
}

/// Who started each earlier attempt: a later one may keep what an earlier one built. `None` when not all could be read.
async fn read_starters(github: &github::Client, repository: &RepoName, run: &RunFacts) -> Option<Vec<Account>> {
    if run.attempt.0 > MAX_ATTEMPTS {
        return None;
    }
    let mut starters = Vec::new();
    for attempt in 1..run.attempt.0 {
        let earlier = github.read_run_attempt(repository, run.id, RunAttempt(attempt)).await;
        starters.push(or_unreadable(earlier, Source::Github).ok()?.triggering_actor);
    }
    Some(starters)
}

/// An account as a decision sees it.
pub(super) fn who(account: &Account) -> Who {
    match account.kind {
        AccountKind::Bot => Who::Bot(account.id),
        // What GitHub does not itself call a bot may have a person behind it.
        _ => Who::Human(account.id),
    }
}

/// Parts as they are found.
#[derive(Default)]
struct Found {
    parts: Vec<(Who, Part)>,
    claimed: BTreeMap<GithubId, Vec<Part>>,
    logins: BTreeMap<String, String>,
}

impl Found {
    fn unknown(&mut self, part: Part) {
        self.parts.push((Who::Nobody, part));
    }

    fn account(&mut self, account: &Account, part: Part) {
        self.logins.insert(account.id.to_string(), account.login.clone());
        match account.kind {
            AccountKind::Claimed => self.claimed.entry(account.id).or_default().push(part),
            _ => self.parts.push((who(account), part)),
        }
    }

    fn accounts(&mut self, accounts: Option<&[Account]>, part: Part) {
        match accounts {
            Some(accounts) => accounts.iter().for_each(|account| self.account(account, part)),
            None => self.unknown(part),
        }
    }

    fn of_run(&mut self, run: &RunFacts, starters: Option<Vec<Account>>, pushers: Option<Vec<Account>>) {
        self.account(&run.actor, Part::Triggerer);
        if run.triggering_actor != run.actor {
            self.account(&run.triggering_actor, Part::ReRunner);
        }
        self.accounts(starters.as_deref(), Part::ReRunner);
        self.accounts(pushers.as_deref(), Part::LastPusher);
    }

    fn of_pulls(&mut self, pulls: Option<&[Pull]>) {
        let Some(pulls) = pulls else { return self.unknown(Part::PullRequestAuthor) };
        for pull in pulls {
            self.account(&pull.facts.author, Part::PullRequestAuthor);
            // Whoever merged pushed to the branch that is released.
            if let Some(merger) = &pull.facts.merged_by {
                self.account(merger, Part::LastPusher);
            }
            self.accounts(pull.pushers.as_deref(), Part::LastPusher);
            let mut hands = pull.pushers.iter().flatten().chain(&pull.facts.merged_by).chain([&pull.facts.author]);
            // Bots opened, pushed and merged it: whoever set them going is nowhere named (ATK-05).
            if hands.all(|account| account.kind == AccountKind::Bot) {
                self.unknown(Part::PullRequestAuthor);
            }
            self.of_commits(&pull.commits);
        }
    }

    fn of_commits(&mut self, commits: &[CommitFacts]) {
        for commit in commits {
            let roles = [(&commit.author, Part::Author), (&commit.committer, Part::Committer)];
            for (who, part) in roles.into_iter().chain(commit.co_authors.iter().map(|who| (who, Part::CoAuthor))) {
                match who {
                    Contributor::Account(found) => self.account(found, part),
                    // GitHub itself commits what people merge on its pages; the merger is the pusher.
                    Contributor::Github => {}
                    Contributor::Unresolved { .. } => self.unknown(part),
                }
            }
        }
    }

    /// An address can call anybody a bot; GitHub knows.
    async fn ask_about_claimed(&mut self, github: &github::Client) {
        for (asked, (id, parts)) in std::mem::take(&mut self.claimed).into_iter().enumerate() {
            let told = match asked < MAX_CLAIMED {
                true => or_unreadable(github.read_account(id).await, Source::Github).ok(),
                false => None,
            };
            for part in parts {
                // Whoever it is, the number is excluded; what is not known of it keeps the gate shut.
                match &told {
                    Some(account) => self.account(account, part),
                    None => self.parts.extend([(Who::Human(id), part), (Who::Nobody, part)]),
                }
            }
        }
    }
}
