//! Tokens, stumbles and strangers.

use super::super::Error;
use super::*;
use chrono::TimeDelta;
use gatehouse_domain::RepositoryId;
use twin::Fault;

#[tokio::test]
async fn one_stumble_of_githubs_is_not_noticed_and_two_are_said() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    for fault in [Fault::Fail(500), Fault::Fail(503), Fault::Drop] {
        twin.faults().arm("github.run", fault, 1);
        assert!(github.read_run(&repo(), run).await.is_ok(), "{fault:?} once");
        twin.faults().arm("github.run", fault, 2);
        let error = github.read_run(&repo(), run).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_retryable(), "{fault:?} twice: {error:?}");
        assert_eq!(error.to_string(), format!("GitHub did not answer when asked for run {run} of altscore/services"));
    }
    twin.faults().fail("github.run", 429, 1);
    let error = github.read_run(&repo(), run).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error:?}");
    end(&twin);
}

#[tokio::test]
async fn a_token_is_used_until_it_expires_and_then_another_is_bought() {
    let (twin, github) = start().await;
    let read = async || github.read_repository(RepositoryId(7001)).await;
    read().await.unwrap();
    read().await.unwrap();
    github.clone().read_repository(RepositoryId(7001)).await.unwrap();
    assert_eq!(twin.faults().calls("github.token"), 1);
    twin.clock().advance(TimeDelta::hours(2));
    read().await.unwrap();
    assert_eq!(twin.faults().calls("github.token"), 2);

    twin.clock().advance(TimeDelta::hours(2));
    twin.faults().fail("github.token", 401, 1);
    let error = read().await.unwrap_err();
    assert!(matches!(error, Error::Denied { status: 401, .. }), "{error:?}");
    read().await.unwrap();
    end(&twin);
}

#[tokio::test]
async fn a_foreign_key_app_or_installation_gets_no_token() {
    let (twin, _) = start().await;
    let read = async |settings: GithubSettings| {
        Client::connect(&settings).unwrap().read_repository(RepositoryId(7001)).await.unwrap_err()
    };
    let good = settings(&twin);
    let error = read(GithubSettings { app_id: 1, ..good.clone() }).await;
    assert_eq!(error.to_string(), "GitHub refused an installation token for Gatehouse's App (status 401)");
    let error = read(GithubSettings { installation_id: 1, ..good.clone() }).await;
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    let other_key = include_str!("../../../../twin/fixtures/oidc.key.pem");
    let error = read(GithubSettings { private_key_pem: other_key.into(), ..good.clone() }).await;
    assert!(matches!(error, Error::Denied { status: 401, .. }), "{error:?}");
    let error = read(GithubSettings { api_url: "http://127.0.0.1:1".parse().unwrap(), ..good }).await;
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    end(&twin);
}
