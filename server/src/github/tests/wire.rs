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

#[tokio::test]
async fn what_did_not_change_costs_nothing_and_what_did_is_seen_at_once() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    let first = github.read_run(&repo(), run).await.unwrap();
    assert_eq!((twin.github().not_modified(), first.clone()), (0, github.read_run(&repo(), run).await.unwrap()));
    assert_eq!(twin.github().not_modified(), 1);
    // Pages are kept with what follows them.
    let all = async || github.list_waiting_runs(&repo()).await.unwrap();
    for _ in 0..120 {
        push(&twin, &rohan());
    }
    assert_eq!((all().await.len(), all().await.len()), (121, 121));
    assert_eq!(twin.github().not_modified(), 3);
    twin.github().rerun(run.0, "asha-rao").unwrap();
    assert_ne!(github.read_run(&repo(), run).await.unwrap(), first);
    assert_eq!(twin.github().not_modified(), 3);
    end(&twin);
}

#[tokio::test]
async fn a_spent_share_is_not_asked_into() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    // The last request that is left says that it was the last.
    twin.github().leave_requests(1, TimeDelta::minutes(30));
    github.read_run(&repo(), run).await.unwrap();
    let error = github.read_run(&repo(), run).await.unwrap_err();
    let wait = error.retry_after().unwrap().as_secs();
    assert!((1700..=1800).contains(&wait), "{wait}");
    assert_eq!(twin.faults().calls("github.run"), 1, "GitHub was asked while it said to wait");
    // The App's own log has a share of its own.
    github.list_deliveries(twin.clock().now() - TimeDelta::days(1)).await.unwrap();
    end(&twin);
}

#[tokio::test]
async fn githubs_wait_is_waited_for_and_then_it_is_asked_again() {
    let (twin, github) = start().await;
    let (run, _) = push(&twin, &rohan());
    twin.faults().arm("github.run", Fault::Quiet(1), 1);
    for _ in 0..2 {
        assert!(github.read_run(&repo(), run).await.unwrap_err().retry_after().is_some());
        assert_eq!(twin.faults().calls("github.run"), 1, "it was asked while it said to wait");
    }
    let again = async {
        while github.read_run(&repo(), run).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), again).await.unwrap();
    assert_eq!(twin.faults().calls("github.run"), 2);
    end(&twin);
}

#[tokio::test]
async fn the_log_of_deliveries_is_read_back_to_a_time_over_all_its_pages() {
    let (twin, github) = start().await;
    twin.set_portal("http://127.0.0.1:1");
    let (run, _) = push(&twin, &rohan());
    let mut sent = Vec::new();
    for _ in 0..130 {
        sent.push(twin.github().ask_for_production(run.0).await.unwrap());
    }
    // GitHub tells whole seconds.
    let all = github.list_deliveries(sent[0].at - TimeDelta::seconds(1)).await.unwrap();
    assert!(all.is_complete && all.deliveries.len() == 130);
    assert!(all.deliveries.iter().rev().zip(&sent).all(|(listed, sent)| listed.guid == sent.guid));
    let none = github.list_deliveries(sent[129].at + TimeDelta::seconds(1)).await.unwrap();
    assert!(none.is_complete && none.deliveries.is_empty());
    github.redeliver(all.deliveries[0].id).await.unwrap();
    let error = github.redeliver(1).await.unwrap_err();
    assert_eq!(error.to_string(), "GitHub has no delivery of this number, or does not show it to Gatehouse");
    end(&twin);
}
