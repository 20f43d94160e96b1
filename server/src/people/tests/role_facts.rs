#![expect(clippy::unwrap_used, reason = "tests")]

use crate::people::session::SignedIn;
use crate::people::testing::Stage;
use crate::people::{lock_signers, refresh_role_facts, sweep};
use chrono::Duration;
use gatehouse_domain::people::{Role, Signer};
use std::collections::BTreeSet;

async fn signer(stage: &Stage, who: &SignedIn) -> (Signer, bool) {
    let mut tx = stage.ctx.db.begin().await.unwrap();
    let signers = lock_signers(&mut tx, &stage.ctx, &BTreeSet::from([who.person.clone()])).await.unwrap();
    let now = stage.ctx.now(&mut tx).await.unwrap();
    let signer = signers.into_values().next().unwrap();
    let fresh = signer.facts_are_fresh(now);
    (signer, fresh)
}

#[tokio::test]
async fn a_role_is_held_when_group_and_list_both_say_so() {
    let stage = Stage::new().await;
    let (_, asha) = stage.sign_in("u-1001").await;
    assert_eq!(signer(&stage, &asha).await.0.held_roles(), BTreeSet::from([Role::Engineer, Role::Oncall]));
    // A group alone gives nothing.
    stage.twin.people().add_group("u-1001", "altscore-security").unwrap();
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    let (now_in, _) = signer(&stage, &asha).await;
    assert!(now_in.group_roles.contains(&Role::Security) && !now_in.held_roles().contains(&Role::Security));
    // A group alone takes away.
    stage.twin.people().remove_group("u-1001", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    assert_eq!(signer(&stage, &asha).await.0.held_roles(), BTreeSet::from([Role::Oncall]));
    assert_eq!(stage.entries().await.iter().filter(|act| *act == "people.roles_read").count(), 3);
    // Who is not admitted holds nothing, whatever the groups say.
    let (_, contractor) = stage.sign_in("u-1008").await;
    assert!(signer(&stage, &contractor).await.0.held_roles().is_empty());
}

#[tokio::test]
async fn facts_go_stale_and_a_refresh_makes_them_fresh_without_an_entry() {
    let stage = Stage::new().await;
    let (_, asha) = stage.sign_in("u-1001").await;
    stage.advance(Duration::minutes(16)).await;
    assert!(!signer(&stage, &asha).await.1);
    let before = stage.entries().await;
    for _ in 0..3 {
        refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    }
    assert!(signer(&stage, &asha).await.1, "three times, so the rotated token was stored each time");
    assert_eq!(stage.entries().await, before);
}

#[tokio::test]
async fn an_outage_changes_nothing_and_a_suspension_lets_facts_go_stale() {
    let stage = Stage::new().await;
    let (_, asha) = stage.sign_in("u-1001").await;
    stage.twin.people().set_up(false);
    assert!(refresh_role_facts(&stage.ctx, &asha.person).await.is_err());
    stage.twin.people().set_up(true);
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    stage.twin.people().suspend("u-1001");
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    stage.twin.people().reinstate("u-1001");
    stage.advance(Duration::minutes(16)).await;
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    assert!(!signer(&stage, &asha).await.1, "only a new sign-in helps");
    stage.sign_in("u-1001").await;
    assert!(signer(&stage, &asha).await.1);
}

#[tokio::test]
async fn who_is_here_stays_known_and_what_is_over_goes() {
    let stage = Stage::new().await;
    let (browser, asha) = stage.sign_in("u-1001").await;
    stage.go_and_say("u-1002", &mut crate::people::testing::Browser::default()).await;
    stage.advance(Duration::minutes(11)).await;
    assert!(stage.who(&browser).await.is_some());
    sweep(&stage.ctx).await.unwrap();
    stage.advance(Duration::minutes(10)).await;
    assert!(signer(&stage, &asha).await.1);
    let signins: i64 =
        sqlx::query_scalar("SELECT count(*) FROM people_signins").fetch_one(&stage.db.owner).await.unwrap();
    assert_eq!(signins, 0);
    stage.advance(Duration::hours(97)).await;
    sweep(&stage.ctx).await.unwrap();
    let sessions: i64 =
        sqlx::query_scalar("SELECT count(*) FROM people_sessions").fetch_one(&stage.db.owner).await.unwrap();
    assert_eq!(sessions, 0);
}

#[tokio::test]
async fn a_refresh_token_opens_only_for_its_account() {
    let stage = Stage::new().await;
    let (_, asha) = stage.sign_in("u-1001").await;
    let (_, rohan) = stage.sign_in("u-1002").await;
    sqlx::query("UPDATE people_role_facts SET refresh_token = (SELECT refresh_token FROM people_role_facts WHERE account = $1) WHERE account = $2")
        .bind(rohan.account.as_str())
        .bind(asha.account.as_str())
        .execute(&stage.db.owner)
        .await
        .unwrap();
    stage.advance(Duration::minutes(16)).await;
    refresh_role_facts(&stage.ctx, &asha.person).await.unwrap();
    assert!(!signer(&stage, &asha).await.1);
}
