//! ATK-W13: one credential id, twice.

use super::{begin_enrol, enrol, finish_enrol, options, sign_enrolment};
use crate::auth::testing::SoftKey;
use crate::context::{Context, Entropy};
use crate::people::service;
use crate::people::testing::{Stage, named, options as stage_options};
use crate::people::tests::codes;
use crate::testing::{ORIGIN, TestPortal};
use gatehouse_app::people::shape::EnrolStep;
use serde_json::Value;
use sqlx::Connection as _;

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_credential_id_of_another_account() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let leela = portal.browser("E-1003").await;
    // The very key, and another key that claims its id.
    let bent = SoftKey::new("mallory");
    for (key, id) in [(&asha.key, asha.key.id.clone()), (&bent, asha.key.id.clone())] {
        let watch = portal.watch().await;
        let refused = enrol(&leela, key, |t| t.credential_id = id, |_| {}).await.unwrap_err();
        assert_eq!(refused.code, "key_already_enrolled");
        watch.saw_one_refusal("key_already_enrolled").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_ones_own_credential_id_again() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    let refused = enrol(&asha, &asha.key, |_| {}, |_| {}).await.unwrap_err();
    assert_eq!(refused.code, "key_already_enrolled");
    watch.saw_one_refusal("key_already_enrolled").await;
}

/// Both wait for the same row of the unique index; whoever comes second learns it as a refusal.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_one_credential_by_two_persons_at_the_same_moment() {
    let portal = TestPortal::start().await;
    let (leela, vikram) = (portal.browser("E-1003").await, portal.browser("E-1006").await);
    let shared = SoftKey::new("shared");
    let (one, two) = (begin_enrol(&leela).await, begin_enrol(&vikram).await);
    let (a, b) = (shared.register(&options(&one), ORIGIN), shared.register(&options(&two), ORIGIN));
    let before = portal.entries().await.len();

    let mut holder = portal.db.owner.acquire().await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("LOCK TABLE people_keys IN SHARE ROW EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    let (first, second, ()) = tokio::join!(finish_enrol(&leela, &one, &a), finish_enrol(&vikram, &two, &b), async {
        // Both have looked, found nobody with this key, and stand before the write.
        let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'people_keys'::regclass";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&portal.db.owner).await.unwrap() < 2 {
            tokio::task::yield_now().await;
        }
        held.commit().await.unwrap();
    });
    let (won, lost): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1), "{won:?} {lost:?}");
    let problem = lost.into_iter().next().unwrap().unwrap_err();
    assert_eq!((problem.code.as_str(), problem.status), ("key_already_enrolled", 409));
    assert_eq!(entries_since(&portal, before).await, ["audit.refused", "people.key_enrolled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_one_credential_by_two_sessions_of_one_person() {
    let portal = TestPortal::start().await;
    let (here, there) = (portal.browser("E-1003").await, portal.browser("E-1003").await);
    let (one, two) = (begin_enrol(&here).await, begin_enrol(&there).await);
    let (a, b) = (here.key.register(&options(&one), ORIGIN), here.key.register(&options(&two), ORIGIN));
    let before = portal.entries().await.len();
    let (first, second) = tokio::join!(finish_enrol(&here, &one, &a), finish_enrol(&there, &two, &b));
    let (won, lost): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1), "{won:?} {lost:?}");
    assert_eq!(lost[0].as_ref().unwrap_err().code, "key_already_enrolled");
    assert_eq!(entries_since(&portal, before).await, ["audit.refused", "people.key_enrolled"]);
}

/// Two tabs bring the same second key to where the first one signs for it; both are signed for.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_one_second_key_signed_for_twice() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let second = SoftKey::new("second");
    let mut asked: Vec<Value> = Vec::new();
    for _ in 0..2 {
        asked.push(enrol(&asha, &second, |_| {}, |_| {}).await.unwrap()["SignWithExisting"].clone());
    }
    let signed: Vec<Value> = asked.iter().map(|ceremony| asha.touch(ceremony)).collect();
    sign_enrolment(&asha, &asked[0], &signed[0]).await.unwrap();
    let watch = portal.watch().await;
    let refused = sign_enrolment(&asha, &asked[1], &signed[1]).await.unwrap_err();
    assert_eq!(refused.code, "key_already_enrolled");
    watch.saw_one_refusal("key_already_enrolled").await;
}

/// The same, where the configuration has since struck her off: every reason is given, not only the first one met.
#[tokio::test]
async fn atk_w13_one_second_key_signed_for_twice_by_somebody_no_longer_admitted() {
    let stage = Stage::new().await;
    let (_, asha, first) = stage.with_key("u-1001").await;
    let second = SoftKey::new("second");
    let mut asked = Vec::new();
    for _ in 0..2 {
        let begun = service::begin_enrol(&stage.ctx, &asha, named("second")).await.unwrap();
        let made = second.register(&stage_options(&begun), ORIGIN).to_string();
        match service::finish_enrol(&stage.ctx, &asha, &begun.ceremony, &made).await.unwrap() {
            EnrolStep::SignWithExisting(request) => asked.push(request),
            other => unreachable!("{other:?}"),
        }
    }
    let signed: Vec<_> = asked.iter().map(|one| first.sign(&stage_options(one), ORIGIN).to_string()).collect();
    service::finish_enrol_signature(&stage.ctx, &asha, &asked[0].ceremony, &signed[0]).await.unwrap();
    let mut config = stage.ctx.config.clone();
    config.admitted.retain(|row| row.person != asha.person);
    let newer = Context::new(config, stage.db.app.clone(), Entropy::from_number(4711)).await.unwrap();
    let before = stage.governed().await;
    let refused = service::finish_enrol_signature(&newer, &asha, &asked[1].ceremony, &signed[1]).await;
    assert_eq!(codes(refused), "not_admitted, key_already_enrolled");
    assert_eq!(stage.governed().await, before);
    assert_eq!(stage.entries().await.last().unwrap(), "people.enrol_key: not_admitted, key_already_enrolled");
}

async fn entries_since(portal: &TestPortal, before: usize) -> Vec<&'static str> {
    let mut acts: Vec<_> = portal.entries().await[before..].iter().map(|entry| entry.event.act()).collect();
    acts.sort_unstable();
    acts
}
