//! What is in a repository? Content-addressed blobs, trees and commits with Git's own object ids, so that a SHA
//! changes exactly when what it names changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sha1::{Digest, Sha1};

/// A path inside a repository to the blob it holds.
pub(crate) type Files = BTreeMap<String, String>;

/// Who, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub name: String,
    pub email: String,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub sha: String,
    pub tree: String,
    pub parents: Vec<String>,
    pub author: Signature,
    pub committer: Signature,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Blob,
    Tree,
    /// A commit of another repository: a submodule.
    Link,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub name: String,
    pub kind: Kind,
    pub sha: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Added,
    Removed,
    Modified,
    Renamed,
}

/// One changed file of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub path: String,
    pub previous: Option<String>,
    pub status: Status,
    /// The blob on the new side; the old one where the file was removed.
    pub sha: String,
    pub patch: Patch,
}

/// A unified diff of one file, and its counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    pub text: String,
    pub additions: usize,
    pub deletions: usize,
}

#[derive(Default)]
pub(crate) struct Store {
    blobs: BTreeMap<String, String>,
    links: BTreeSet<String>,
    trees: BTreeMap<String, Vec<Entry>>,
    commits: BTreeMap<String, Commit>,
}

fn object_id(kind: &str, body: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", body.len()));
    hash.update(body);
    hex::encode(hash.finalize())
}

impl Store {
    pub(crate) fn write_blob(&mut self, content: &str) -> String {
        let sha = object_id("blob", content.as_bytes());
        self.blobs.insert(sha.clone(), content.to_owned());
        sha
    }

    /// A submodule's commit, which is in another repository: a tree may point to it from now on.
    pub(crate) fn write_link(&mut self, commit: &str) -> String {
        self.links.insert(commit.to_owned());
        commit.to_owned()
    }

    pub(crate) fn write_tree(&mut self, files: &Files) -> String {
        let mut folders: BTreeMap<&str, Files> = BTreeMap::new();
        let mut entries = Vec::new();
        for (path, sha) in files {
            match path.split_once('/') {
                Some((folder, rest)) => {
                    folders.entry(folder).or_default().insert(rest.to_owned(), sha.clone());
                }
                None => {
                    let kind = if self.links.contains(sha) { Kind::Link } else { Kind::Blob };
                    entries.push(Entry { name: path.clone(), kind, sha: sha.clone() });
                }
            }
        }
        for (name, inner) in folders {
            let sha = self.write_tree(&inner);
            entries.push(Entry { name: name.to_owned(), kind: Kind::Tree, sha });
        }
        // Git sorts a folder as if its name ended in a slash.
        let key = |entry: &Entry| match entry.kind {
            Kind::Tree => format!("{}/", entry.name),
            Kind::Blob | Kind::Link => entry.name.clone(),
        };
        entries.sort_by_key(key);
        let mut body = Vec::new();
        for entry in &entries {
            let mode = match entry.kind {
                Kind::Tree => "40000",
                Kind::Blob => "100644",
                Kind::Link => "160000",
            };
            body.extend_from_slice(format!("{mode} {}\0", entry.name).as_bytes());
            body.extend(hex::decode(&entry.sha).unwrap_or_default());
        }
        let sha = object_id("tree", &body);
        self.trees.insert(sha.clone(), entries);
        sha
    }

    pub(crate) fn write_commit(
        &mut self,
        tree: String,
        parents: Vec<String>,
        author: Signature,
        committer: Signature,
        message: String,
    ) -> String {
        let line = |who: &Signature| format!("{} <{}> {} +0000", who.name, who.email, who.at.timestamp());
        let mut body = format!("tree {tree}\n");
        for parent in &parents {
            body.push_str(&format!("parent {parent}\n"));
        }
        body.push_str(&format!("author {}\ncommitter {}\n\n{message}", line(&author), line(&committer)));
        let sha = object_id("commit", body.as_bytes());
        self.commits.insert(sha.clone(), Commit { sha: sha.clone(), tree, parents, author, committer, message });
        sha
    }

    pub(crate) fn blob(&self, sha: &str) -> Option<&str> {
        self.blobs.get(sha).map(String::as_str)
    }

    pub(crate) fn tree(&self, sha: &str) -> Option<&[Entry]> {
        self.trees.get(sha).map(Vec::as_slice)
    }

    pub(crate) fn commit(&self, sha: &str) -> Option<&Commit> {
        self.commits.get(sha)
    }

    /// Every entry below a tree, folders before what they hold, as GitHub lists them.
    pub(crate) fn walk(&self, tree: &str) -> Vec<(String, Entry)> {
        let mut found = Vec::new();
        self.walk_into(tree, "", &mut found);
        found
    }

    fn walk_into(&self, tree: &str, prefix: &str, found: &mut Vec<(String, Entry)>) {
        for entry in self.tree(tree).unwrap_or_default() {
            let path = format!("{prefix}{}", entry.name);
            found.push((path.clone(), entry.clone()));
            if entry.kind == Kind::Tree {
                self.walk_into(&entry.sha, &format!("{path}/"), found);
            }
        }
    }

    pub(crate) fn files(&self, tree: &str) -> Files {
        self.walk(tree)
            .into_iter()
            .filter(|(_, entry)| entry.kind != Kind::Tree)
            .map(|(path, entry)| (path, entry.sha))
            .collect()
    }

    /// What a path names below a tree; the empty path is the tree itself.
    pub(crate) fn resolve(&self, tree: &str, path: &str) -> Option<Entry> {
        let mut here = Entry { name: String::new(), kind: Kind::Tree, sha: tree.to_owned() };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            here = self.tree(&here.sha)?.iter().find(|entry| entry.name == part)?.clone();
        }
        Some(here)
    }

    fn ancestors(&self, sha: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![sha.to_owned()];
        while let Some(next) = open.pop() {
            if let Some(commit) = self.commit(&next) {
                open.extend(commit.parents.iter().filter(|parent| !seen.contains(*parent)).cloned());
            }
            seen.insert(next);
        }
        seen
    }

    /// The commits that `head` has and `base` has not, oldest first.
    pub(crate) fn between(&self, base: &str, head: &str) -> Vec<&Commit> {
        let mut done = self.ancestors(base);
        let mut found = Vec::new();
        self.visit(head, &mut done, &mut found);
        found
    }

    fn visit<'a>(&'a self, sha: &str, done: &mut BTreeSet<String>, found: &mut Vec<&'a Commit>) {
        let mut open = vec![(sha.to_owned(), false)];
        while let Some((next, parents_done)) = open.pop() {
            let Some(commit) = self.commit(&next) else { continue };
            if parents_done {
                found.push(commit);
            } else if done.insert(next.clone()) {
                open.push((next, true));
                open.extend(commit.parents.iter().map(|parent| (parent.clone(), false)));
            }
        }
    }

    /// The newest commit that both have; `None` where the histories share nothing.
    pub(crate) fn merge_base(&self, one: &str, other: &str) -> Option<String> {
        let known = self.ancestors(one);
        let mut open = vec![other.to_owned()];
        let mut seen = BTreeSet::new();
        while !open.is_empty() {
            if let Some(hit) = open.iter().find(|sha| known.contains(*sha)) {
                return Some(hit.clone());
            }
            let parents = open.iter().filter_map(|sha| self.commit(sha)).flat_map(|commit| commit.parents.clone());
            open = parents.filter(|sha| seen.insert(sha.clone())).collect();
        }
        None
    }

    /// Changed files from one tree to another. A removal and an addition of the same blob are one rename.
    pub(crate) fn diff(&self, old: &str, new: &str) -> Vec<Change> {
        let (before, after) = (self.files(old), self.files(new));
        let mut removed: Files = before
            .iter()
            .filter(|(path, _)| !after.contains_key(*path))
            .map(|(path, sha)| (path.clone(), sha.clone()))
            .collect();
        let mut changes = Vec::new();
        for (path, sha) in &after {
            let change = match before.get(path) {
                Some(same) if same == sha => continue,
                Some(old) => self.change(path, None, Status::Modified, sha, Some(old), Some(sha)),
                None => {
                    let source = removed.iter().find(|(_, gone)| *gone == sha).map(|(path, _)| path.clone());
                    match source {
                        Some(source) => {
                            removed.remove(&source);
                            self.change(path, Some(source), Status::Renamed, sha, None, None)
                        }
                        None => self.change(path, None, Status::Added, sha, None, Some(sha)),
                    }
                }
            };
            changes.push(change);
        }
        changes
            .extend(removed.iter().map(|(path, sha)| self.change(path, None, Status::Removed, sha, Some(sha), None)));
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    fn change(
        &self,
        path: &str,
        previous: Option<String>,
        status: Status,
        sha: &str,
        old: Option<&String>,
        new: Option<&String>,
    ) -> Change {
        let text = |sha: Option<&String>| match sha {
            // As Git shows a submodule.
            Some(sha) if self.links.contains(sha) => format!("Subproject commit {sha}\n"),
            Some(sha) => self.blob(sha).unwrap_or_default().to_owned(),
            None => String::new(),
        };
        let patch = if status == Status::Renamed { Patch::default() } else { patch(&text(old), &text(new)) };
        Change { path: path.to_owned(), previous, status, sha: sha.to_owned(), patch }
    }
}

/// One hunk from the first differing line to the last, with three lines around it: cruder than Git's, but a true diff.
fn patch(old: &str, new: &str) -> Patch {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old.iter().skip(head).rev().zip(new.iter().skip(head).rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (old.len() - head - tail, new.len() - head - tail);
    let (lead, trail) = (head.min(3), tail.min(3));
    let start = |lines: usize| if lines == 0 { 0 } else { head - lead + 1 };
    let (old_lines, new_lines) = (lead + gone + trail, lead + come + trail);
    let mut text = format!("@@ -{},{old_lines} +{},{new_lines} @@", start(old_lines), start(new_lines));
    let mut push = |sign: char, line: &str| text.push_str(&format!("\n{sign}{line}"));
    old.iter().skip(head - lead).take(lead).for_each(|line| push(' ', line));
    old.iter().skip(head).take(gone).for_each(|line| push('-', line));
    new.iter().skip(head).take(come).for_each(|line| push('+', line));
    old.iter().skip(head + gone).take(trail).for_each(|line| push(' ', line));
    Patch { text, additions: come, deletions: gone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_ids_are_those_of_git() {
        let mut store = Store::default();
        // `printf 'hello\n' | git hash-object --stdin`, and `git mktree` with it as `a/b`.
        let blob = store.write_blob("hello\n");
        assert_eq!(blob, "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(store.write_tree(&Files::new()), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn a_patch_counts_what_it_shows() {
        let patch = patch("a\nb\nc\n", "a\nx\ny\nc\n");
        assert_eq!(patch.text, "@@ -1,3 +1,4 @@\n a\n-b\n+x\n+y\n c");
        assert_eq!((patch.additions, patch.deletions), (2, 1));
    }

    #[test]
    fn a_submodule_is_an_entry_of_its_own_kind() {
        let mut store = Store::default();
        let mut of = |commit: &str| {
            let link = store.write_link(commit);
            store.write_tree(&Files::from([("lib".to_owned(), link)]))
        };
        // `printf '160000 commit %s\tlib\n' ce01… | git mktree --missing`.
        let old = of("ce013625030ba8dba906f756967f9e9ca394464a");
        let new = of("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!(old, "0e00325dc08ebfeba2542dae1b8dfb7a70e8a97b");
        let changes = store.diff(&old, &new);
        let patch = changes.first().map(|change| change.patch.text.clone()).unwrap_or_default();
        assert!(patch.contains("-Subproject commit ce01") && patch.contains("+Subproject commit 4b82"), "{patch}");
    }

    #[test]
    fn a_moved_blob_is_a_rename() {
        let mut store = Store::default();
        let blob = store.write_blob("same\n");
        let old = store.write_tree(&Files::from([("a/one".to_owned(), blob.clone())]));
        let new = store.write_tree(&Files::from([("b/two".to_owned(), blob)]));
        let changes = store.diff(&old, &new);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes.first().and_then(|change| change.previous.clone()).as_deref(), Some("a/one"));
    }
}
