//! Losing all founders, and everything that must not pass for it.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::codes;
use super::strict::{Player, engineer, founded, later, open, rebuilds, saw_one_refusal, strictly};
use crate::auth::testing::SoftKey;
use crate::people::testing::{ORIGIN, Stage, options};
use crate::people::{init, refound, service};
use chrono::Duration;
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep};

const WHY: &str = "Both founders lost their keys in the flood; decided by the board, Meera Nair present.";

async fn notice(stage: &Stage) -> Option<String> {
    let mut conn = stage.ctx.db.acquire().await.unwrap();
    service::notice(&mut conn, &stage.ctx, true).await.unwrap()
}

async fn enrols(stage: &Stage, sub: &str, code: &str) -> crate::people::SignedIn {
    let (_, who) = stage.sign_in(sub).await;
    let request = EnrolRequest { name: "new".into(), founder_code: Some(code.into()) };
    let request = service::begin_enrol(&stage.ctx, &who, request).await.unwrap();
    let credential = SoftKey::new(&format!("new {sub}")).register(&options(&request), ORIGIN).to_string();
    let step = service::finish_enrol(&stage.ctx, &who, &request.ceremony, &credential).await.unwrap();
    assert_eq!(step, EnrolStep::Done);
    who
}

#[tokio::test]
async fn the_founders_begin_again_and_everybody_is_told_for_a_week() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", "a security key").await;
    asha.says(&stage, &request, "approve").await.unwrap();
    rohan.says(&stage, &request, "approve").await.unwrap();
    let before = stage.entries().await.len();
    let done = refound(&stage.ctx, WHY).await.unwrap();
    assert_eq!((done.codes.len(), done.fallen_keys), (2, 2));
    let said = stage.entries().await.split_off(before);
    let acts = ["people.refounded", "people.key_fell", "people.endorsement_fell", "people.founder_code_issued"];
    assert_eq!(acts.map(|act| said.iter().filter(|entry| *entry == act).count()), [1, 2, 2, 2]);
    // The words are sealed, and opened for whoever is signed in.
    let bodies: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM audit_entries").fetch_all(&stage.db.owner).await.unwrap();
    assert!(!bodies.iter().any(|body| String::from_utf8_lossy(body).contains("flood")));
    assert!(notice(&stage).await.unwrap().ends_with(&format!("The reason given: {WHY}")));
    let mut conn = stage.ctx.db.acquire().await.unwrap();
    let stranger = service::notice(&mut conn, &stage.ctx, false).await.unwrap().unwrap();
    assert!(
        stranger.contains("refounded offline at 2026-11-22 10:00 UTC") && !stranger.contains("flood"),
        "{stranger}"
    );
    drop(conn);
    // The old keys sign nothing, what they endorsed falls, the new ones count at once; the roles were kept.
    assert!(asha.signer(&stage).await.active_keys.is_empty());
    let code = &done.codes.first().unwrap().code;
    enrols(&stage, "u-1001", code).await;
    assert_eq!(asha.signer(&stage).await.active_keys.len(), 1);
    assert_eq!(rohan.signer(&stage).await.held_roles(), engineer());
    later(&stage, Duration::hours(25)).await;
    assert!(leela.signer(&stage).await.active_keys.is_empty());
    assert!(notice(&stage).await.is_some());
    later(&stage, Duration::days(6)).await;
    assert_eq!(notice(&stage).await, None);
    rebuilds(&stage).await;
}

#[tokio::test]
async fn atk_w12_init_is_no_way_in_once_two_persons_had_keys() {
    let stage = Stage::with(|config| {
        strictly(config);
        config.admitted.iter_mut().filter(|row| row.person.as_str() == "E-1003").for_each(|row| row.founder = true);
    })
    .await;
    let made = init(&stage.ctx).await.unwrap();
    assert_eq!(made.len(), 3);
    let code = |n: usize| made.get(n).unwrap().code.clone();
    enrols(&stage, "u-1001", &code(0)).await;
    // One person cannot endorse anybody: the others may have new codes, the first none.
    assert_eq!(init(&stage.ctx).await.unwrap().len(), 2);
    let made = init(&stage.ctx).await.unwrap();
    enrols(&stage, "u-1002", &made.first().unwrap().code).await;
    saw_one_refusal(&stage, "people.found", "founding_over", async || init(&stage.ctx).await.map(|codes| codes.len()))
        .await;
    // The third founder's code is still theirs.
    enrols(&stage, "u-1003", &made.get(1).unwrap().code).await;
    assert!(init(&stage.ctx).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_code_that_lay_about_for_a_week_is_worth_nothing() {
    let stage = Stage::with(strictly).await;
    let code = init(&stage.ctx).await.unwrap().remove(0).code;
    let begin = async || {
        let (_, asha) = stage.sign_in("u-1001").await;
        let request = EnrolRequest { name: "late".into(), founder_code: Some(code.clone()) };
        service::begin_enrol(&stage.ctx, &asha, request).await
    };
    stage.advance(Duration::days(7) - Duration::seconds(1)).await;
    begin().await.unwrap();
    stage.advance(Duration::seconds(1)).await;
    assert_eq!(codes(begin().await), "founder_code_invalid");
}

#[tokio::test]
async fn a_refounding_without_a_reason_or_without_founders_changes_nothing() {
    let (stage, asha, _) = founded().await;
    for why in ["", "lost keys", "\u{202e}the founders lost all of their keys"] {
        saw_one_refusal(&stage, "people.refound", "text_refused", async || {
            refound(&stage.ctx, why).await.map(|done| done.fallen_keys)
        })
        .await;
    }
    let stage = stage.restarted(|config| config.admitted.iter_mut().for_each(|row| row.founder = false)).await;
    saw_one_refusal(&stage, "people.refound", "no_founder", async || {
        refound(&stage.ctx, WHY).await.map(|done| done.fallen_keys)
    })
    .await;
    assert_eq!(asha.signer(&stage).await.active_keys.len(), 1);
    assert_eq!(notice(&stage).await, None);
}
