//! Commits, trees, contents, comparisons, pull requests, activity.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use url::Url;

use super::{Api, account, node, repository, time};
use crate::github::git::{Change, Commit, Entry, Kind, Signature, Status};
use crate::github::model::{Activity, GitHub, Pull, Repo};
use crate::value::with;

fn signature(it: &Signature) -> Value {
    json!({ "name": it.name, "email": it.email, "date": time(it.at) })
}

fn linked(api: &Api, github: &GitHub, it: &Signature) -> Value {
    github.account_by_email(&it.email).map_or(Value::Null, |found| account(api, github, found.id))
}

fn verification() -> Value {
    json!({ "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null })
}

fn parents(api: &Api, repo: &Repo, it: &Commit, kind: &str) -> Vec<Value> {
    let full = repo.full_name();
    let one = |sha: &String| json!({ "sha": sha, "url": api.url(&format!("/repos/{full}/{kind}/{sha}")), "html_url": api.html(&format!("/{full}/commit/{sha}")) });
    it.parents.iter().map(one).collect()
}

/// A commit as `/commits/{sha}` and the lists give it.
pub(in crate::github) fn commit(api: &Api, github: &GitHub, repo: &Repo, it: &Commit) -> Value {
    let full = repo.full_name();
    json!({
        "sha": it.sha,
        "node_id": node("Commit", repo.id),
        "commit": {
            "author": signature(&it.author),
            "committer": signature(&it.committer),
            "message": it.message,
            "tree": { "sha": it.tree, "url": api.url(&format!("/repos/{full}/git/trees/{}", it.tree)) },
            "url": api.url(&format!("/repos/{full}/git/commits/{}", it.sha)),
            "comment_count": 0,
            "verification": verification(),
        },
        "url": api.url(&format!("/repos/{full}/commits/{}", it.sha)),
        "html_url": api.html(&format!("/{full}/commit/{}", it.sha)),
        "comments_url": api.url(&format!("/repos/{full}/commits/{}/comments", it.sha)),
        "author": linked(api, github, &it.author),
        "committer": linked(api, github, &it.committer),
        "parents": parents(api, repo, it, "commits"),
    })
}

/// A commit as `/git/commits/{sha}` gives it: the object alone.
pub(in crate::github) fn git_commit(api: &Api, repo: &Repo, it: &Commit) -> Value {
    let full = repo.full_name();
    json!({
        "sha": it.sha,
        "node_id": node("Commit", repo.id),
        "url": api.url(&format!("/repos/{full}/git/commits/{}", it.sha)),
        "html_url": api.html(&format!("/{full}/commit/{}", it.sha)),
        "author": signature(&it.author),
        "committer": signature(&it.committer),
        "tree": { "sha": it.tree, "url": api.url(&format!("/repos/{full}/git/trees/{}", it.tree)) },
        "message": it.message,
        "parents": parents(api, repo, it, "git/commits"),
        "verification": verification(),
    })
}

pub(in crate::github) fn git_tree(
    api: &Api,
    repo: &Repo,
    sha: &str,
    entries: &[(String, Entry)],
    truncated: bool,
) -> Value {
    let full = repo.full_name();
    let one = |(path, entry): &(String, Entry)| match entry.kind {
        Kind::Tree => {
            json!({ "path": path, "mode": "040000", "type": "tree", "sha": entry.sha, "url": api.url(&format!("/repos/{full}/git/trees/{}", entry.sha)) })
        }
        Kind::Blob => {
            let size = repo.git.blob(&entry.sha).map(str::len).unwrap_or_default();
            json!({ "path": path, "mode": "100644", "type": "blob", "sha": entry.sha, "size": size, "url": api.url(&format!("/repos/{full}/git/blobs/{}", entry.sha)) })
        }
        // What it points to is elsewhere: neither size nor address.
        Kind::Link => json!({ "path": path, "mode": "160000", "type": "commit", "sha": entry.sha }),
    };
    let tree: Vec<Value> = entries.iter().map(one).collect();
    json!({ "sha": sha, "url": api.url(&format!("/repos/{full}/git/trees/{sha}")), "tree": tree, "truncated": truncated })
}

/// One line of a folder listing.
pub(in crate::github) fn folder_entry(api: &Api, repo: &Repo, path: &str, entry: &Entry, reference: &str) -> Value {
    let full = repo.full_name();
    let (kind, objects) = match entry.kind {
        Kind::Tree => ("dir", "trees"),
        Kind::Blob => ("file", "blobs"),
        Kind::Link => ("submodule", "trees"),
    };
    let url = api.url(&format!("/repos/{full}/contents/{path}?ref={reference}"));
    let git = api.url(&format!("/repos/{full}/git/{objects}/{}", entry.sha));
    let html = api.html(&format!("/{full}/blob/{reference}/{path}"));
    json!({
        "name": path.rsplit('/').next().unwrap_or(path),
        "path": path,
        "sha": entry.sha,
        "size": repo.git.blob(&entry.sha).map(str::len).unwrap_or_default(),
        "url": url,
        "html_url": html,
        "git_url": git,
        "download_url": null,
        "type": kind,
        "_links": { "self": url, "git": git, "html": html },
    })
}

/// One file with its content.
pub(in crate::github) fn content(api: &Api, repo: &Repo, path: &str, entry: &Entry, reference: &str) -> Value {
    let encoded = BASE64_STANDARD.encode(repo.git.blob(&entry.sha).unwrap_or_default());
    // GitHub breaks the text into lines of sixty.
    let lines: Vec<&str> =
        (0..encoded.len()).step_by(60).filter_map(|from| encoded.get(from..(from + 60).min(encoded.len()))).collect();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    with(folder_entry(api, repo, path, entry, reference), json!({ "encoding": "base64", "content": text }))
}

/// A file's path as GitHub writes it into an address: whatever a committer called the file, it stays one.
fn in_an_address(path: &str) -> String {
    let mut url = Url::parse("https://github.com").ok();
    if let Some(Ok(mut segments)) = url.as_mut().map(Url::path_segments_mut) {
        segments.clear().extend(path.split('/'));
    }
    url.map(|url| url.path().trim_start_matches('/').to_owned()).unwrap_or_default()
}

pub(in crate::github) fn changed_file(api: &Api, repo: &Repo, head: &str, it: &Change) -> Value {
    let (full, path) = (repo.full_name(), in_an_address(&it.path));
    let status = match it.status {
        Status::Added => "added",
        Status::Removed => "removed",
        Status::Modified => "modified",
        Status::Renamed => "renamed",
    };
    let mut value = json!({
        "sha": it.sha,
        "filename": it.path,
        "status": status,
        "additions": it.patch.additions,
        "deletions": it.patch.deletions,
        "changes": it.patch.additions + it.patch.deletions,
        "blob_url": api.html(&format!("/{full}/blob/{head}/{path}")),
        "raw_url": api.html(&format!("/{full}/raw/{head}/{path}")),
        "contents_url": api.url(&format!("/repos/{full}/contents/{path}?ref={head}")),
    });
    if !it.patch.text.is_empty() {
        value = with(value, json!({ "patch": it.patch.text }));
    }
    if let Some(previous) = &it.previous {
        value = with(value, json!({ "previous_filename": previous }));
    }
    value
}

pub(in crate::github) fn activity(api: &Api, github: &GitHub, it: &Activity) -> Value {
    json!({
        "id": it.id,
        "node_id": node("PSH", it.id),
        "before": it.before,
        "after": it.after,
        "ref": it.reference,
        "timestamp": time(it.at),
        "activity_type": it.kind,
        "actor": account(api, github, it.actor),
    })
}

/// A pull request: minimal, as runs carry it, or whole.
pub(in crate::github) fn pull(api: &Api, github: &GitHub, it: &Pull, minimal: bool) -> Value {
    let Some(repo) = github.repo(it.repo) else {
        return Value::Null;
    };
    let full = repo.full_name();
    let url = api.url(&format!("/repos/{full}/pulls/{}", it.number));
    let issue = api.url(&format!("/repos/{full}/issues/{}", it.number));
    let html = api.html(&format!("/{full}/pull/{}", it.number));
    if minimal {
        let small = json!({ "id": repo.id, "url": api.url(&format!("/repos/{full}")), "name": repo.name });
        return json!({
            "url": url, "id": it.id, "number": it.number,
            "head": { "ref": it.branch, "sha": it.head_sha, "repo": small },
            "base": { "ref": "main", "sha": it.base_sha, "repo": small },
        });
    }
    let side = |reference: &str, sha: &str| json!({ "label": format!("altscore:{reference}"), "ref": reference, "sha": sha, "user": account(api, github, it.author), "repo": repository(api, repo) });
    let changes = match (repo.git.commit(&it.base_sha), repo.git.commit(&it.head_sha)) {
        (Some(base), Some(head)) => repo.git.diff(&base.tree, &head.tree),
        _ => Vec::new(),
    };
    let statuses = api.url(&format!("/repos/{full}/statuses/{}", it.head_sha));
    let link = |href: &str| json!({ "href": href });
    json!({
        "_links": {
            "self": link(&url), "html": link(&html), "issue": link(&issue),
            "comments": link(&format!("{issue}/comments")), "review_comments": link(&format!("{url}/comments")),
            "review_comment": link(&format!("{url}/comments{{/number}}")), "commits": link(&format!("{url}/commits")),
            "statuses": link(&statuses),
        },
        "url": url,
        "id": it.id,
        "node_id": node("PullRequest", it.id),
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "issue_url": issue,
        "commits_url": format!("{url}/commits"),
        "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{url}/comments{{/number}}"),
        "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses,
        "number": it.number,
        "state": "closed",
        "locked": false,
        "title": it.title,
        "user": account(api, github, it.author),
        "body": null,
        "created_at": time(it.created_at),
        "updated_at": time(it.merged_at),
        "closed_at": time(it.merged_at),
        "merged_at": time(it.merged_at),
        "merge_commit_sha": it.head_sha,
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": null,
        "draft": false,
        "head": side(&it.branch, &it.head_sha),
        "base": side("main", &it.base_sha),
        "author_association": "MEMBER",
        "auto_merge": null,
        "active_lock_reason": null,
        "merged": true,
        "mergeable": null,
        "rebaseable": null,
        "mergeable_state": "unknown",
        "merged_by": account(api, github, it.merged_by),
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": false,
        "commits": it.commits.len(),
        "additions": changes.iter().map(|change| change.patch.additions).sum::<usize>(),
        "deletions": changes.iter().map(|change| change.patch.deletions).sum::<usize>(),
        "changed_files": changes.len(),
    })
}
