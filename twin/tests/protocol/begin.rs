use octocrab::models::commits::CommitComparison;
use serde_json::Value;

use super::github::client;
use super::twin;

#[tokio::test]
async fn the_demo_holds_two_runs_whose_comparisons_do_not_mix() {
    let twin = twin().await;
    twin.set_portal("http://127.0.0.1:9");
    let runs = twin.github().begin().await.unwrap();
    assert_eq!(twin.github().begin().await.unwrap(), runs);
    let github = client(&twin);
    let mut seen = Vec::new();
    for (run, service) in runs.iter().zip(["score-api", "consent-service"]) {
        let image = twin.kubernetes().image("altscore-api", service, service).unwrap();
        let digest = image.split_once('@').unwrap().1;
        let running: Vec<Value> = github
            .get("/repos/altscore/services/deployments?environment=production&per_page=100", None::<&()>)
            .await
            .unwrap();
        let base = running
            .iter()
            .map(|it| it["sha"].as_str().unwrap())
            .find(|sha| twin.ecr().digest(&format!("altscore/{service}"), sha).as_deref() == Some(digest))
            .unwrap();
        let head = twin.github().head_sha(*run).unwrap();
        let compared: CommitComparison =
            github.get(format!("/repos/altscore/services/compare/{base}...{head}"), None::<&()>).await.unwrap();
        let mut authors: Vec<String> =
            compared.commits.iter().map(|commit| commit.author.as_ref().unwrap().login.clone()).collect();
        authors.dedup();
        seen.push((compared.total_commits, compared.files.unwrap().len(), authors.join(" ")));
        assert!(twin.github().is_pending(*run));
    }
    assert_eq!(seen, [(3, 6, "rohandas".to_owned()), (1, 2, "leela-m".to_owned())]);
}
