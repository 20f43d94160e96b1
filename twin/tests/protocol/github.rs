use octocrab::Octocrab;
use octocrab::models::commits::{CommitComparison, GitCommitObject};
use octocrab::models::pulls::PullRequest;
use octocrab::models::repos::RepoCommit;
use octocrab::models::workflows::{Job, PendingDeployment, Run};
use octocrab::models::{AppId, InstallationId, Repository};
use serde_json::Value;
use twin::{MergedPr, PushRun, Twin};

use super::twin;

const APP_KEY: &[u8] = include_bytes!("../../fixtures/github-app.key.pem");

pub(crate) fn client(twin: &Twin) -> Octocrab {
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(APP_KEY).unwrap();
    let app = Octocrab::builder().base_uri(twin.urls().github).unwrap().app(AppId(424_242), key).build().unwrap();
    app.installation(InstallationId(600_001)).unwrap()
}

fn status(error: &octocrab::Error) -> u16 {
    match error {
        octocrab::Error::GitHub { source, .. } => source.status_code.as_u16(),
        other => panic!("not an answer of GitHub: {other:?}"),
    }
}

pub(crate) fn held(twin: &Twin) -> u64 {
    let push = PushRun {
        merged_pr: Some(MergedPr {
            title: "Tighten lender rate limit".into(),
            by: "rohandas".into(),
            merged_by: "asha-rao".into(),
            pushed_by: None,
        }),
        co_authors: vec!["viyer".into()],
        ..PushRun::of("score-api", "rohandas")
    };
    let run = twin.github().push_run(&push).unwrap();
    twin.github().build_delivery(run).unwrap();
    run
}

pub(crate) fn plain(token: &secrecy::SecretString) -> String {
    secrecy::ExposeSecret::expose_secret(token).to_owned()
}

#[tokio::test]
async fn octocrab_reads_every_model_it_has_a_type_for() {
    let twin = twin().await;
    let run = held(&twin);
    let github = client(&twin);
    let repo: Repository = github.get("/repositories/7001", None::<&()>).await.unwrap();
    assert_eq!(repo.full_name.as_deref(), Some("altscore/services"));
    let base = "/repos/altscore/services";
    assert_eq!(github.repos("altscore", "services").get().await.unwrap().id.0, 7001);
    let it: Run = github.get(format!("{base}/actions/runs/{run}"), None::<&()>).await.unwrap();
    assert_eq!((it.status.as_str(), it.event.as_str()), ("waiting", "push"));
    let jobs = github.workflows("altscore", "services").list_jobs(run.into()).send().await.unwrap();
    let names: Vec<&str> = jobs.items.iter().map(|job: &Job| job.name.as_str()).collect();
    assert_eq!(names, ["commit", "build", "staging", "production"]);
    let pending: Vec<PendingDeployment> =
        github.get(format!("{base}/actions/runs/{run}/pending_deployments"), None::<&()>).await.unwrap();
    assert_eq!(pending[0].environment.name, "production");
    let sha = &it.head_sha;
    let commit: RepoCommit = github.get(format!("{base}/commits/{sha}"), None::<&()>).await.unwrap();
    assert_eq!(commit.author.unwrap().login, "rohandas");
    assert!(commit.commit.message.contains("Co-authored-by: Vikram Iyer <50006+viyer@users.noreply.github.com>"));
    let object: GitCommitObject = github.get(format!("{base}/git/commits/{sha}"), None::<&()>).await.unwrap();
    assert_eq!(object.tree.sha, commit.commit.tree.sha);
    let pulls: Vec<PullRequest> = github.get(format!("{base}/commits/{sha}/pulls"), None::<&()>).await.unwrap();
    let pull = github.pulls("altscore", "services").get(pulls[0].number).await.unwrap();
    assert_eq!(pull.merged_by.unwrap().login, "asha-rao");
    let parent = commit.parents[0].sha.clone().unwrap();
    let compared: CommitComparison = github.get(format!("{base}/compare/{parent}...{sha}"), None::<&()>).await.unwrap();
    assert_eq!((compared.total_commits, compared.files.unwrap().len()), (1, 1));
    let profile = github.users("viyer").profile().await.unwrap();
    assert_eq!(profile.id.0, 50_006);
    let runs = github.workflows("altscore", "services").list_all_runs().per_page(5).send().await.unwrap();
    assert_eq!(runs.items.len(), 5);
    // octocrab sends an installation's token only to addresses without a host (or to api.github.com): follow the path.
    let next = runs.next.unwrap();
    let second: octocrab::Page<Run> = github.get(next.path_and_query().unwrap().as_str(), None::<&()>).await.unwrap();
    assert_eq!(second.items.len(), 5);
    assert!(second.items.iter().all(|run| !runs.items.contains(run)));
    assert!(twin.unknown_routes().is_empty(), "{:?}", twin.unknown_routes());
}

#[tokio::test]
async fn a_tree_is_found_by_commit_and_by_its_own_sha_and_can_be_truncated() {
    let twin = twin().await;
    let run = held(&twin);
    let github = client(&twin);
    let sha = twin.github().head_sha(run).unwrap();
    let whole: Value =
        github.get(format!("/repos/altscore/services/git/trees/{sha}?recursive=1"), None::<&()>).await.unwrap();
    let entries = whole["tree"].as_array().unwrap();
    let deploy = entries.iter().find(|entry| entry["path"] == "services/score-api/deploy").unwrap();
    let by_own: Value = github
        .get(format!("/repos/altscore/services/git/trees/{}", deploy["sha"].as_str().unwrap()), None::<&()>)
        .await
        .unwrap();
    assert!(by_own["tree"].as_array().unwrap().iter().any(|entry| entry["path"] == "values-production.yaml"));
    assert!(
        !entries
            .iter()
            .any(|entry| { entry["path"].as_str().unwrap().starts_with("services/notification-service/migrations") })
    );
    twin.github().truncate_trees(true);
    let cut: Value =
        github.get(format!("/repos/altscore/services/git/trees/{sha}?recursive=1"), None::<&()>).await.unwrap();
    assert_eq!(cut["truncated"], true);
    let content = github
        .repos("altscore", "services")
        .get_content()
        .path("services/score-api/deploy/values-production.yaml")
        .r#ref(&sha)
        .send()
        .await
        .unwrap();
    assert!(content.items[0].decoded_content().unwrap().contains("LENDER_REQUESTS_PER_MINUTE: \"600\""));
}

#[tokio::test]
async fn a_token_expires_after_an_hour_and_another_key_gets_none() {
    let twin = twin().await;
    let token = client(&twin).installation_token().await.unwrap();
    let github = Octocrab::builder().base_uri(twin.urls().github).unwrap().personal_token(token).build().unwrap();
    github.repos("altscore", "services").get().await.unwrap();
    twin.clock().advance(chrono::TimeDelta::minutes(61));
    assert_eq!(status(&github.repos("altscore", "services").get().await.unwrap_err()), 401);

    let other = include_bytes!("../../fixtures/oidc.key.pem");
    let stranger = Octocrab::builder()
        .base_uri(twin.urls().github)
        .unwrap()
        .app(AppId(424_242), jsonwebtoken::EncodingKey::from_rsa_pem(other).unwrap())
        .build()
        .unwrap();
    assert_eq!(status(&stranger.current().app().await.unwrap_err()), 401);
    let app = Octocrab::builder()
        .base_uri(twin.urls().github)
        .unwrap()
        .app(AppId(424_242), jsonwebtoken::EncodingKey::from_rsa_pem(APP_KEY).unwrap())
        .build()
        .unwrap();
    assert_eq!(app.current().app().await.unwrap().name, "Gatehouse");
    assert_eq!(app.apps().installation(InstallationId(600_001)).await.unwrap().account.login, "altscore");
    let nobody = reqwest::get(format!("{}/repos/altscore/services", twin.urls().github)).await.unwrap();
    assert_eq!(nobody.status(), 401);
    assert_eq!(nobody.json::<Value>().await.unwrap()["message"], "Bad credentials");
}

#[tokio::test]
async fn activity_names_the_last_pusher_and_an_unchanged_answer_is_304() {
    let twin = twin().await;
    let run = held(&twin);
    let bearer = plain(&client(&twin).installation_token().await.unwrap());
    let http = reqwest::Client::new();
    let url = format!("{}/repos/altscore/services/activity?ref=refs/heads/main", twin.urls().github);
    let first = http.get(&url).bearer_auth(&bearer).send().await.unwrap();
    let etag = first.headers()["etag"].clone();
    let pushes: Vec<Value> = first.json().await.unwrap();
    assert_eq!(pushes[0]["after"], twin.github().head_sha(run).unwrap());
    assert_eq!(
        (pushes[0]["activity_type"].as_str(), pushes[0]["actor"]["login"].as_str()),
        (Some("pr_merge"), Some("asha-rao"))
    );
    assert_eq!(http.get(&url).bearer_auth(&bearer).header("if-none-match", etag).send().await.unwrap().status(), 304);
}
