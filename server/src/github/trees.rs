//! A folder's content at one commit, as Git addresses it.

use super::facts::{EntryKind, TreeEntry};
use super::wire::{RawTree, Unfit};
use super::{Client, Error, RepoName};
use gatehouse_domain::CommitSha;

impl Client {
    /// Everything under `path` at `commit`, folders included, with paths relative to `path`; `None` when
    /// there is no such path.
    ///
    /// Walks down folder by folder and asks for the whole only at the end, so that a large repository does
    /// not cut short a small folder. Where GitHub cuts short all the same: [`Error::Truncated`]. A file, a
    /// link or a submodule where a folder should be is [`Error::Unreadable`], never an empty folder.
    pub async fn read_subtree(
        &self,
        repo: &RepoName,
        commit: &CommitSha,
        path: &str,
    ) -> Result<Option<Vec<TreeEntry>>, Error> {
        let what = format!("the folder {path:?} at {} of {repo}", commit.short());
        let unreadable = |why: &str| Error::Unreadable { what: what.clone(), why: why.to_owned() };
        let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !plain {
            return Err(unreadable("the path is not a plain one"));
        }
        let mut at = commit.as_str().to_owned();
        for part in path.split('/') {
            let (entries, truncated) = self.read_tree(repo, &at, false, &what).await?;
            at = match entries.into_iter().find(|e| e.path == part) {
                Some(entry) if entry.kind == EntryKind::Tree => entry.sha.as_str().to_owned(),
                Some(_) => return Err(unreadable("it is not a folder")),
                None if truncated => return Err(Error::Truncated { what }),
                None => return Ok(None),
            };
        }
        match self.read_tree(repo, &at, true, &what).await? {
            (_, true) => Err(Error::Truncated { what }),
            (entries, false) => Ok(Some(entries)),
        }
    }

    /// Every file of a commit, submodules included; `None` where GitHub cuts the list short.
    pub async fn read_whole_tree(&self, repo: &RepoName, commit: &CommitSha) -> Result<Option<Vec<TreeEntry>>, Error> {
        let what = format!("the files at {} of {repo}", commit.short());
        let (mut entries, truncated) = self.read_tree(repo, commit.as_str(), true, &what).await?;
        entries.retain(|entry| entry.kind != EntryKind::Tree);
        Ok((!truncated).then_some(entries))
    }

    async fn read_tree(
        &self,
        repo: &RepoName,
        tree: &str,
        recursive: bool,
        what: &str,
    ) -> Result<(Vec<TreeEntry>, bool), Error> {
        // GitHub takes any value of `recursive`, `0` and `false` too, for a yes.
        let query = if recursive { "?recursive=1" } else { "" };
        let raw: RawTree = self.read_page(&format!("/repos/{repo}/git/trees/{tree}{query}"), what).await?.items;
        let entries = raw.tree.into_iter().map(|e| e.try_into().map_err(|u: Unfit| u.about(what)));
        Ok((entries.collect::<Result<_, _>>()?, raw.truncated))
    }
}
