//! Accounts, the organization, repositories, the App and its installation.

use serde_json::{Value, json};

use super::{Api, node, time};
use crate::github::model::{Account, GitHub, Repo};
use crate::value::with;
use crate::world::{APP_ID, INSTALLATION_ID, ORGANIZATION, ORGANIZATION_ID};

fn actor(api: &Api, id: u64, login: &str, kind: &str) -> Value {
    // A bot's login has brackets, which a URL may not.
    let path = login.replace('[', "%5B").replace(']', "%5D");
    let url = |rest: &str| api.url(&format!("/users/{path}{rest}"));
    json!({
        "login": login,
        "id": id,
        "node_id": node("User", id),
        "avatar_url": format!("https://avatars.altscore.example/u/{id}?v=4"),
        "gravatar_id": "",
        "url": url(""),
        "html_url": api.html(&format!("/{path}")),
        "followers_url": url("/followers"),
        "following_url": url("/following{/other_user}"),
        "gists_url": url("/gists{/gist_id}"),
        "starred_url": url("/starred{/owner}{/repo}"),
        "subscriptions_url": url("/subscriptions"),
        "organizations_url": url("/orgs"),
        "repos_url": url("/repos"),
        "events_url": url("/events{/privacy}"),
        "received_events_url": url("/received_events"),
        "type": kind,
        "site_admin": false,
    })
}

/// A simple user; `null` for an id that nobody has.
pub(in crate::github) fn account(api: &Api, github: &GitHub, id: u64) -> Value {
    github.account(id).map_or(Value::Null, |it| actor(api, it.id, &it.login, it.kind))
}

pub(in crate::github) fn user_profile(api: &Api, it: &Account) -> Value {
    let email = if it.kind == "Bot" { Value::Null } else { json!(it.email) };
    let more = json!({
        "name": it.name, "company": "@altscore", "blog": "", "location": "Bengaluru", "email": email, "hireable": null, "bio": null,
        "twitter_username": null, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "created_at": "2021-04-06T05:30:00Z", "updated_at": "2026-05-01T05:30:00Z",
    });
    with(actor(api, it.id, &it.login, it.kind), more)
}

/// The organization where a user is expected, as GitHub puts it.
pub(super) fn organization_as_user(api: &Api) -> Value {
    actor(api, ORGANIZATION_ID, ORGANIZATION, "Organization")
}

pub(in crate::github) fn organization(api: &Api) -> Value {
    let url = |rest: &str| api.url(&format!("/orgs/{ORGANIZATION}{rest}"));
    json!({
        "login": ORGANIZATION,
        "id": ORGANIZATION_ID,
        "node_id": node("Organization", ORGANIZATION_ID),
        "url": url(""),
        "repos_url": url("/repos"),
        "events_url": url("/events"),
        "hooks_url": url("/hooks"),
        "issues_url": url("/issues"),
        "members_url": url("/members{/member}"),
        "public_members_url": url("/public_members{/member}"),
        "avatar_url": format!("https://avatars.altscore.example/u/{ORGANIZATION_ID}?v=4"),
        "description": "AltScore Technologies",
    })
}

pub(in crate::github) fn simple_repository(api: &Api, repo: &Repo) -> Value {
    let full = repo.full_name();
    let url = |rest: &str| api.url(&format!("/repos/{full}{rest}"));
    json!({
        "id": repo.id,
        "node_id": node("Repository", repo.id),
        "name": repo.name,
        "full_name": full,
        "private": true,
        "owner": actor(api, ORGANIZATION_ID, ORGANIZATION, "Organization"),
        "html_url": api.html(&format!("/{full}")),
        "description": repo.description,
        "fork": false,
        "url": url(""),
        "archive_url": url("/{archive_format}{/ref}"),
        "assignees_url": url("/assignees{/user}"),
        "blobs_url": url("/git/blobs{/sha}"),
        "branches_url": url("/branches{/branch}"),
        "collaborators_url": url("/collaborators{/collaborator}"),
        "comments_url": url("/comments{/number}"),
        "commits_url": url("/commits{/sha}"),
        "compare_url": url("/compare/{base}...{head}"),
        "contents_url": url("/contents/{+path}"),
        "contributors_url": url("/contributors"),
        "deployments_url": url("/deployments"),
        "downloads_url": url("/downloads"),
        "events_url": url("/events"),
        "forks_url": url("/forks"),
        "git_commits_url": url("/git/commits{/sha}"),
        "git_refs_url": url("/git/refs{/sha}"),
        "git_tags_url": url("/git/tags{/sha}"),
        "hooks_url": url("/hooks"),
        "issue_comment_url": url("/issues/comments{/number}"),
        "issue_events_url": url("/issues/events{/number}"),
        "issues_url": url("/issues{/number}"),
        "keys_url": url("/keys{/key_id}"),
        "labels_url": url("/labels{/name}"),
        "languages_url": url("/languages"),
        "merges_url": url("/merges"),
        "milestones_url": url("/milestones{/number}"),
        "notifications_url": url("/notifications{?since,all,participating}"),
        "pulls_url": url("/pulls{/number}"),
        "releases_url": url("/releases{/id}"),
        "stargazers_url": url("/stargazers"),
        "statuses_url": url("/statuses/{sha}"),
        "subscribers_url": url("/subscribers"),
        "subscription_url": url("/subscription"),
        "tags_url": url("/tags"),
        "teams_url": url("/teams"),
        "trees_url": url("/git/trees{/sha}"),
    })
}

pub(in crate::github) fn repository(api: &Api, repo: &Repo) -> Value {
    let full = repo.full_name();
    let more = json!({
        "created_at": time(repo.created_at), "updated_at": time(repo.pushed_at), "pushed_at": time(repo.pushed_at),
        "git_url": format!("git://github.altscore.example/{full}.git"),
        "ssh_url": format!("git@github.altscore.example:{full}.git"),
        "clone_url": api.html(&format!("/{full}.git")),
        "svn_url": api.html(&format!("/{full}")),
        "homepage": null, "size": 1840, "stargazers_count": 0, "watchers_count": 0, "language": "Python",
        "has_issues": true, "has_projects": false, "has_downloads": true, "has_wiki": false, "has_pages": false, "has_discussions": false,
        "forks_count": 0, "mirror_url": null, "archived": false, "disabled": false, "open_issues_count": 0, "license": null,
        "allow_forking": false, "is_template": false, "web_commit_signoff_required": false, "topics": [], "visibility": "private",
        "forks": 0, "open_issues": 0, "watchers": 0, "default_branch": "main",
        "permissions": { "admin": false, "maintain": false, "push": true, "triage": true, "pull": true },
        "custom_properties": {},
    });
    with(simple_repository(api, repo), more)
}

/// A repository as it is answered alone.
pub(in crate::github) fn full_repository(api: &Api, repo: &Repo) -> Value {
    with(repository(api, repo), json!({ "network_count": 0, "subscribers_count": 4 }))
}

pub(in crate::github) fn permissions() -> Value {
    json!({
        "actions": "read", "administration": "read", "checks": "write", "contents": "read", "deployments": "write",
        "members": "read", "metadata": "read", "pull_requests": "read",
    })
}

pub(in crate::github) fn app(api: &Api) -> Value {
    json!({
        "id": APP_ID,
        "slug": "gatehouse",
        "node_id": node("App", APP_ID),
        "client_id": "Iv23liGatehouseTwin00",
        "owner": actor(api, ORGANIZATION_ID, ORGANIZATION, "Organization"),
        "name": "Gatehouse",
        "description": "The one way into production",
        "external_url": "https://gatehouse.altscore.example",
        "html_url": api.html("/apps/gatehouse"),
        "created_at": "2026-03-02T08:00:00Z",
        "updated_at": "2026-03-02T08:00:00Z",
        "permissions": permissions(),
        "events": ["deployment_protection_rule"],
        "installations_count": 1,
    })
}

pub(in crate::github) fn installation(api: &Api) -> Value {
    json!({
        "id": INSTALLATION_ID,
        "client_id": "Iv23liGatehouseTwin00",
        "account": actor(api, ORGANIZATION_ID, ORGANIZATION, "Organization"),
        "repository_selection": "all",
        "access_tokens_url": api.url(&format!("/app/installations/{INSTALLATION_ID}/access_tokens")),
        "repositories_url": api.url("/installation/repositories"),
        "html_url": api.html(&format!("/organizations/{ORGANIZATION}/settings/installations/{INSTALLATION_ID}")),
        "app_id": APP_ID,
        "app_slug": "gatehouse",
        "target_id": ORGANIZATION_ID,
        "target_type": "Organization",
        "permissions": permissions(),
        "events": ["deployment_protection_rule"],
        "created_at": "2026-03-02T08:00:00.000Z",
        "updated_at": "2026-03-02T08:00:00.000Z",
        "single_file_name": null,
        "has_multiple_single_files": false,
        "single_file_paths": [],
        "suspended_by": null,
        "suspended_at": null,
    })
}
