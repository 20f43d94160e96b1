//! Who holds the lane, and a newer change that takes an older one's place by a person's signature (ATK-16, ATK-21).

use super::lawful::all_is_lawful;
use crate::testing::{Browser, Held, TestPortal};
use gatehouse_domain::ChangeNumber;
use serde_json::{Value, json};

async fn wish(who: &Browser<'_>, older: &ChangeNumber, newer: &ChangeNumber) -> Value {
    let (old, new) = (who.change(older).await.subject_digest, who.change(newer).await.subject_digest);
    json!({"wish": {"supersede": {"older": older, "older_subject": old, "newer": newer, "newer_subject": new, "why": "a newer one"}}})
}

async fn two(portal: &TestPortal) -> (Held, Held) {
    (portal.held("score-api", "rohandas").await, portal.held("score-api", "rohandas").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_change_takes_the_place_of_one_that_waits_and_github_hears_no() {
    let portal = TestPortal::start().await;
    let (older, newer) = two(&portal).await;
    let other = portal.held("consent-service", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&older.number).await.unwrap();
    let lane = asha.change(&newer.number).await.lane.unwrap();
    let row = |n: usize| (lane.rows[n].number.clone(), lane.rows[n].is_this, lane.rows[n].supersede.is_some());
    assert_eq!((row(0), row(1)), ((older.number.to_string(), false, true), (newer.number.to_string(), true, false)));
    assert!(asha.change(&other.number).await.lane.is_none(), "another service is in the lane");
    assert_eq!(asha.change(&newer.number).await.row.lane, Some(format!("behind {} in the lane", older.number)),);
    assert_eq!(asha.change(&older.number).await.row.lane.as_deref(), Some("holds the lane; 1 waits behind it"));

    asha.lane(wish(&asha, &older.number, &newer.number).await).await.unwrap();
    portal.run_jobs().await;
    let answers = portal.twin.github().answers(older.run);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(format!("{answers:?}").contains("ejected"), "{answers:?}");
    assert!(answers[0].comment.contains(&format!("superseded by {}", newer.number)), "{answers:?}");
    assert!(portal.twin.github().answers(newer.run).is_empty());
    assert_eq!(asha.change(&older.number).await.row.status.word, "Superseded");
    assert_eq!(
        portal.acts_about(older.number.as_str()).await,
        ["changes.opened", "changes.approved", "changes.overtaken", "changes.github_answered"]
    );
    assert!(asha.change(&newer.number).await.lane.is_none());
    crate::testing::replay::must_rebuild(&mut portal.ctx.db.acquire().await.unwrap()).await;
    all_is_lawful(&portal, &newer).await;
}

/// The job was lost: what is owed is asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn github_is_told_though_the_job_was_lost() {
    let portal = TestPortal::start().await;
    let (older, newer) = two(&portal).await;
    let asha = portal.signer("E-1001").await;
    asha.lane(wish(&asha, &older.number, &newer.number).await).await.unwrap();
    sqlx::query("DELETE FROM jobs._private_jobs").execute(&portal.db.owner).await.unwrap();
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.twin.github().answers(older.run).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_superseding_another_services_change() {
    let portal = TestPortal::start().await;
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let asha = portal.signer("E-1001").await;
    for (older, newer) in [(&a, &b), (&b, &a)] {
        let wish = wish(&asha, &older.number, &newer.number).await;
        let watch = portal.watch().await;
        assert_eq!(asha.call("begin_lane", wish).await.unwrap_err().code, "not_behind");
        watch.saw_one_refusal("not_behind").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_what_was_read_is_another_now() {
    let portal = TestPortal::start().await;
    let (older, newer) = two(&portal).await;
    let asha = portal.signer("E-1001").await;
    let begun = asha.call("begin_lane", wish(&asha, &older.number, &newer.number).await).await.unwrap();
    let sha = portal.twin.github().head_sha(newer.run).unwrap();
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &format!("sha256:{}", "ee".repeat(32))).unwrap();
    crate::changes::assess(&portal.ctx, &newer.number).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish_lane(&begun, &asha.touch(&begun)).await.unwrap_err().code, "subject_replaced");
    watch.saw_one_refusal("subject_replaced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_superseding_by_somebody_without_a_seat() {
    let portal = TestPortal::start().await;
    let (older, newer) = two(&portal).await;
    let auditor = portal.signer("E-1005").await;
    let wish = wish(&auditor, &older.number, &newer.number).await;
    let watch = portal.watch().await;
    assert_eq!(auditor.call("begin_lane", wish).await.unwrap_err().code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
}

/// The older one is released in the same moment: either it was ended, or it goes out; never both.
#[tokio::test(flavor = "multi_thread")]
async fn atk_21_superseded_while_it_is_released() {
    let portal = TestPortal::start().await;
    let (older, newer) = two(&portal).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&older.number).await.unwrap();
    leela.approve(&older.number).await.unwrap();
    let begun = asha.call("begin_lane", wish(&asha, &older.number, &newer.number).await).await.unwrap();
    portal.db.set_slow_clock(portal.now(), 60).await;
    let touched = asha.touch(&begun);
    let (executed, ended) =
        tokio::join!(crate::changes::execute(&portal.ctx, &older.number), asha.finish_lane(&begun, &touched));
    portal.db.set_clock(portal.now()).await;
    executed.unwrap();
    let acts = portal.acts_about(older.number.as_str()).await;
    let (intended, overtaken) = (acts.contains(&"changes.execution_intended"), acts.contains(&"changes.overtaken"));
    assert!(intended != overtaken && ended.is_ok() == overtaken, "{acts:?} {ended:?}");
    portal.run_jobs().await;
    assert_eq!(portal.twin.github().job_released(older.run), intended);
    assert_eq!(portal.twin.github().answers(older.run).len(), 1);
}
