//! Commits, pull requests, pushes and trees.

use super::super::facts::{Account, CommitFacts, ComparisonStatus, EntryKind, FileFacts, PullRequestFacts, TreeEntry};
use super::super::people;
use super::{RawAccount, Unfit, link, number, parsed};
use gatehouse_domain::CommitSha;
use serde::Deserialize;

/// A commit's account: an object, `null`, or (GitHub's schema allows it) an object without anything in it.
#[derive(Deserialize)]
struct MaybeAccount {
    id: Option<u64>,
    login: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn known(raw: Option<MaybeAccount>) -> Result<Option<Account>, Unfit> {
    match raw {
        None | Some(MaybeAccount { id: None, login: None, .. }) => Ok(None),
        Some(MaybeAccount { id: Some(id), login: Some(login), kind }) => {
            RawAccount { id, login, kind }.try_into().map(Some)
        }
        Some(_) => Err(Unfit("a commit's account has no id or no login")),
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawSha {
    sha: String,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawComparison {
    status: String,
    merge_base_commit: RawSha,
    pub(in crate::github) total_commits: usize,
    pub(in crate::github) commits: Vec<RawCommit>,
    pub(in crate::github) files: Option<Vec<RawFile>>,
}

impl RawComparison {
    pub(in crate::github) fn status(&self) -> Result<ComparisonStatus, Unfit> {
        match self.status.as_str() {
            "ahead" => Ok(ComparisonStatus::Ahead),
            "behind" => Ok(ComparisonStatus::Behind),
            "diverged" => Ok(ComparisonStatus::Diverged),
            "identical" => Ok(ComparisonStatus::Identical),
            _ => Err(Unfit("the comparison's status is none that GitHub documents")),
        }
    }

    pub(in crate::github) fn merge_base(&self) -> Result<CommitSha, Unfit> {
        parsed(&self.merge_base_commit.sha, "the merge base is no commit SHA")
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawCommit {
    sha: String,
    commit: RawCommitBody,
    author: Option<MaybeAccount>,
    committer: Option<MaybeAccount>,
}

#[derive(Deserialize)]
struct RawCommitBody {
    message: String,
    author: Option<RawSignature>,
    committer: Option<RawSignature>,
    verification: Option<RawVerification>,
}

#[derive(Deserialize)]
struct RawVerification {
    verified: bool,
}

#[derive(Deserialize, Default)]
struct RawSignature {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

impl TryFrom<RawCommit> for CommitFacts {
    type Error = Unfit;
    fn try_from(raw: RawCommit) -> Result<Self, Unfit> {
        let author = raw.commit.author.unwrap_or_default();
        let committer = raw.commit.committer.unwrap_or_default();
        let signed = raw.commit.verification.is_some_and(|v| v.verified);
        Ok(Self {
            sha: parsed(&raw.sha, "a commit's SHA is no commit SHA")?,
            author: people::author(known(raw.author)?, &author.name, &author.email),
            committer: people::committer(known(raw.committer)?, signed, &committer.name, &committer.email),
            co_authors: people::co_authors(&raw.commit.message),
            message: raw.commit.message,
        })
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawFile {
    filename: String,
    previous_filename: Option<String>,
    status: String,
    #[serde(default)]
    additions: u64,
    #[serde(default)]
    deletions: u64,
    patch: Option<String>,
}

impl RawFile {
    /// A submodule's diff has lines, and they say so. GitHub leaves a diff out that is too long, and there is none of a
    /// file that only moved; one without any lines is binary.
    fn may_be_submodule(&self) -> bool {
        const MARK: &str = "Subproject commit ";
        match &self.patch {
            Some(patch) => patch.lines().any(|line| line.get(1..).is_some_and(|text| text.starts_with(MARK))),
            None => self.additions + self.deletions > 0 || self.previous_filename.is_some(),
        }
    }
}

impl From<RawFile> for FileFacts {
    fn from(raw: RawFile) -> Self {
        Self {
            may_be_submodule: raw.may_be_submodule(),
            path: raw.filename,
            previous_path: raw.previous_filename,
            status: raw.status,
            additions: raw.additions,
            deletions: raw.deletions,
        }
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawPullNumber {
    pub(in crate::github) number: u64,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawPull {
    number: u64,
    title: String,
    user: Option<RawAccount>,
    merged: bool,
    merged_by: Option<RawAccount>,
    html_url: String,
    head: RawHead,
}

#[derive(Deserialize)]
struct RawHead {
    sha: String,
    #[serde(rename = "ref")]
    branch: String,
}

impl TryFrom<RawPull> for PullRequestFacts {
    type Error = Unfit;
    fn try_from(raw: RawPull) -> Result<Self, Unfit> {
        Ok(Self {
            number: number(raw.number, "a pull request's number is no number")?,
            title: raw.title,
            author: raw.user.ok_or(Unfit("a pull request has no author"))?.try_into()?,
            merged_by: raw.merged_by.map(Account::try_from).transpose()?,
            merged: raw.merged,
            html_url: link(&raw.html_url)?,
            head_sha: parsed(&raw.head.sha, "a pull request's head is no commit SHA")?,
            head_branch: raw.head.branch,
        })
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawActivity {
    pub(in crate::github) before: String,
    pub(in crate::github) after: String,
    #[serde(rename = "ref")]
    pub(in crate::github) git_ref: String,
    pub(in crate::github) actor: Option<RawAccount>,
}

/// What GitHub has under a path: a list for a folder.
#[derive(Deserialize)]
#[serde(untagged)]
pub(in crate::github) enum RawContent {
    One(RawFileContent),
    #[expect(dead_code, reason = "that it is a list is all that counts")]
    Folder(Vec<serde::de::IgnoredAny>),
}

#[derive(Deserialize)]
pub(in crate::github) struct RawFileContent {
    #[serde(rename = "type")]
    pub(in crate::github) kind: String,
    pub(in crate::github) encoding: Option<String>,
    pub(in crate::github) content: Option<String>,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawTree {
    pub(in crate::github) tree: Vec<RawEntry>,
    pub(in crate::github) truncated: bool,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawEntry {
    path: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

impl TryFrom<RawEntry> for TreeEntry {
    type Error = Unfit;
    fn try_from(raw: RawEntry) -> Result<Self, Unfit> {
        let kind = match (raw.kind.as_str(), raw.mode.as_str()) {
            ("blob", "100644" | "100755" | "120000") => EntryKind::Blob,
            ("tree", "040000") => EntryKind::Tree,
            ("commit", "160000") => EntryKind::Commit,
            _ => return Err(Unfit("a tree entry's mode and type are none that Git has")),
        };
        let sha = parsed(&raw.sha, "a tree entry's SHA is no Git object name")?;
        Ok(Self { path: raw.path, mode: raw.mode, kind, sha })
    }
}
