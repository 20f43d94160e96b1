//! Which files differ between what production runs and this commit? All of them, or a word on why that is not known.

use super::reading::or_unreadable;
use crate::github::facts::{Comparison, ComparisonStatus, TreeEntry};
use crate::github::{self, RepoName};
use gatehouse_domain::CommitSha;
use gatehouse_domain::changes::{ChangedFiles, Doubt, Source};

/// Reads them. GitHub's comparison is taken where it is whole and holds nothing that may be a submodule; else the files
/// of both commits are listed, because a comparison stops at 300 files without a word and tells no modes.
pub(super) async fn read_changed(
    github: &github::Client,
    repository: &RepoName,
    base: Option<&CommitSha>,
    head: &CommitSha,
    comparison: Option<&Comparison>,
) -> ChangedFiles {
    let Some(base) = base else { return ChangedFiles::unknown(Doubt::NoBase) };
    let Some(comparison) = comparison else { return ChangedFiles::unknown(Doubt::Unreadable) };
    if comparison.status != ComparisonStatus::Ahead {
        return ChangedFiles::unknown(Doubt::NotAhead);
    }
    let names = comparison.files.iter().map(|file| (file.path.as_str(), file.previous_path.as_deref()));
    let listed = ChangedFiles::listed(names);
    if comparison.files_complete && !comparison.files.iter().any(|file| file.may_be_submodule) {
        return listed;
    }
    let before = or_unreadable(github.read_whole_tree(repository, base).await, Source::Github);
    let now = or_unreadable(github.read_whole_tree(repository, head).await, Source::Github);
    match (before, now) {
        (Ok(Some(before)), Ok(Some(now))) => ChangedFiles::between(files(&before), files(&now)),
        (Ok(_), Ok(_)) => listed.doubted(Doubt::Truncated),
        (Err(_), _) | (_, Err(_)) => listed.doubted(Doubt::Unreadable),
    }
}

fn files(tree: &[TreeEntry]) -> impl Iterator<Item = (&str, &str, &str)> {
    tree.iter().map(|entry| (entry.path.as_str(), entry.mode.as_str(), entry.sha.as_str()))
}
