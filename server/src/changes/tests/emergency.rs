//! The emergency lane: a live P1 skips what may be skipped, and whoever tries it with less (ATK-01, ATK-16, ATK-21).

use super::lawful::all_is_lawful;
use crate::testing::{Browser, Held, TestPortal};
use axum::http::StatusCode;
use gatehouse_app::alerts::shape::IncidentView;
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};

/// Two engineers, and staging, which is red.
const RED: &str = r#"package gatehouse.promotion

result := {"schema": "gatehouse.policy.result/v2", "asks": [{"rule": "any", "role": "engineer", "seats": 2, "paths": []}],
    "freezes": [], "wants": [{"check": "staging", "rule": "green in staging", "unmet": "Staging is red.", "emergency_may_skip": true}]}
"#;

/// The same, and staging is green.
const GREEN: &str = r#"package gatehouse.promotion

result := {"schema": "gatehouse.policy.result/v2", "asks": [{"rule": "any", "role": "engineer", "seats": 2, "paths": []}],
    "freezes": [], "wants": [{"check": "staging", "rule": "green in staging", "emergency_may_skip": true}]}
"#;

impl Browser<'_> {
    async fn say(&self, wish: Value) -> Result<String, Problem> {
        let begun = self.call("begin_incident", json!({ "wish": wish })).await?;
        let body = json!({"ceremony": begun["ceremony"], "assertion": self.touch(&begun).to_string()});
        Ok(self.call("finish_incident", body).await?["incident"].as_str().unwrap().to_owned())
    }

    async fn declare(&self, severity: &str, service: &str) -> String {
        let declared = json!({"severity": severity, "environment": "production", "services": [service], "title": "5xx everywhere"});
        self.say(json!({ "declare": declared })).await.unwrap()
    }

    async fn word(&self, word: &str, incident: &str) -> Result<String, Problem> {
        self.say(json!({"say": {"word": word, "incident": incident, "words": "as it is"}})).await
    }

    async fn incident(&self, id: &str) -> IncidentView {
        let (status, body) = self.get(&format!("/api/ui/incident?id={id}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_value(body).unwrap()
    }

    async fn attach_wish(&self, held: &Held, incident: &str) -> Value {
        let digest = self.change(&held.number).await.subject_digest;
        json!({"wish": {"attach": {"number": held.number, "subject_digest": digest, "incident": incident, "why": "it burns"}}})
    }

    async fn attach(&self, held: &Held, incident: &str) -> Result<Value, Problem> {
        self.lane(self.attach_wish(held, incident).await).await
    }
}

/// Declared by Asha, who is on call; confirmed by Farah, security.
async fn fire(portal: &TestPortal) -> (Browser<'_>, Browser<'_>, String) {
    let (asha, farah) = (portal.signer("E-1001").await, portal.signer("E-1004").await);
    let incident = asha.declare("p1", "score-api").await;
    farah.word("confirm", &incident).await.unwrap();
    (asha, farah, incident)
}

async fn codes(who: &Browser<'_>, held: &Held) -> Vec<String> {
    who.change(&held.number).await.gate.reasons.into_iter().map(|reason| reason.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_p1_lets_a_change_out_before_its_proof_and_the_proof_is_owed() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, farah, incident) = fire(&portal).await;
    let (leela, vikram) = (portal.signer("E-1003").await, portal.signer("E-1006").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "it went out unproved");
    assert_eq!(codes(&asha, &held).await, ["evidence_wanting"]);

    // Neither of those who made the incident uses it.
    assert_eq!(asha.attach(&held, &incident).await.unwrap_err().code, "own_incident");
    vikram.attach(&held, &incident).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    all_is_lawful(&portal, &held).await;
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(
        acts[acts.len() - 4..],
        ["changes.emergency_attached", "changes.execution_intended", "changes.debt_opened", "changes.github_answered"]
    );
    let shown = asha.change(&held.number).await.emergency.unwrap();
    assert!(shown.debt.is_some_and(|debt| debt.paid_at.is_none()), "nothing is owed");
    let (_, shell) = vikram.get("/api/ui/shell").await;
    assert!(shell["fire"].as_str().unwrap().contains("5xx everywhere"), "{shell}");

    // The next one of the service waits for the debt; nothing evades it by being another change.
    let next = portal.held("score-api", "rohandas").await;
    asha.approve(&next.number).await.unwrap();
    leela.approve(&next.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(next.run), "a second change evaded the debt");
    assert!(codes(&asha, &next).await.contains(&"debt_owed".to_owned()));
    crate::changes::settle_debt(&portal.ctx, &held.number).await.unwrap();
    assert!(codes(&asha, &next).await.contains(&"debt_owed".to_owned()), "it was paid by nothing");

    // Closed, and reviewed by two others.
    farah.word("close", &incident).await.unwrap();
    assert!(asha.incident(&incident).await.row.status.word.contains("owed"));
    assert_eq!(asha.word("review", &incident).await.unwrap_err().code, "own_incident");
    leela.word("review", &incident).await.unwrap();
    vikram.word("review", &incident).await.unwrap();
    crate::changes::settle_debt(&portal.ctx, &held.number).await.unwrap();
    assert!(codes(&asha, &next).await.contains(&"debt_owed".to_owned()), "whoever attached it is no other");
    portal.signer("E-1005").await.word("review", &incident).await.unwrap();
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(codes(&asha, &next).await, ["evidence_wanting"], "the debt is paid");
    let shown = asha.incident(&incident).await;
    assert_eq!((shown.reviews.len(), shown.reviews[0].words.as_deref()), (3, Some("as it is")));
    crate::testing::replay::must_rebuild(&mut portal.ctx.db.acquire().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_one_person_declares_and_confirms() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let incident = asha.declare("p1", "score-api").await;
    let watch = portal.watch().await;
    assert_eq!(asha.word("confirm", &incident).await.unwrap_err().code, "own_incident");
    watch.saw_one_refusal("own_incident").await;
    let vikram = portal.signer("E-1006").await;
    let watch = portal.watch().await;
    assert_eq!(vikram.attach(&held, &incident).await.unwrap_err().code, "incident_unconfirmed");
    watch.saw_one_refusal("incident_unconfirmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_the_author_makes_the_incident_for_his_own_change() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (rohan, farah, vikram) =
        (portal.signer("E-1002").await, portal.signer("E-1004").await, portal.signer("E-1006").await);
    let incident = rohan.declare("p1", "score-api").await;
    farah.word("confirm", &incident).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(vikram.attach(&held, &incident).await.unwrap_err().code, "incident_of_author");
    watch.saw_one_refusal("incident_of_author").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_a_p2_a_closed_and_another_services_incident() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, farah, incident) = fire(&portal).await;
    let vikram = portal.signer("E-1006").await;
    let p2 = asha.declare("p2", "score-api").await;
    assert_eq!(farah.word("confirm", &p2).await.unwrap_err().code, "incident_not_p1");
    let elsewhere = asha.declare("p1", "consent-service").await;
    farah.word("confirm", &elsewhere).await.unwrap();
    farah.word("close", &incident).await.unwrap();
    let nowhere = "01990000-0000-7000-8000-0000000000aa".to_owned();
    for (incident, code) in [
        (p2, "incident_not_p1"),
        (elsewhere, "incident_elsewhere"),
        (incident, "incident_closed"),
        (nowhere, "incident_unknown"),
    ] {
        let watch = portal.watch().await;
        assert_eq!(vikram.attach(&held, &incident).await.unwrap_err().code, code);
        watch.saw_one_refusal(code).await;
    }
}

/// The key signed for one incident; the browser gives that for another.
#[tokio::test(flavor = "multi_thread")]
async fn atk_16_a_confirmation_of_one_incident_given_for_another() {
    let portal = TestPortal::start_with_policy(RED).await;
    let (asha, farah) = (portal.signer("E-1001").await, portal.signer("E-1004").await);
    let (one, other) = (asha.declare("p1", "score-api").await, asha.declare("p1", "consent-service").await);
    let begin = |incident: String| {
        let wish = json!({"wish": {"say": {"word": "confirm", "incident": incident, "words": ""}}});
        farah.call("begin_incident", wish)
    };
    let (for_one, for_other) = (begin(one).await.unwrap(), begin(other).await.unwrap());
    let watch = portal.watch().await;
    let body = json!({"ceremony": for_other["ceremony"], "assertion": farah.touch(&for_one).to_string()});
    assert_eq!(farah.call("finish_incident", body).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

/// Attached and approved; closed before it is executed.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_closed_between_approval_and_execution() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, farah, incident) = fire(&portal).await;
    let (leela, vikram) = (portal.signer("E-1003").await, portal.signer("E-1006").await);
    vikram.attach(&held, &incident).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    farah.word("close", &incident).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "a closed incident opened a door");
    assert_eq!(codes(&asha, &held).await, ["evidence_wanting", "incident_closed"]);
    assert!(!portal.acts_about(held.number.as_str()).await.contains(&"changes.debt_opened"));
}

/// Closing and executing want the incident at the same moment, each thinking slowly: whichever is first in the log is so.
#[tokio::test(flavor = "multi_thread")]
async fn atk_21_closed_beside_an_execution() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, farah, incident) = fire(&portal).await;
    let (leela, vikram) = (portal.signer("E-1003").await, portal.signer("E-1006").await);
    vikram.attach(&held, &incident).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    let wish = json!({"wish": {"say": {"word": "close", "incident": incident, "words": "over"}}});
    let close = farah.call("begin_incident", wish).await.unwrap();
    let body = json!({"ceremony": close["ceremony"], "assertion": farah.touch(&close).to_string()});
    portal.db.set_slow_clock(portal.now(), 60).await;
    let (executed, closed) =
        tokio::join!(crate::changes::execute(&portal.ctx, &held.number), farah.call("finish_incident", body));
    portal.db.set_clock(portal.now()).await;
    executed.unwrap();
    closed.unwrap();
    let entries = portal.entries().await;
    let at = |act: &str| entries.iter().position(|entry| entry.event.act() == act);
    let intended = at("changes.execution_intended");
    assert!(intended.is_none_or(|at_| Some(at_) < at("alerts.incident_closed")), "released after it was closed");
    assert_eq!(intended.is_some(), at("changes.debt_opened").is_some());
}

/// Another image: what was attached to is no more.
#[tokio::test(flavor = "multi_thread")]
async fn atk_11_another_image_under_an_attached_p1() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, _farah, incident) = fire(&portal).await;
    portal.signer("E-1006").await.attach(&held, &incident).await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &format!("sha256:{}", "ee".repeat(32))).unwrap();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    assert!(codes(&asha, &held).await.contains(&"subject_replaced".to_owned()));
}

/// An emergency release of the same service is about to commit its debt: an ordinary one waits for it, and sees it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_an_ordinary_release_waits_for_the_debt_of_an_emergency() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let other = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    let mut tx = portal.ctx.db.begin().await.unwrap();
    let (service, environment) = ("score-api".parse().unwrap(), "production".parse().unwrap());
    crate::changes::store::hold_lane(&mut tx, &service, &environment).await.unwrap();
    let (executed, ()) = tokio::join!(crate::changes::execute(&portal.ctx, &held.number), async {
        portal.db.somebody_waits().await;
        sqlx::query(
            "INSERT INTO changes_debts (number, service, environment, incident_id, attached_by, opened_at, due_at)
             VALUES ($1, 'score-api', 'production', gen_random_uuid(), 'E-1006', gatehouse_now(), gatehouse_now())",
        )
        .bind(other.number.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    });
    executed.unwrap();
    let acts = portal.acts_about(held.number.as_str()).await;
    assert!(!acts.contains(&"changes.execution_intended") && acts.last() == Some(&"audit.refused"), "{acts:?}");
}

/// The incident is about to be closed: the release waits for that, and sees it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_a_release_waits_for_an_incident_that_is_being_closed() {
    let portal = TestPortal::start_with_policy(RED).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, _farah, incident) = fire(&portal).await;
    portal.signer("E-1006").await.attach(&held, &incident).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    let mut tx = portal.ctx.db.begin().await.unwrap();
    crate::alerts::hold(&mut tx, &incident.parse().unwrap(), true).await.unwrap();
    let (executed, ()) = tokio::join!(crate::changes::execute(&portal.ctx, &held.number), async {
        portal.db.somebody_waits().await;
        sqlx::query("UPDATE alerts_incidents SET closed_by = 'E-1004', closed_at = gatehouse_now()")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    });
    executed.unwrap();
    assert!(!portal.acts_about(held.number.as_str()).await.contains(&"changes.execution_intended"));
    assert_eq!(codes(&asha, &held).await, ["evidence_wanting", "incident_closed"]);
}

/// What it skipped is proved now, for the very image that went out: the portal finds that out by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_debt_is_paid_by_its_proof() {
    let portal = TestPortal::start_with_policy(GREEN).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, _farah, incident) = fire(&portal).await;
    portal.signer("E-1006").await.attach(&held, &incident).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.acts_about(held.number.as_str()).await.contains(&"changes.debt_opened"));
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.debt_paid"));
}
