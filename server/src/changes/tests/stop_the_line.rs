//! Stopping the line and letting it go on; and whoever tries it by right of nothing (ATK-16, ATK-17, ATK-21).

use super::lawful::all_is_lawful;
use crate::testing::{Browser, Held, TestPortal};
use axum::http::StatusCode;
use chrono::Duration;
use gatehouse_app::changes::lane::FreezesView;
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};

const WHY: &str = "5xx in the whole of the mesh";

fn stop_wish(environment: &str, until: Option<&str>) -> Value {
    json!({"wish": {"stop": {"environment": environment, "until": until, "why": WHY}}})
}

impl Browser<'_> {
    /// An act on the lane, from beginning to end.
    pub(super) async fn lane(&self, wish: Value) -> Result<Value, Problem> {
        let begun = self.call("begin_lane", wish).await?;
        self.finish_lane(&begun, &self.touch(&begun)).await
    }

    pub(super) async fn finish_lane(&self, begun: &Value, assertion: &Value) -> Result<Value, Problem> {
        self.call("finish_lane", json!({"ceremony": begun["ceremony"], "assertion": assertion.to_string()})).await
    }

    pub(super) async fn freezes(&self) -> FreezesView {
        let (status, body) = self.get("/api/ui/freezes").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_value(body).unwrap()
    }

    async fn lift(&self) -> Result<Value, Problem> {
        let stops = self.freezes().await.stops;
        // What is over can be named too; the portal says no.
        let id = stops.iter().find(|stop| stop.stands).unwrap_or(&stops[0]).id.clone();
        self.lane(json!({"wish": {"lift": {"stop": id, "why": "it is mended"}}})).await
    }
}

async fn approved(portal: &TestPortal) -> Held {
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    approved_by(portal, &asha, &leela).await
}

async fn approved_by(portal: &TestPortal, one: &Browser<'_>, other: &Browser<'_>) -> Held {
    let held = portal.held("score-api", "rohandas").await;
    one.approve(&held.number).await.unwrap();
    other.approve(&held.number).await.unwrap();
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_holds_everything_until_another_lets_it_go_on() {
    let portal = TestPortal::start().await;
    let (farah, vikram) = (portal.signer("E-1004").await, portal.signer("E-1006").await);
    let said = farah.lane(stop_wish("production", None)).await.unwrap();
    assert_eq!(said, "The line to production is stopped. Nothing goes out there.");
    let held = approved(&portal).await;
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "it went out over a stop");
    let view = vikram.change(&held.number).await;
    let shut = view.gate.reasons.iter().find(|reason| reason.code == "line_stopped").unwrap();
    assert!(shut.sentence.contains(WHY) && !shut.sentence.starts_with("E-1004"), "{}", shut.sentence);
    assert_eq!(view.row.status.word, "Held · line stopped");
    let (_, shell) = vikram.get("/api/ui/shell").await;
    assert!(shell["stopped"].as_str().unwrap().contains(WHY), "{shell}");
    assert!(Browser::anonymous(&portal).get("/api/ui/shell").await.1["stopped"].is_null(), "a stranger reads why");

    // Not bound to be whoever stopped it.
    vikram.lift().await.unwrap();
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run), "what was signed meanwhile counts when it is over");
    all_is_lawful(&portal, &held).await;
    assert_eq!(portal.acts_about("line/production").await, ["changes.line_stopped", "changes.stop_lifted"]);
    let stops = vikram.freezes().await.stops;
    assert!(!stops[0].stands && stops[0].lifted.as_ref().unwrap().1.id == "E-1006", "{stops:?}");
    crate::testing::replay::must_rebuild(&mut portal.ctx.db.acquire().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_an_end_ends_by_itself() {
    let portal = TestPortal::start().await;
    let oncall = portal.signer("E-1001").await;
    let leela = portal.signer("E-1003").await;
    let until = (portal.now() + Duration::hours(1)).to_rfc3339();
    oncall.lane(stop_wish("production", Some(&until))).await.unwrap();
    let held = approved_by(&portal, &oncall, &leela).await;
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    portal.advance(Duration::hours(1)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run), "a stop outlives its time");
    oncall.sign_in_again().await;
    let refused = oncall.lift().await.unwrap_err();
    assert_eq!(refused.code, "stop_unknown", "what is over is lifted");
}

/// Whoever reads only, and whoever signs for other things, stops nothing.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_a_stop_by_somebody_without_a_role_that_may() {
    let portal = TestPortal::start().await;
    let dpo = portal.signer("E-1005").await;
    let watch = portal.watch().await;
    assert_eq!(dpo.lane(stop_wish("production", None)).await.unwrap_err().code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
    // Lifting by the same person, of a stop that stands.
    portal.signer("E-1004").await.lane(stop_wish("production", None)).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(dpo.lift().await.unwrap_err().code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
}

/// The key signed for a stop elsewhere; the browser gives that for production.
#[tokio::test(flavor = "multi_thread")]
async fn atk_16_a_signature_over_one_stop_given_for_another() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let one = asha.call("begin_lane", stop_wish("production", None)).await.unwrap();
    let until = (portal.now() + Duration::hours(1)).to_rfc3339();
    let other = asha.call("begin_lane", stop_wish("production", Some(&until))).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish_lane(&other, &asha.touch(&one)).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

/// A stop's ceremony asks no change's edge for anything, and the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn atk_16_a_stop_given_as_an_approval() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let stop = asha.call("begin_lane", stop_wish("production", None)).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&stop, &asha.touch(&stop)).await.unwrap_err().code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
    let approval = asha.begin(&held.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish_lane(&approval, &asha.touch(&approval)).await.unwrap_err().code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_a_lift_that_was_signed_before_is_good_once() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    asha.lane(stop_wish("production", None)).await.unwrap();
    let id = asha.freezes().await.stops[0].id.clone();
    let wish = json!({"wish": {"lift": {"stop": id, "why": "mended"}}});
    let (first, second) =
        (asha.call("begin_lane", wish.clone()).await.unwrap(), asha.call("begin_lane", wish).await.unwrap());
    asha.finish_lane(&first, &asha.touch(&first)).await.unwrap();
    // The line is stopped again: that is another stop, and what was signed for the first one lifts nothing.
    asha.lane(stop_wish("production", None)).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish_lane(&first, &asha.touch(&first)).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
    let watch = portal.watch().await;
    assert_eq!(asha.finish_lane(&second, &asha.touch(&second)).await.unwrap_err().code, "stop_unknown");
    watch.saw_one_refusal("stop_unknown").await;
    assert_eq!(asha.freezes().await.stops.iter().filter(|stop| stop.stands).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_wishes_are_refused_each_with_its_reason() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let past = portal.now().to_rfc3339();
    for (wish, code) in [
        (stop_wish("nowhere", None), "environment_unknown"),
        (stop_wish("production", Some(&past)), "stop_time"),
        (json!({"wish": {"stop": {"environment": "production", "until": null, "why": " "}}}), "comment_missing"),
        (json!({"wish": {"stop": {"environment": "production", "until": null, "why": "\u{202e}x"}}}), "text_refused"),
        (json!({"wish": {"lift": {"stop": "x", "why": "w"}}}), "stop_unknown"),
    ] {
        let watch = portal.watch().await;
        assert_eq!(asha.call("begin_lane", wish).await.unwrap_err().code, code);
        watch.saw_one_refusal(code).await;
    }
}

/// Whoever releases and whoever stops want the same line at the same moment, each thinking slowly: the stop is either
/// before the release in the log, and then there is none, or after it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_21_a_stop_beside_an_execution() {
    let portal = TestPortal::start().await;
    let (asha, leela, farah) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1004").await);
    for head_start in [0, 2, 4, 6] {
        let held = approved_by(&portal, &asha, &leela).await;
        let stop = farah.call("begin_lane", stop_wish("production", None)).await.unwrap();
        portal.db.set_slow_clock(portal.now(), 120).await;
        let (executed, stopped) = tokio::join!(crate::changes::execute(&portal.ctx, &held.number), async {
            for _ in 0..head_start {
                portal.ctx.now(&mut portal.ctx.db.acquire().await.unwrap()).await.unwrap();
            }
            farah.finish_lane(&stop, &farah.touch(&stop)).await
        });
        portal.db.set_clock(portal.now()).await;
        executed.unwrap();
        stopped.unwrap();
        let entries = portal.entries().await;
        let last = |act: &str| entries.iter().rposition(|entry| entry.event.act() == act);
        let intended = entries.iter().rposition(|entry| {
            entry.event.act() == "changes.execution_intended" && entry.event.about().id() == held.number.as_str()
        });
        assert!(intended.is_none_or(|at| Some(at) < last("changes.line_stopped")), "released over a stop");
        // Whatever was intended before the stop and not yet said waits for it.
        portal.run_jobs().await;
        assert!(!portal.twin.github().job_released(held.run), "said over a stop");
        farah.lift().await.unwrap();
        crate::changes::sweep(&portal.ctx).await.unwrap();
        portal.let_jobs_try_again().await;
        assert!(portal.twin.github().job_released(held.run));
        all_is_lawful(&portal, &held).await;
    }
}

/// The same without chance: the stop has the line and has not committed; the execution waits for it, and sees it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_an_execution_waits_for_the_line() {
    let portal = TestPortal::start().await;
    let held = approved(&portal).await;
    let mut tx = portal.ctx.db.begin().await.unwrap();
    crate::changes::store::hold_line(&mut tx, &"production".parse().unwrap(), true).await.unwrap();
    let (executed, ()) = tokio::join!(crate::changes::execute(&portal.ctx, &held.number), async {
        portal.db.somebody_waits().await;
        sqlx::query(
            "INSERT INTO changes_stops (stop_id, environment, person, stopped_at, why)
             VALUES ('01990000-0000-7000-8000-0000000000aa', 'production', 'E-1004', gatehouse_now(),
                     '{\"owner\":\"E-1004\",\"commitment\":\"4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865\",\"blob\":\"\"}')",
        )
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    });
    executed.unwrap();
    let acts = portal.acts_about(held.number.as_str()).await;
    assert!(!acts.contains(&"changes.execution_intended") && acts.last() == Some(&"audit.refused"), "{acts:?}");
}

/// What the ceremony remembers of the wish is bookkeeping; what counts is what was signed.
#[tokio::test(flavor = "multi_thread")]
async fn atk_16_another_wish_beside_the_same_signature() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    for change in [
        "jsonb_set(context, '{wanted,stop,until}', '\"2026-11-23T09:00:01Z\"')",
        "jsonb_set(context, '{why,commitment}', to_jsonb(repeat('0', 64)))",
    ] {
        let begun = asha.call("begin_lane", stop_wish("production", None)).await.unwrap();
        let sql = format!("UPDATE people_ceremonies SET context = {change}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&portal.db.owner).await.unwrap();
        let watch = portal.watch().await;
        assert_eq!(asha.finish_lane(&begun, &asha.touch(&begun)).await.unwrap_err().code, "signature_invalid");
        watch.saw_one_refusal("signature_invalid").await;
    }
}
