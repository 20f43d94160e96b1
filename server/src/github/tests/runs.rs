//! Runs, what they wait for, and the answer.

use super::super::facts::{AccountKind, Conclusion, RunStatus};
use super::super::webhook::{SignatureError, parse_protection_request, verify_signature};
use super::super::{Answer, Error, RepoName};
use super::*;
use gatehouse_domain::{RepositoryId, RunAttempt};
use twin::Fault;

#[tokio::test]
async fn a_repository_is_found_by_its_number() {
    let (twin, github) = start().await;
    let found = github.read_repository(RepositoryId(7001)).await.unwrap();
    assert_eq!((found.id, found.full_name), (RepositoryId(7001), repo()));
    let error = github.read_repository(RepositoryId(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "GitHub has no repository 1, or does not show it to Gatehouse");
    assert!(!error.is_retryable());
    end(&twin);
}

#[tokio::test]
async fn a_run_is_read_as_its_latest_attempt() {
    let (twin, github) = start().await;
    let (id, sha) = push(&twin, &PushRun { title: "Count per lender".into(), ..rohan() });
    let run = github.read_run(&repo(), id).await.unwrap();
    assert_eq!((run.id, run.attempt, run.repository_id), (id, RunAttempt(1), RepositoryId(7001)));
    assert_eq!((run.head_sha, run.head_branch.as_deref()), (sha, Some("main")));
    assert_eq!((run.path.as_str(), run.event.as_str()), (".github/workflows/score-api.yml", "push"));
    assert_eq!((run.status, run.conclusion), (RunStatus::Waiting, None));
    assert_eq!(run.title, "Count per lender");
    assert_eq!((run.actor.id, run.actor.login.as_str()), (GithubId(50002), "rohandas"));
    assert_eq!(run.actor.kind, AccountKind::User);
    assert_eq!(run.triggering_actor.id, GithubId(50002));

    twin.github().rerun(id.0, "asha-rao").unwrap();
    let again = github.read_run(&repo(), id).await.unwrap();
    assert_eq!((again.attempt, again.actor.id), (RunAttempt(2), GithubId(50002)));
    assert_eq!(again.triggering_actor.id, GithubId(50001));

    assert!(matches!(github.read_run(&repo(), RunId(1)).await, Err(Error::NotFound { .. })));
    let other: RepoName = "altscore/ml".parse().unwrap();
    assert!(matches!(github.read_run(&other, id).await, Err(Error::NotFound { .. })));
    end(&twin);
}

#[tokio::test]
async fn the_jobs_of_an_attempt_are_listed() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    let jobs = github.list_jobs(&repo(), run, RunAttempt(1)).await.unwrap();
    let names: Vec<_> = jobs.iter().map(|j| j.name.as_str()).collect();
    assert_eq!(names, ["commit", "build", "staging", "production"]);
    assert_eq!((&jobs[2].status, &jobs[2].conclusion), (&RunStatus::Completed, &Some(Conclusion::Success)));
    assert_eq!((&jobs[3].status, &jobs[3].conclusion), (&RunStatus::Waiting, &None));
    assert!(matches!(github.list_jobs(&repo(), run, RunAttempt(2)).await, Err(Error::NotFound { .. })));
    end(&twin);
}

#[tokio::test]
async fn an_answer_releases_the_job_and_is_given_once() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    let answer =
        async |answer| github.answer_rule(&repo(), run, "production", answer, "Approved by two engineers.").await;
    assert_eq!(github.list_pending_deployments(&repo(), run).await.unwrap(), []);
    // Nothing is asked yet, so nothing can be answered.
    assert!(matches!(answer(Answer::Approve).await, Err(Error::Denied { status: 422, .. })));

    let delivery = ask(&twin, run);
    let pending = github.list_pending_deployments(&repo(), run).await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].environment, "production");
    github.report_status(&repo(), run, "production", "Waiting for two engineers.").await.unwrap();
    assert_eq!(twin.github().status_reports(run.0)[0].comment, "Waiting for two engineers.");
    assert!(!twin.github().job_released(run.0));
    drop(delivery);

    answer(Answer::Approve).await.unwrap();
    let answers = twin.github().answers(run.0);
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].state.as_str(), answers[0].comment.as_str()), ("approved", "Approved by two engineers."));
    assert!(twin.github().job_released(run.0));
    assert_eq!(github.list_pending_deployments(&repo(), run).await.unwrap(), []);
    assert!(matches!(answer(Answer::Reject).await, Err(Error::Denied { status: 422, .. })));
    assert!(matches!(github.list_pending_deployments(&repo(), RunId(1)).await, Err(Error::NotFound { .. })));
    assert!(matches!(github.report_status(&repo(), RunId(1), "production", "x").await, Err(Error::NotFound { .. })));
    end(&twin);
}

#[tokio::test]
async fn a_rejection_fails_the_job_and_a_long_comment_is_cut() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    ask(&twin, run);
    github.answer_rule(&repo(), run, "production", Answer::Reject, &"x".repeat(5000)).await.unwrap();
    let answers = twin.github().answers(run.0);
    assert_eq!((answers[0].state.as_str(), answers[0].comment.chars().count()), ("rejected", 1024));
    assert_eq!(twin.github().production_job(run.0), Some(("completed".into(), Some("failure".into()))));
    end(&twin);
}

#[tokio::test]
async fn an_answer_whose_receipt_is_lost_is_not_given_twice() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    ask(&twin, run);
    twin.faults().fail("github.callback", 503, 1);
    let answer = async || github.answer_rule(&repo(), run, "production", Answer::Approve, "x").await;
    let error = answer().await.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(twin.github().answers(run.0).len(), 0);
    twin.faults().arm("github.callback", Fault::Lose, 1);
    assert!(answer().await.unwrap_err().is_retryable());
    // Now only a re-read can tell, and it does.
    assert_eq!(github.list_pending_deployments(&repo(), run).await.unwrap(), []);
    assert_eq!(twin.faults().calls("github.callback"), 2);
    assert_eq!(twin.github().answers(run.0).len(), 1);
    end(&twin);
}

#[tokio::test]
async fn githubs_question_is_verified_and_leads_back_to_the_run() {
    let (twin, github) = start().await;
    let (run, sha) = push(&twin, &rohan());
    let delivery = ask(&twin, run);
    let signature =
        delivery.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-hub-signature-256")).unwrap().1.clone();
    let secret = twin.secrets().webhook.into();
    verify_signature(&secret, Some(&signature), &delivery.body).unwrap();
    let mut tampered = delivery.body.to_vec();
    tampered[20] ^= 1;
    assert_eq!(verify_signature(&secret, Some(&signature), &tampered), Err(SignatureError::Mismatch));

    let request = parse_protection_request(&delivery.body, &settings(&twin).api_url).unwrap();
    assert_eq!((request.run_id, request.repository_id, request.repository), (run, RepositoryId(7001), repo()));
    assert_eq!((request.environment.as_str(), request.installation_id), ("production", github.installation_id()));
    assert!(request.deployment_id.is_some());
    assert_eq!(github.read_run(&repo(), request.run_id).await.unwrap().head_sha, sha);
    end(&twin);
}
