//! ATK-03: an address, or a whole account, is given to a new joiner.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::account;
use crate::people::refresh_role_facts;
use crate::testing::{Browser, TestPortal};

#[tokio::test(flavor = "multi_thread")]
async fn atk_03_a_new_joiner_with_an_old_address_inherits_nothing() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    let address = account("u-1001", "", None).email;
    portal.twin.people().suspend("u-1001");
    let mut joiner = account("u-1003", "u-2001", Some("E-2001"));
    joiner.email = address;
    portal.twin.people().add(joiner);
    let joiner = Browser::sign_in_as(&portal, "E-2001", "u-2001").await;
    assert_eq!(joiner.who().await.person.as_str(), "E-2001");
    let (_, keys) = joiner.get("/api/ui/keys").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 0, "another's key: {keys}");
    for (decision, code) in
        [("approve", "not_admitted"), ("reject", "not_admitted"), ("withdraw", "nothing_to_withdraw")]
    {
        let watch = portal.watch().await;
        let refused = joiner.begin(&held.number, decision).await.unwrap_err();
        assert!(refused.reasons.iter().any(|reason| reason.code == code), "{decision}: {refused:?}");
        watch.saw_one_refusal(code).await;
    }
    // The approval is Asha's still, and with Asha gone it opens nothing.
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "somebody who is gone released it");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_03_an_account_that_was_handed_on_takes_no_role_along() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    // The same subject, the same groups, another human.
    portal.twin.people().add(account("u-1001", "u-1001", Some("E-2001")));
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "an approval went along with an account");
    // The new holder cannot come in through it either, and that is an entry about the person whose account it was.
    let watch = portal.watch().await;
    let refused = Browser::anonymous(&portal).try_sign_in("u-1001").await;
    assert_eq!(refused["code"], "account_moved", "{refused}");
    watch.saw_one_refusal("account_moved").await;
    assert_eq!(portal.acts_about("E-1001").await.last(), Some(&"audit.refused"));
    assert!(portal.counted().await.is_empty());
    // An account that lost its employee id vouches for nobody.
    portal.twin.people().add(account("u-1003", "u-1003", None));
    refresh_role_facts(&portal.ctx, &leela.who().await.person).await.unwrap();
    let facts: bool = sqlx::query_scalar("SELECT bool_or(refresh_token IS NOT NULL) FROM people_role_facts")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap();
    assert!(!facts, "both were forgotten");
}
