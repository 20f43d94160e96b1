//! ATK-W3, W6, W7: what the key says of its user, of its uses and of its copies.

use super::{approvals_refused, begin_enrol, enrolments_refused, finish_enrol, key_uses, options};
use crate::auth::testing::{BE, BS, UP, UV};
use crate::testing::{ORIGIN, TestPortal};

#[tokio::test(flavor = "multi_thread")]
async fn atk_w3_approval_without_user_verification() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("a touch without PIN", |t| t.flags = UP, "user_not_verified"),
            ("a PIN without touch", |t| t.flags = UV, "signature_invalid"),
            ("neither", |t| t.flags = 0, "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w3_key_made_without_user_verification() {
    let portal = TestPortal::start().await;
    enrolments_refused(
        &portal,
        &[
            ("a touch without PIN", |t| t.flags &= !UV, "user_not_verified"),
            ("a PIN without touch", |t| t.flags &= !UP, "signature_invalid"),
        ],
    )
    .await;
}

/// The requirement is dropped between the options and the check: in the page, and in the stored state.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w3_user_verification_dropped_between_options_and_check() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.browser("E-1003").await);
    for lost in ["preferred", "discouraged"] {
        let approval = asha.begin(&held.number, "approve").await.unwrap();
        assert_eq!(options(&approval)["publicKey"]["userVerification"], "required");
        let enrolment = begin_enrol(&leela).await;
        let made = leela.key.register_with(&options(&enrolment), ORIGIN, |t| t.flags &= !UV);
        let sql = "UPDATE people_ceremonies SET state = jsonb_set(state, '{policy}', to_jsonb($1))";
        let changed = sqlx::query(sql).bind(lost).execute(&portal.db.owner).await.unwrap();
        assert_eq!(changed.rows_affected(), 2, "both ceremonies keep their policy where it is looked for");

        let watch = portal.watch().await;
        let answer = asha.touch_with(&approval, |t| t.flags &= !UV);
        assert_eq!(asha.finish(&approval, &answer).await.unwrap_err().code, "user_not_verified", "{lost}");
        watch.saw_one_refusal("user_not_verified").await;
        let watch = portal.watch().await;
        assert_eq!(finish_enrol(&leela, &enrolment, &made).await.unwrap_err().code, "user_not_verified", "{lost}");
        watch.saw_one_refusal("user_not_verified").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w6_counter_that_does_not_rise() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    // Made with 1, used once with 2.
    asha.decide(&held.number, "reject").await.unwrap();
    let uses = key_uses(&portal).await;
    for (tried, counter) in [("equal", 2), ("lower", 1), ("zero after it was not", 0)] {
        let ceremony = asha.begin(&held.number, "withdraw").await.unwrap();
        let answer = asha.touch_with(&ceremony, |t| t.counter = counter);
        let watch = portal.watch().await;
        assert_eq!(asha.finish(&ceremony, &answer).await.expect_err(tried).code, "signature_invalid", "{tried}");
        watch.saw_one_refusal("signature_invalid").await;
        assert_eq!(key_uses(&portal).await, uses, "{tried}");
    }
    // What is stored is the last counter that was believed, whatever was tried between.
    let ceremony = asha.begin(&held.number, "withdraw").await.unwrap();
    let answer = asha.touch_with(&ceremony, |t| t.counter = 3);
    asha.finish(&ceremony, &answer).await.unwrap();
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let answer = asha.touch_with(&ceremony, |t| t.counter = 3);
    assert_eq!(asha.finish(&ceremony, &answer).await.unwrap_err().code, "signature_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w6_a_cloned_key_beside_the_original() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.decide(&held.number, "reject").await.unwrap();
    // The same secret in another device, in a session of its own: it counts from the beginning.
    let clone = portal.browser("E-1001").await;
    let ceremony = clone.begin(&held.number, "withdraw").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(clone.finish(&ceremony, &clone.touch(&ceremony)).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w7_approval_by_a_key_that_became_synced() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("may be synced", |t| t.flags |= BE, "key_not_device_bound"),
            ("is synced", |t| t.flags |= BE | BS, "key_not_device_bound"),
            ("is, but may not be", |t| t.flags |= BS, "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w7_synced_passkey_enrolled() {
    let portal = TestPortal::start().await;
    enrolments_refused(
        &portal,
        &[
            ("may be synced", |t| t.flags |= BE, "key_not_device_bound"),
            ("is synced", |t| t.flags |= BE | BS, "key_not_device_bound"),
            ("is, but may not be", |t| t.flags |= BS, "key_not_device_bound"),
        ],
    )
    .await;
}
