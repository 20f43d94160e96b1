use octocrab::models::workflows::WorkflowRunApproval;
use serde_json::{Value, json};

use twin::{Options, Twin};

use super::github::{client, held, plain};
use super::twin;

#[tokio::test]
async fn an_approval_releases_the_job_and_production_changes() {
    let twin = twin().await;
    let run = held(&twin);
    let github = client(&twin);
    let callback = format!("/repos/altscore/services/actions/runs/{run}/deployment_protection_rule");
    let report =
        github._post(&callback, Some(&json!({ "environment_name": "production", "comment": "1 of 2" }))).await.unwrap();
    assert_eq!(report.status(), 204);
    let before = twin.kubernetes().image("altscore-api", "score-api", "score-api").unwrap();
    let answer = json!({ "environment_name": "production", "state": "approved", "comment": "two engineers" });
    assert_eq!(github._post(&callback, Some(&answer)).await.unwrap().status(), 204);
    assert!(twin.github().job_released(run));
    assert_eq!(twin.github().status_reports(run).len(), 1);
    let answers = twin.github().answers(run);
    assert_eq!(
        (answers[0].state.as_str(), answers[0].comment.as_str(), answers[0].attempt),
        ("approved", "two engineers", 1)
    );
    let after = twin.kubernetes().image("altscore-api", "score-api", "score-api").unwrap();
    assert_ne!(before, after);
    assert!(after.ends_with(&twin.ecr().digest("altscore/score-api", &twin.github().head_sha(run).unwrap()).unwrap()));
    let said: Vec<WorkflowRunApproval> =
        github.get(format!("/repos/altscore/services/actions/runs/{run}/approvals"), None::<&()>).await.unwrap();
    assert_eq!(said[0].comment, "two engineers");
    let deployments: Vec<Value> = github
        .get("/repos/altscore/services/deployments?environment=production&per_page=1", None::<&()>)
        .await
        .unwrap();
    let statuses: Vec<Value> = github
        .get(format!("/repos/altscore/services/deployments/{}/statuses", deployments[0]["id"]), None::<&()>)
        .await
        .unwrap();
    assert_eq!(statuses[0]["state"], "success");
}

#[tokio::test]
async fn what_is_not_pending_cannot_be_answered() {
    let twin = twin().await;
    let run = held(&twin);
    let github = client(&twin);
    let callback = format!("/repos/altscore/services/actions/runs/{run}/deployment_protection_rule");
    let answer = |environment: &str| json!({ "environment_name": environment, "state": "rejected", "comment": "no" });
    assert_eq!(github._post(&callback, Some(&answer("staging"))).await.unwrap().status(), 422);
    twin.github().rerun(run, "leela-m").unwrap();
    assert_eq!(github._post(&callback, Some(&answer("production"))).await.unwrap().status(), 422);
    twin.github().build_delivery(run).unwrap();
    assert_eq!(github._post(&callback, Some(&answer("production"))).await.unwrap().status(), 204);
    assert_eq!(github._post(&callback, Some(&answer("production"))).await.unwrap().status(), 422);
    let answers = twin.github().answers(run);
    assert_eq!((answers.len(), answers[0].attempt), (1, 2));
    assert!(!twin.github().job_released(run));
    assert_eq!(twin.github().production_job(run), Some(("completed".into(), Some("failure".into()))));
}

#[tokio::test]
async fn an_eleventh_status_report_is_refused() {
    let twin = twin().await;
    let run = held(&twin);
    let github = client(&twin);
    let callback = format!("/repos/altscore/services/actions/runs/{run}/deployment_protection_rule");
    for count in 0..11 {
        let sent = github
            ._post(&callback, Some(&json!({ "environment_name": "production", "comment": "waiting" })))
            .await
            .unwrap();
        assert_eq!(sent.status(), if count < 10 { 204 } else { 422 });
    }
}

#[tokio::test]
async fn a_fault_fails_as_often_as_it_was_told_and_a_lost_answer_has_happened() {
    let twin = twin().await;
    let run = held(&twin);
    let token = client(&twin).installation_token().await.unwrap();
    let bearer = plain(&token);
    let http = reqwest::Client::new();
    let url = format!("{}/repos/altscore/services/actions/runs/{run}", twin.urls().github);
    twin.faults().fail("github.run", 503, 2);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(http.get(&url).bearer_auth(&bearer).send().await.unwrap().status().as_u16());
    }
    assert_eq!(seen, [503, 503, 200]);
    assert_eq!(twin.faults().calls("github.run"), 3);

    twin.faults().lose("github.callback", 1);
    let answer = json!({ "environment_name": "production", "state": "approved", "comment": "two engineers" });
    let lost = http.post(format!("{url}/deployment_protection_rule")).bearer_auth(&bearer).json(&answer).send().await;
    assert!(match lost {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(twin.github().answers(run).len(), 1);
    assert!(twin.faults().unspent().is_empty());
}

#[tokio::test]
async fn under_the_machines_clock_production_follows_a_moment_later() {
    let twin = Twin::start(Options { seed: 7, ..Options::default() }).await.unwrap();
    let run = held(&twin);
    let callback = format!("/repos/altscore/services/actions/runs/{run}/deployment_protection_rule");
    let answer = json!({ "environment_name": "production", "state": "approved", "comment": "two engineers" });
    assert_eq!(client(&twin)._post(&callback, Some(&answer)).await.unwrap().status(), 204);
    assert_eq!(twin.github().production_job(run), Some(("in_progress".into(), None)));
    let done = Some(("completed".to_owned(), Some("success".to_owned())));
    for _ in 0..100 {
        if twin.github().production_job(run) == done {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(twin.github().production_job(run), done);
}
