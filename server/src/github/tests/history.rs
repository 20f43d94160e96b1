//! What changed, who had a hand in it, and what a folder holds.

use super::super::Error;
use super::super::facts::{Account, AccountKind, ComparisonStatus, EntryKind};
use super::*;
use twin::{Edit, MergedPr, NewCommit};

#[tokio::test]
async fn a_comparison_names_every_commit_file_and_contributor() {
    let (twin, github) = start().await;
    let (_, base) = push(&twin, &rohan());
    let earlier = NewCommit {
        title: "First".into(),
        author: "asha-rao".into(),
        committer: Some("leela-m".into()),
        co_authors: vec![],
        edits: vec![Edit::Write(format!("{CONFIG}/values.yaml"), "replicas: 5\n".into())],
    };
    let (_, head) = push(
        &twin,
        &PushRun {
            author: "Somebody <somebody@elsewhere.example>".into(),
            pusher: Some("rohandas".into()),
            co_authors: vec!["viyer".into(), "Guest <guest@elsewhere.example>".into()],
            earlier: vec![earlier],
            ..rohan()
        },
    );
    let found = github.compare(&repo(), &base, &head).await.unwrap();
    assert_eq!((found.status, &found.merge_base, found.total_commits), (ComparisonStatus::Ahead, &base, 2));
    assert!(found.commits_complete && found.files_complete);
    assert!(found.files.iter().any(|f| f.path == format!("{CONFIG}/values.yaml") && f.status == "modified"));
    let [first, last] = found.commits.as_slice() else { panic!("two commits, got {:?}", found.commits) };
    assert!(is_account(&first.author, 50001) && is_account(&first.committer, 50003));
    assert_eq!(last.sha, head);
    assert!(matches!(&last.author, Contributor::Unresolved { email, .. } if email == "somebody@elsewhere.example"));
    assert!(is_account(&last.co_authors[0], 50006));
    assert!(matches!(&last.co_authors[1], Contributor::Unresolved { email, .. } if email == "guest@elsewhere.example"));

    let back = github.compare(&repo(), &head, &base).await.unwrap();
    assert_eq!((back.status, back.total_commits), (ComparisonStatus::Behind, 0));
    let same = github.compare(&repo(), &head, &head).await.unwrap();
    assert_eq!((same.status, same.files.len()), (ComparisonStatus::Identical, 0));
    assert!(matches!(github.compare(&repo(), &nowhere(), &head).await, Err(Error::NotFound { .. })));
    end(&twin);
}

#[tokio::test]
async fn a_long_comparison_is_paged_to_its_end_and_three_hundred_files_are_not_trusted() {
    let (twin, github) = start().await;
    let (_, base) = push(&twin, &rohan());
    let commit = |n: usize| NewCommit {
        title: format!("Commit {n}"),
        author: "rohandas".into(),
        committer: None,
        co_authors: vec![],
        edits: vec![Edit::Write(format!("notes/{n}.md"), n.to_string())],
    };
    let (_, head) = push(&twin, &PushRun { earlier: (0..298).map(commit).collect(), ..rohan() });
    let found = github.compare(&repo(), &base, &head).await.unwrap();
    assert_eq!((found.total_commits, found.commits.len(), found.files.len()), (299, 299, 299));
    assert!(found.commits_complete && found.files_complete);
    assert_eq!(twin.faults().calls("github.compare"), 3);

    let (_, head) =
        push(&twin, &PushRun { edits: vec![Edit::Write("notes/one-more.md".into(), "x".into())], ..rohan() });
    let found = github.compare(&repo(), &base, &head).await.unwrap();
    assert!(found.commits_complete && !found.files_complete, "{} files", found.files.len());
    end(&twin);
}

#[tokio::test]
async fn pull_requests_say_who_wrote_and_who_merged() {
    let (twin, github) = start().await;
    let pull = MergedPr {
        title: "Limit per lender".into(),
        by: "rohandas".into(),
        merged_by: "asha-rao".into(),
        pushed_by: None,
    };
    let (_, sha) = push(&twin, &PushRun { merged_pr: Some(pull), co_authors: vec!["viyer".into()], ..rohan() });
    let pulls = github.list_pull_requests_of(&repo(), &sha).await.unwrap();
    let [pull] = pulls.as_slice() else { panic!("one pull request, got {pulls:?}") };
    assert_eq!((pull.title.as_str(), pull.author.id, pull.merged), ("Limit per lender", GithubId(50002), true));
    assert_eq!(pull.merged_by.as_ref().unwrap().id, GithubId(50001));

    let commits = github.list_pull_request_commits(&repo(), pull.number).await.unwrap();
    assert_eq!(commits.last().unwrap().sha, sha);
    assert!(is_account(&commits.last().unwrap().co_authors[0], 50006));
    assert!(matches!(github.list_pull_request_commits(&repo(), 999_999).await, Err(Error::NotFound { .. })));

    let (_, direct) = push(&twin, &rohan());
    assert_eq!(github.list_pull_requests_of(&repo(), &direct).await.unwrap(), []);
    let error = github.list_pull_requests_of(&repo(), &nowhere()).await.unwrap_err();
    assert!(matches!(error, Error::Denied { status: 422, .. }), "{error:?}");
    end(&twin);
}

#[tokio::test]
async fn the_pushers_are_all_who_moved_the_branch_since() {
    let (twin, github) = start().await;
    let ids = |found: Option<Vec<Account>>| found.map(|all| all.iter().map(|a| a.id.0).collect::<Vec<_>>());
    let (_, base) = push(&twin, &rohan());
    let (_, sha) = push(&twin, &PushRun { pusher: Some("leela-m".into()), ..rohan() });
    let find = async |branch: &str, base: &CommitSha, sha: &CommitSha| {
        github.list_pushers(&repo(), branch, Some(base), sha).await
    };
    assert_eq!(ids(find("main", &base, &sha).await.unwrap()), Some(vec![50003]));
    assert_eq!(find("main", &base, &nowhere()).await.unwrap(), None);
    assert_eq!(find("main", &nowhere(), &sha).await.unwrap(), None, "the way from elsewhere is not told");
    // A branch's name goes into the query as a name, whatever is in it.
    assert_eq!(find("other&ref=refs/heads/main", &base, &sha).await.unwrap(), None);
    let pull = MergedPr { title: "x".into(), by: "rohandas".into(), merged_by: "asha-rao".into(), pushed_by: None };
    let (_, merged) = push(&twin, &PushRun { merged_pr: Some(pull), ..rohan() });
    assert_eq!(ids(find("main", &sha, &merged).await.unwrap()), Some(vec![50001]));
    assert_eq!(ids(find("main", &base, &merged).await.unwrap()), Some(vec![50001, 50003]), "who came between counts");
    // A pull request's own branch is told from its beginning.
    let own = github.list_pushers(&repo(), &rohan().title.to_lowercase().replace(' ', "-"), None, &merged).await;
    assert_eq!(ids(own.unwrap()), Some(vec![50002]));

    // Whoever moved it and is gone since may have been anybody.
    twin.github().delete_account("leela-m").unwrap();
    assert_eq!(find("main", &base, &merged).await.unwrap(), None);
    assert_eq!(ids(find("main", &sha, &merged).await.unwrap()), Some(vec![50001]));

    twin.faults().fail("github.activity", 403, 1);
    assert!(matches!(find("main", &base, &sha).await, Err(Error::Denied { status: 403, .. })));
    end(&twin);
}

#[tokio::test]
async fn pushes_that_lie_pages_back_are_still_found() {
    let (twin, github) = start().await;
    let (_, base) = push(&twin, &rohan());
    let (_, mut head) = push(&twin, &PushRun { pusher: Some("leela-m".into()), ..rohan() });
    for _ in 0..120 {
        (_, head) = push(&twin, &PushRun { image: false, ..rohan() });
    }
    let found = github.list_pushers(&repo(), "main", Some(&base), &head).await.unwrap().unwrap();
    assert_eq!((found.len(), found.last().unwrap().id), (121, GithubId(50003)));
    assert_eq!(twin.faults().calls("github.activity"), 2);
    end(&twin);
}

#[tokio::test]
async fn an_account_is_what_github_says_it_is() {
    let (twin, github) = start().await;
    let kind = async |id: u64| github.read_account(GithubId(id)).await.map(|account| account.kind);
    assert_eq!(kind(50_003).await.unwrap(), AccountKind::User);
    assert_eq!(kind(49_699_333).await.unwrap(), AccountKind::Bot);
    assert!(matches!(kind(77).await, Err(Error::NotFound { .. })));
    end(&twin);
}

#[tokio::test]
async fn a_folder_is_read_whole_or_said_to_be_cut() {
    let (twin, github) = start().await;
    let (_, sha) = push(&twin, &rohan());
    let entries = github.read_subtree(&repo(), &sha, CONFIG).await.unwrap().unwrap();
    let paths: Vec<_> = entries.iter().map(|e| e.path.as_str()).collect();
    assert!(paths.contains(&"values-production.yaml") && paths.contains(&"templates/deployment.yaml"), "{paths:?}");
    let templates = entries.iter().find(|e| e.path == "templates").unwrap();
    assert_eq!((templates.kind, templates.mode.as_str()), (EntryKind::Tree, "040000"));

    // One changed file changes one object name.
    let edit = Edit::Write(format!("{CONFIG}/values.yaml"), "replicas: 7\n".into());
    let (_, changed) = push(&twin, &PushRun { edits: vec![edit], ..rohan() });
    let after = github.read_subtree(&repo(), &changed, CONFIG).await.unwrap().unwrap();
    let differ: Vec<_> = entries.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| a.path.as_str()).collect();
    assert_eq!(differ, ["values.yaml"]);

    assert_eq!(github.read_subtree(&repo(), &sha, "services/no-such/deploy").await.unwrap(), None);
    let file = github.read_subtree(&repo(), &sha, "services/score-api/Dockerfile").await;
    assert!(matches!(file, Err(Error::Unreadable { .. })));
    assert!(matches!(github.read_subtree(&repo(), &nowhere(), CONFIG).await, Err(Error::NotFound { .. })));
    twin.github().truncate_trees(true);
    assert!(matches!(github.read_subtree(&repo(), &sha, CONFIG).await, Err(Error::Truncated { .. })));
    end(&twin);
}

#[tokio::test]
async fn a_comparison_says_what_may_be_a_submodule_and_the_tree_says_what_is() {
    let (twin, github) = start().await;
    let at = |path: &str, n: char| Edit::Submodule(path.to_owned(), n.to_string().repeat(40));
    let begin = vec![at("vendor/lib", '1'), at("vendor/old", '3'), Edit::Write("a.py".into(), "x = 1\n".into())];
    let (_, base) = push(&twin, &PushRun { edits: begin, ..rohan() });
    let moved = vec![at("vendor/new", '3'), Edit::Delete("vendor/old".into())];
    let edits = [vec![at("vendor/lib", '2'), Edit::Write("a.py".into(), "x = 2\n".into())], moved].concat();
    let (_, head) = push(&twin, &PushRun { edits, ..rohan() });
    let found = github.compare(&repo(), &base, &head).await.unwrap();
    let doubtful: Vec<_> = found.files.iter().filter(|f| f.may_be_submodule).map(|f| f.path.as_str()).collect();
    assert_eq!((found.files.len(), doubtful), (3, vec!["vendor/lib", "vendor/new"]));
    let tree = github.read_whole_tree(&repo(), &head).await.unwrap().unwrap();
    let links: Vec<_> = tree.iter().filter(|e| e.mode == "160000").map(|e| (e.path.as_str(), e.kind)).collect();
    assert_eq!(links, [("vendor/lib", EntryKind::Commit), ("vendor/new", EntryKind::Commit)]);
    assert!(tree.iter().any(|e| e.path == "services/score-api/app/main.py"), "files of folders are there");
    twin.github().truncate_trees(true);
    assert_eq!(github.read_whole_tree(&repo(), &head).await.unwrap(), None);
    end(&twin);
}
