//! What Gatehouse knows after it has asked GitHub: small, typed, parsed once.

use super::RepoName;
use chrono::{DateTime, Utc};
use gatehouse_domain::{CommitSha, Digest, GithubId, Malformed, RepositoryId, RunAttempt, RunId};
use std::str::FromStr;
use url::Url;

/// A repository, found by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// Survives renames and transfers.
    pub id: RepositoryId,
    /// What it is called today.
    pub full_name: RepoName,
}

/// What kind of actor an account is. Only `User` can be a human being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person's account, or one that claims to be.
    User,
    /// A GitHub App or other automaton.
    Bot,
    /// A placeholder left by an import.
    Mannequin,
    /// An organisation.
    Organization,
    /// Something GitHub had not documented when this was written.
    Other,
    /// Named by an address in a commit, which anybody can write; GitHub itself was not asked.
    Claimed,
}

impl AccountKind {
    /// From GitHub's own word for it.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "User" => Self::User,
            "Bot" => Self::Bot,
            "Mannequin" => Self::Mannequin,
            "Organization" => Self::Organization,
            _ => Self::Other,
        }
    }
}

/// Somebody with a GitHub number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The identity. Compare this, never the login.
    pub id: GithubId,
    /// The name of today, for people to read.
    pub login: String,
    /// Person or machine.
    pub kind: AccountKind,
}

/// Somebody whom a commit names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contributor {
    /// Somebody with a GitHub number.
    Account(Account),
    /// GitHub itself, which commits merges and web edits and signed this one. Only as a committer:
    /// anybody can write GitHub's address into a commit, so without its signature it is `Unresolved`.
    Github,
    /// A name and an address that lead to no account: whoever they are, they cannot be ruled out.
    Unresolved {
        /// As the commit has it.
        name: String,
        /// As the commit has it; empty when it has none.
        email: String,
    },
}

/// How far a run or a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// Asked for, not yet given a runner.
    Queued,
    /// Running.
    InProgress,
    /// Held by a protection rule, by concurrency or by an approval of first-time contributors.
    Waiting,
    /// Over; see the conclusion.
    Completed,
    /// A word that has no meaning here.
    Other(String),
}

/// How a run or a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// Passed.
    Success,
    /// Failed.
    Failure,
    /// Cancelled.
    Cancelled,
    /// Never ran because its condition did not hold.
    Skipped,
    /// A word that has no meaning here, such as `neutral` or `timed_out`: no success.
    Other(String),
}

impl Conclusion {
    /// GitHub's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Other(word) => word,
        }
    }
}

/// One workflow run as it is now; `attempt` tells which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFacts {
    /// The run.
    pub id: RunId,
    /// The latest attempt. All other fields are that attempt's.
    pub attempt: RunAttempt,
    /// The repository the run belongs to.
    pub repository_id: RepositoryId,
    /// Where the commit comes from, when GitHub says so; another number than `repository_id` is a fork.
    pub head_repository_id: Option<RepositoryId>,
    /// The commit it runs on.
    pub head_sha: CommitSha,
    /// The branch or tag; absent on a detached commit.
    pub head_branch: Option<String>,
    /// The workflow file, exactly as GitHub gives it (with `@ref` when it comes from elsewhere, which
    /// therefore equals no configured path).
    pub path: String,
    /// What started it: `push`, `workflow_dispatch`, …
    pub event: String,
    /// How far it has come.
    pub status: RunStatus,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
    /// The run's title, free text.
    pub title: String,
    /// Who caused the first attempt.
    pub actor: Account,
    /// Who caused this attempt.
    pub triggering_actor: Account,
    /// For a person's browser.
    pub html_url: Url,
    /// When the first attempt was created.
    pub created_at: DateTime<Utc>,
    /// When this attempt began; GitHub has always told it since there are attempts.
    pub started_at: Option<DateTime<Utc>>,
}

/// One job of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFacts {
    /// Its check run, where GitHub names one.
    pub check_run: Option<u64>,
    /// Its steps, in order.
    pub steps: Vec<StepFacts>,
    /// The job's name, matrix values included.
    pub name: String,
    /// How far it has come.
    pub status: RunStatus,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
}

/// One step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFacts {
    /// Its name.
    pub name: String,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
}

/// What an App says about a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRunFacts {
    /// Its number; a job's check run has the number that the job names.
    pub id: u64,
    /// Which App says it.
    pub app: String,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
}

/// What a run left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactFacts {
    /// Its number.
    pub id: u64,
    /// Its name (text of the workflow's author).
    pub name: String,
    /// How many bytes, by GitHub's word.
    pub size: u64,
    /// SHA-256 of the archive, where GitHub tells it.
    pub digest: Option<Digest>,
    /// Which run left it, where GitHub says so.
    pub run: Option<RunId>,
    /// On which commit.
    pub head_sha: Option<CommitSha>,
    /// Whether GitHub has thrown it away.
    pub expired: bool,
    /// When it was left.
    pub created_at: Option<DateTime<Utc>>,
}

/// One attempt to deliver a webhook, from the App's own log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFacts {
    /// This attempt.
    pub id: u64,
    /// What was to be delivered; every attempt has the same.
    pub guid: String,
    /// The event's name.
    pub event: String,
    /// When it was tried.
    pub delivered_at: DateTime<Utc>,
    /// Whose event it is; the App's own have none.
    pub installation_id: Option<u64>,
}

/// A part of that log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLog {
    /// Newest first.
    pub deliveries: Vec<DeliveryFacts>,
    /// Whether it reaches back as far as was asked for.
    pub is_complete: bool,
}

/// How two commits lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonStatus {
    /// The head has commits that the base lacks, and all of the base's.
    Ahead,
    /// The base has commits that the head lacks: going there is going back.
    Behind,
    /// Each has commits that the other lacks.
    Diverged,
    /// One commit.
    Identical,
}

/// Everything between what runs and what is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How the head lies to the base.
    pub status: ComparisonStatus,
    /// Where the two histories part.
    pub merge_base: CommitSha,
    /// How many commits the head has that the base lacks.
    pub total_commits: usize,
    /// Those commits, oldest first.
    pub commits: Vec<CommitFacts>,
    /// The files that differ between merge base and head.
    pub files: Vec<FileFacts>,
    /// Whether `commits` holds all of them.
    pub commits_complete: bool,
    /// Whether `files` is known to hold all of them: GitHub stops at 300 without a word.
    pub files_complete: bool,
}

/// One commit and everyone it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// The commit.
    pub sha: CommitSha,
    /// Its whole message, free text.
    pub message: String,
    /// Who wrote it, as the commit claims.
    pub author: Contributor,
    /// Who committed it, as the commit claims.
    pub committer: Contributor,
    /// Whom its `Co-authored-by:` trailers name.
    pub co_authors: Vec<Contributor>,
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its path at the head (at the base when it was removed).
    pub path: String,
    /// Its path at the base when it was renamed or copied.
    pub previous_path: Option<String>,
    /// `added`, `removed`, `modified`, `renamed`, `copied`, `changed`, `unchanged`.
    pub status: String,
    /// Lines added.
    pub additions: u64,
    /// Lines deleted.
    pub deletions: u64,
    /// Whether it may be a submodule: a comparison tells no modes. `false` is certain.
    pub may_be_submodule: bool,
}

/// One pull request that brought a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestFacts {
    /// Its number in the repository.
    pub number: u64,
    /// Its title, free text.
    pub title: String,
    /// Who opened it.
    pub author: Account,
    /// Who merged it, once it is merged.
    pub merged_by: Option<Account>,
    /// Whether it is merged.
    pub merged: bool,
    /// For a person's browser.
    pub html_url: Url,
    /// The last commit of its branch.
    pub head_sha: CommitSha,
    /// That branch's name, in whichever repository it is.
    pub head_branch: String,
}

/// Git's name of a file's or folder's content: 40 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSha(String);

impl ObjectSha {
    /// The 40 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectSha {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        // The rule is that of a commit's name: all of Git's objects are named alike.
        let sha: CommitSha =
            text.parse().map_err(|_| Malformed { what: "Git object name (40 lower-case hex digits)" })?;
        Ok(Self(sha.into()))
    }
}

/// What a tree entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file or a symbolic link; the mode tells.
    Blob,
    /// A folder.
    Tree,
    /// A submodule.
    Commit,
}

/// One entry of a Git tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Relative to the folder that was asked for.
    pub path: String,
    /// Git's mode: `100644`, `100755`, `120000`, `040000` or `160000`.
    pub mode: String,
    /// What it is.
    pub kind: EntryKind,
    /// The content, as Git addresses it.
    pub sha: ObjectSha,
}

/// One line of a run's review history: somebody's answer to what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewFacts {
    /// Which environments it was about, by their names in GitHub.
    pub environments: Vec<String>,
    /// `approved` or `rejected`; a word that GitHub adds is neither.
    pub state: String,
    /// What was written beside it, free text.
    pub comment: String,
    /// What kind of account said it; an App's is a bot.
    pub by: AccountKind,
}

/// One environment that a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDeployment {
    /// The environment's number.
    pub environment_id: u64,
    /// Its name in GitHub.
    pub environment: String,
}
