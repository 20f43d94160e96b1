//! Repositories and what is in them: contents, trees, commits, comparisons, pull requests, activity.

use axum::Json;
use axum::extract::Path;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use crate::github::auth::Call;
use crate::github::git::{Commit, Kind};
use crate::github::json as render;
use crate::github::model::Repo;
use crate::github::reply::{Answer, Refusal, ok};
use crate::value::with;

/// GitHub never lists more files than this in one comparison.
const MOST_FILES: usize = 300;
/// Nor more commits than this where no page was asked for.
const MOST_COMMITS: usize = 250;

type InRepo<T> = Path<(String, String, T)>;

pub(super) async fn repository(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    ok(render::full_repository(&call.api, call.repo(&call.shared.model().github, &owner, &name)?))
}

pub(super) async fn repository_by_id(call: Call, Path(id): Path<u64>) -> Answer {
    let model = call.shared.model();
    let repo = model.github.repo(id).filter(|repo| call.sees(repo.id)).ok_or_else(Refusal::not_found)?;
    ok(render::full_repository(&call.api, repo))
}

fn commit_of<'a>(repo: &'a Repo, reference: &str) -> Result<&'a Commit, Refusal> {
    repo.commit(reference).ok_or_else(|| Refusal::invalid(format!("No commit found for SHA: {reference}")))
}

pub(super) async fn root(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    contents(call, Path((owner, name, String::new()))).await
}

pub(super) async fn contents(call: Call, Path((owner, name, path)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let reference = call.query.get("ref").map_or("main", String::as_str);
    let commit = repo
        .commit(reference)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("No commit found for the ref {reference}")))?;
    let path = path.trim_matches('/');
    let entry = repo.git.resolve(&commit.tree, path).ok_or_else(Refusal::not_found)?;
    if entry.kind == Kind::Blob {
        return ok(render::content(&call.api, repo, path, &entry, reference));
    }
    if entry.kind == Kind::Link {
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "the contents of a submodule are not modelled"));
    }
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let entries = repo.git.tree(&entry.sha).unwrap_or_default();
    ok(entries
        .iter()
        .map(|entry| render::folder_entry(&call.api, repo, &format!("{prefix}{}", entry.name), entry, reference))
        .collect())
}

pub(super) async fn tree(call: Call, Path((owner, name, sha)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    // A tree's own SHA, or anything that names a commit.
    let tree = if repo.git.tree(&sha).is_some() {
        sha
    } else {
        repo.commit(&sha).ok_or_else(Refusal::not_found)?.tree.clone()
    };
    let mut entries = repo.git.walk(&tree);
    // GitHub reads `recursive` as given, whatever its value.
    let recursive = call.query.contains_key("recursive");
    if !recursive {
        entries.retain(|(path, _)| !path.contains('/'));
    }
    let truncated = recursive && model.github.truncate_trees;
    if truncated {
        entries.truncate(entries.len() / 2);
    }
    ok(render::git_tree(&call.api, repo, &tree, &entries, truncated))
}

pub(super) async fn blob(call: Call, Path((owner, name, sha)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let content = repo.git.blob(&sha).ok_or_else(Refusal::not_found)?;
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, content);
    let url = call.api.url(&format!("/repos/{}/git/blobs/{sha}", repo.full_name()));
    ok(
        json!({ "sha": sha, "node_id": render::node("Blob", repo.id), "size": content.len(), "url": url, "content": encoded, "encoding": "base64" }),
    )
}

pub(super) async fn git_commit(call: Call, Path((owner, name, sha)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    ok(render::git_commit(&call.api, repo, repo.git.commit(&sha).ok_or_else(Refusal::not_found)?))
}

pub(super) async fn reference(call: Call, Path((owner, name, reference)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let branch = reference.strip_prefix("heads/").ok_or_else(Refusal::not_found)?;
    let sha = repo.branches.get(branch).ok_or_else(Refusal::not_found)?;
    let full = repo.full_name();
    let object =
        json!({ "type": "commit", "sha": sha, "url": call.api.url(&format!("/repos/{full}/git/commits/{sha}")) });
    ok(
        json!({ "ref": format!("refs/{reference}"), "node_id": render::node("Ref", repo.id), "url": call.api.url(&format!("/repos/{full}/git/refs/{reference}")), "object": object }),
    )
}

pub(super) async fn commits(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let from = call.query.get("sha").map_or("main", String::as_str);
    let mut found = repo.git.between("", &commit_of(repo, from)?.sha);
    found.reverse();
    if let Some(path) = call.query.get("path") {
        found.retain(|commit| touches(repo, commit, path));
    }
    call.page().array(found.into_iter().map(|commit| render::commit(&call.api, &model.github, repo, commit)).collect())
}

fn touches(repo: &Repo, commit: &Commit, path: &str) -> bool {
    let at = |commit: &Commit| repo.git.resolve(&commit.tree, path).map(|entry| entry.sha);
    let before = commit.parents.first().and_then(|parent| repo.git.commit(parent)).and_then(at);
    before != at(commit)
}

pub(super) async fn commit(call: Call, Path((owner, name, sha)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let commit = commit_of(repo, &sha)?;
    let parent = commit.parents.first().and_then(|parent| repo.git.commit(parent)).map(|parent| parent.tree.as_str());
    let changes = repo.git.diff(parent.unwrap_or_default(), &commit.tree);
    let (additions, deletions) =
        changes.iter().fold((0, 0), |(add, del), change| (add + change.patch.additions, del + change.patch.deletions));
    let (some, headers) = call.page().cut(changes);
    let files: Vec<Value> =
        some.iter().map(|change| render::changed_file(&call.api, repo, &commit.sha, change)).collect();
    let stats = json!({ "total": additions + deletions, "additions": additions, "deletions": deletions });
    let value = render::commit(&call.api, &model.github, repo, commit);
    let value = with(value, json!({ "stats": stats, "files": files }));
    Ok((headers, Json(value)).into_response())
}

pub(super) async fn commit_pulls(call: Call, Path((owner, name, sha)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let sha = &commit_of(repo, &sha)?.sha;
    let found = model.github.pulls.iter().filter(|pull| pull.repo == repo.id && pull.commits.contains(sha));
    call.page().array(found.map(|pull| render::pull(&call.api, &model.github, pull, false)).collect())
}

pub(super) async fn pull(call: Call, Path((owner, name, number)): InRepo<u64>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let found = model
        .github
        .pulls
        .iter()
        .find(|pull| pull.repo == repo.id && pull.number == number)
        .ok_or_else(Refusal::not_found)?;
    ok(render::pull(&call.api, &model.github, found, false))
}

pub(super) async fn pull_commits(call: Call, Path((owner, name, number)): InRepo<u64>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let found = model
        .github
        .pulls
        .iter()
        .find(|pull| pull.repo == repo.id && pull.number == number)
        .ok_or_else(Refusal::not_found)?;
    let commits = found.commits.iter().filter_map(|sha| repo.git.commit(sha));
    call.page().array(commits.map(|commit| render::commit(&call.api, &model.github, repo, commit)).collect())
}

pub(super) async fn compare(call: Call, Path((owner, name, range)): InRepo<String>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let (base, head) = range.split_once("...").ok_or_else(Refusal::not_found)?;
    let (Some(base), Some(head)) = (repo.commit(base), repo.commit(head)) else {
        return Err(Refusal::not_found());
    };
    let merge_base = repo.git.merge_base(&base.sha, &head.sha).and_then(|sha| repo.git.commit(&sha));
    let merge_base = merge_base.ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, format!("No common ancestor between {} and {}.", base.sha, head.sha))
    })?;
    let ahead = repo.git.between(&base.sha, &head.sha);
    let (ahead_by, behind_by) = (ahead.len(), repo.git.between(&head.sha, &base.sha).len());
    let status = match (ahead_by, behind_by) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let page = call.page();
    let paged = call.query.contains_key("page") || call.query.contains_key("per_page");
    let (commits, headers) =
        if paged { page.cut(ahead) } else { (ahead.into_iter().take(MOST_COMMITS).collect(), http::HeaderMap::new()) };
    let mut files: Vec<Value> = Vec::new();
    // Files come whole on the first page, and never again.
    if page.is_first() {
        let changes = repo.git.diff(&merge_base.tree, &head.tree);
        files.extend(
            changes.iter().take(MOST_FILES).map(|change| render::changed_file(&call.api, repo, &head.sha, change)),
        );
    }
    let one = |commit: &Commit| render::commit(&call.api, &model.github, repo, commit);
    let full = repo.full_name();
    let html = call.api.html(&format!("/{full}/compare/{range}"));
    let value = json!({
        "url": call.api.url(&format!("/repos/{full}/compare/{range}")),
        "html_url": html,
        "permalink_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": one(base),
        "merge_base_commit": one(merge_base),
        "status": status,
        "ahead_by": ahead_by,
        "behind_by": behind_by,
        "total_commits": ahead_by,
        "commits": commits.into_iter().map(one).collect::<Vec<_>>(),
        "files": files,
    });
    Ok((headers, Json(value)).into_response())
}

pub(super) async fn activity(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let reference = call
        .query
        .get("ref")
        .map(|wanted| if wanted.starts_with("refs/") { wanted.clone() } else { format!("refs/heads/{wanted}") });
    let kind = call.query.get("activity_type");
    let actor =
        call.query.get("actor").and_then(|login| model.github.account_by_login(login)).map(|account| account.id);
    let mut found: Vec<_> = repo
        .activity
        .iter()
        .filter(|it| {
            reference.as_ref().is_none_or(|wanted| *wanted == it.reference)
                && kind.is_none_or(|wanted| wanted == it.kind)
        })
        .filter(|it| !call.query.contains_key("actor") || Some(it.actor) == actor)
        .collect();
    found.sort_by_key(|it| (it.at, it.id));
    if call.query.get("direction").is_none_or(|direction| direction != "asc") {
        found.reverse();
    }
    call.page().array(found.into_iter().map(|it| render::activity(&call.api, &model.github, it)).collect())
}
