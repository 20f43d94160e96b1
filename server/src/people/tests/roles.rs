//! A role that appears waits; one that goes is gone; and what an outage may not do to either.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::strict::{Player, engineer, founded, later, open, rebuilds, saw_one_refusal};
use crate::people::refresh_role_facts;
use crate::people::testing::Stage;
use chrono::Duration;
use std::collections::BTreeSet;

const ROLE: &str = "the role Engineer";

async fn counts(stage: &Stage, act: &str) -> usize {
    stage.entries().await.iter().filter(|entry| *entry == act).count()
}

#[tokio::test]
async fn a_lost_role_is_gone_at_once_and_waits_again_when_it_is_back() {
    let (stage, asha, rohan) = founded().await;
    stage.twin.people().remove_group("u-1002", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &rohan.who.person).await.unwrap();
    assert_eq!(counts(&stage, "people.role_lost").await, 1);
    assert!(rohan.signer(&stage).await.held_roles().is_empty());
    stage.twin.people().add_group("u-1002", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &rohan.who.person).await.unwrap();
    let back = rohan.signer(&stage).await;
    assert!(back.held_roles().is_empty() && back.group_roles.contains(&gatehouse_domain::people::Role::Engineer));
    assert_eq!(back.waiting_roles, engineer());
    // A founder once is no founder for this.
    let request = open(&stage, &asha, "E-1002", ROLE).await;
    saw_one_refusal(&stage, "people.endorse", "endorses_self, endorser_without_role", async || {
        rohan.begins(&stage, &request, "approve").await
    })
    .await;
}

#[tokio::test]
async fn an_outage_and_a_suspension_lose_no_role() {
    let (stage, _, rohan) = founded().await;
    stage.twin.people().set_up(false);
    assert!(refresh_role_facts(&stage.ctx, &rohan.who.person).await.is_err());
    later(&stage, Duration::hours(5)).await;
    stage.twin.people().set_up(true);
    stage.twin.people().suspend("u-1002");
    refresh_role_facts(&stage.ctx, &rohan.who.person).await.unwrap();
    later(&stage, Duration::hours(5)).await;
    stage.twin.people().reinstate("u-1002");
    stage.sign_in("u-1002").await;
    assert_eq!(rohan.signer(&stage).await.held_roles(), engineer());
    assert_eq!((counts(&stage, "people.role_lost").await, counts(&stage, "people.role_gained").await), (0, 3));
}

/// ATK-07: the admitted list gives a role with a restart, and takes one with the next.
#[tokio::test]
async fn atk_07_a_role_that_the_list_gives_waits_and_one_that_it_takes_is_gone_before_anybody_noticed() {
    let (stage, _, rohan) = founded().await;
    stage.twin.people().add_group("u-1002", "altscore-security").unwrap();
    refresh_role_facts(&stage.ctx, &rohan.who.person).await.unwrap();
    assert_eq!(rohan.signer(&stage).await.waiting_roles, BTreeSet::new(), "the list does not give it");
    let security = gatehouse_domain::people::Role::Security;
    let stage = stage
        .restarted(|config| {
            config.admitted.iter_mut().filter(|row| row.person.as_str() == "E-1002").for_each(|row| {
                row.roles.insert(security);
            });
        })
        .await;
    // Before the minute's work, and after it.
    assert_eq!(rohan.signer(&stage).await.held_roles(), engineer());
    later(&stage, Duration::minutes(1)).await;
    let signer = rohan.signer(&stage).await;
    assert_eq!((signer.held_roles(), signer.waiting_roles), (engineer(), BTreeSet::from([security])));
    let stage = stage.restarted(|config| config.admitted.retain(|row| row.person.as_str() != "E-1002")).await;
    assert!(rohan.signer(&stage).await.held_roles().is_empty());
    later(&stage, Duration::minutes(1)).await;
    assert_eq!(counts(&stage, "people.role_lost").await, 2);
    later(&stage, Duration::minutes(1)).await;
    assert_eq!(counts(&stage, "people.role_lost").await, 2, "looking again finds nothing");
}

#[tokio::test]
async fn a_refused_role_stays_refused_until_it_was_lost() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", ROLE).await;
    rohan.says(&stage, &request, "reject").await.unwrap();
    later(&stage, Duration::minutes(1)).await;
    refresh_role_facts(&stage.ctx, &leela.who.person).await.unwrap();
    assert_eq!(counts(&stage, "people.role_gained").await, 4, "nobody is asked again");
    stage.twin.people().remove_group("u-1003", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &leela.who.person).await.unwrap();
    stage.twin.people().add_group("u-1003", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &leela.who.person).await.unwrap();
    assert_ne!(open(&stage, &asha, "E-1003", ROLE).await, request);
    rebuilds(&stage).await;
}

/// ATK-17: what was endorsed for a role that was lost is nothing for the same role gained again.
#[tokio::test]
async fn atk_17_an_endorsement_does_not_outlive_the_role() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", ROLE).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    let begun = rohan.begins(&stage, &request, "approve").await.unwrap();
    stage.twin.people().remove_group("u-1003", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &leela.who.person).await.unwrap();
    stage.twin.people().add_group("u-1003", "altscore-engineers").unwrap();
    refresh_role_facts(&stage.ctx, &leela.who.person).await.unwrap();
    saw_one_refusal(&stage, "people.endorse", "request_ended", async || rohan.finishes(&stage, &begun).await).await;
    later(&stage, Duration::hours(25)).await;
    assert!(leela.signer(&stage).await.held_roles().is_empty());
}
