//! ATK-24: the connection breaks exactly at a COMMIT. Nobody can know whether it was done; doing it again must be right
//! either way. Every COMMIT of every verb, lost on its way there and on its way back.

use crate::database::testing::TestDatabase;
use crate::testing::proxy::{CommitProxy, Loss};
use crate::testing::{Browser, Held, TestPortal, beginning, replay};
use axum::http::{Method, StatusCode};
use gatehouse_domain::problem::Problem;
use serde_json::Value;
use twin::PushRun;

const BOTH: [Loss; 2] = [Loss::OfTheCommit, Loss::OfItsAcknowledgement];

async fn start() -> (CommitProxy, TestPortal) {
    let (proxy, db) = CommitProxy::before(TestDatabase::at(beginning()).await).await;
    (proxy, TestPortal::start_on(db, beginning(), |_| {}).await)
}

/// The acts in the log since the first `from`.
async fn acts(portal: &TestPortal, from: usize) -> Vec<&'static str> {
    portal.entries().await[from..].iter().map(|entry| entry.event.act()).collect()
}

/// The log, replayed, gives every governed row.
async fn end(portal: &TestPortal) {
    replay::must_rebuild(&mut portal.db.owner.acquire().await.unwrap()).await;
}

fn is_unavailable(done: &Result<Value, Problem>) -> bool {
    done.as_ref().is_err_and(|problem| problem.code == "database_unavailable")
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_24_githubs_question_is_asked_again_and_opens_one_change() {
    for loss in BOTH {
        let (proxy, portal) = start().await;
        let run = portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
        let delivery = portal.twin.github().build_delivery(run).unwrap();
        proxy.arm(loss, 0);
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::SERVICE_UNAVAILABLE, "{loss:?}");
        assert!(proxy.struck());
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
        proxy.arm(loss, 0);
        assert!(crate::changes::read_delivery(&portal.ctx, &delivery.guid).await.is_err(), "{loss:?}");
        assert!(proxy.struck());
        crate::changes::read_delivery(&portal.ctx, &delivery.guid).await.unwrap();
        let known = if loss == Loss::OfTheCommit { "opened" } else { "known" };
        assert_eq!(portal.outcome(&delivery.guid).await, format!("{known}:CHG-2026-000001"), "{loss:?}");
        portal.run_jobs().await;
        assert_eq!(acts(&portal, 0).await, ["policy.adopted", "changes.opened"], "{loss:?}");
        end(&portal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_24_a_signature_stands_once_whatever_its_signer_was_told() {
    for loss in BOTH {
        let (proxy, portal) = start().await;
        let held = portal.held("score-api", "rohandas").await;
        let asha = portal.signer("E-1001").await;
        let before = portal.entries().await.len();
        proxy.arm(loss, 0);
        assert!(is_unavailable(&asha.begin(&held.number, "approve").await), "{loss:?}");
        assert!(proxy.struck());
        let ceremony = asha.begin(&held.number, "approve").await.unwrap();
        let assertion = asha.touch(&ceremony);
        proxy.arm(loss, 0);
        assert!(is_unavailable(&asha.finish(&ceremony, &assertion).await), "{loss:?}");
        assert!(proxy.struck());
        // The same answer again is the same touch: it was used up, whatever came of it.
        assert_eq!(asha.finish(&ceremony, &assertion).await.unwrap_err().code, "ceremony_unknown");
        let again = asha.approve(&held.number).await;
        match loss {
            Loss::OfTheCommit => {
                again.unwrap();
                assert_eq!(acts(&portal, before).await, ["audit.refused", "changes.approved"]);
            }
            Loss::OfItsAcknowledgement => {
                assert_eq!(again.unwrap_err().code, "already_signed");
                assert_eq!(acts(&portal, before).await, ["changes.approved", "audit.refused", "audit.refused"]);
            }
        }
        assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 1 of 2", "{loss:?}");
        end(&portal).await;
    }
}

/// A change with two approvals that nobody has executed yet.
async fn approved(portal: &TestPortal, by: &[Browser<'_>; 2]) -> Held {
    let held = portal.held("score-api", "rohandas").await;
    for engineer in by {
        // A token that was lost with the answer that brought it is asked for anew.
        engineer.sign_in_again().await;
        engineer.approve(&held.number).await.unwrap();
    }
    sqlx::query("DELETE FROM jobs._private_jobs").execute(&portal.db.owner).await.unwrap();
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_24_a_release_is_intended_once_and_answered_once() {
    let (proxy, portal) = start().await;
    let engineers = [portal.signer("E-1001").await, portal.signer("E-1003").await];
    let story = [
        "changes.opened",
        "changes.approved",
        "changes.approved",
        "changes.execution_intended",
        "changes.github_answered",
    ];
    for loss in BOTH {
        // Role facts of each signer, the second look, the intent: every COMMIT of it, until there is no further one.
        for pass in 0.. {
            let held = approved(&portal, &engineers).await;
            proxy.arm(loss, pass);
            let first = crate::changes::execute(&portal.ctx, &held.number).await;
            let struck = proxy.struck();
            for engineer in &engineers {
                engineer.sign_in_again().await;
            }
            crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
            proxy.arm(loss, 0);
            assert!(crate::changes::answer(&portal.ctx, &held.number).await.is_err(), "{loss:?}");
            assert!(proxy.struck());
            crate::changes::answer(&portal.ctx, &held.number).await.unwrap();
            portal.run_jobs().await;
            assert_eq!(portal.story_of(held.number.as_str()).await, story, "{loss:?} of COMMIT {pass}");
            assert_eq!(portal.twin.github().answers(held.run).len(), 1, "{loss:?} of COMMIT {pass}");
            if !struck {
                first.unwrap();
                assert!(pass >= 4, "only {pass} COMMITs were lost");
                break;
            }
        }
    }
    end(&portal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_24_a_key_is_enrolled_once() {
    for loss in BOTH {
        let (proxy, portal) = start().await;
        let asha = portal.browser("E-1001").await;
        let before = portal.entries().await.len();
        for pass in 0..2 {
            proxy.arm(loss, pass);
            assert!(is_unavailable(&asha.enrol("first").await), "{loss:?} of COMMIT {pass}");
            assert!(proxy.struck());
        }
        let again = asha.enrol("first").await;
        match loss {
            Loss::OfTheCommit => {
                again.unwrap();
                assert_eq!(acts(&portal, before).await, ["people.key_enrolled"]);
            }
            Loss::OfItsAcknowledgement => {
                assert_eq!(again.unwrap_err().code, "key_already_enrolled");
                assert_eq!(acts(&portal, before).await, ["people.key_enrolled", "audit.refused"]);
            }
        }
        end(&portal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_24_somebody_signs_in_again_and_is_met_once() {
    for loss in BOTH {
        let (proxy, portal) = start().await;
        let nobody = Browser::anonymous(&portal);
        let begun = nobody.request(Method::GET, "/auth/login?to=/", None).await;
        let provider = begun.headers()["location"].to_str().unwrap();
        let back = portal.twin.people().sign_in(provider, "u-1001").unwrap();
        proxy.arm(loss, 0);
        let back = back.strip_prefix(crate::testing::ORIGIN).unwrap();
        let told = nobody.request(Method::GET, back, None).await.status();
        assert_eq!(told, StatusCode::SERVICE_UNAVAILABLE, "{loss:?}");
        assert!(proxy.struck());
        // The answer of the provider was used; nobody gets a session with it, she herself included.
        assert_ne!(nobody.request(Method::GET, back, None).await.status(), StatusCode::SEE_OTHER);
        portal.browser("E-1001").await;
        let met = acts(&portal, 0).await.iter().filter(|act| **act == "people.met").count();
        assert_eq!(met, 1, "{loss:?}");
        end(&portal).await;
    }
}
