//! ATK-05, the identity half: accounts behind which there is no person.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::account;
use crate::testing::{Browser, TestPortal};

#[tokio::test(flavor = "multi_thread")]
async fn atk_05_an_account_without_an_employee_id_comes_in_as_nobody() {
    let portal = TestPortal::start().await;
    let mut bot = account("u-1001", "u-bot", None);
    "deploy-bot".clone_into(&mut bot.name);
    portal.twin.people().add(bot);
    let watch = portal.watch().await;
    let browser = Browser::anonymous(&portal);
    let refused = browser.try_sign_in("u-bot").await;
    assert_eq!(refused["code"], "no_employee_id", "{refused}");
    watch.saw_nothing().await;
    assert_eq!(portal.counted().await, [("people.sign_in".to_owned(), "no_employee_id".to_owned(), 1)]);
    let held = portal.held("score-api", "rohandas").await;
    let refused = browser
        .call("begin_decision", serde_json::json!({"request": {"number": held.number, "decision": "approve", "comment": "", "subject_digest": ""}}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "not_signed_in");
    assert_eq!(portal.acts_about(held.number.as_str()).await, ["changes.opened"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_05_a_machine_account_that_signs_in_can_look_and_not_act() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    // It has everything that a person has at the provider: an id, every group.
    let mut machine = account("u-1001", "u-svc", Some("svc-deploy"));
    machine.groups = twin::world::people().into_iter().flat_map(|person| person.groups).collect();
    portal.twin.people().add(machine);
    let machine = Browser::sign_in_as(&portal, "svc-deploy", "u-svc").await;
    assert_eq!(machine.change(&held.number).await.row.your_seat, None);
    let watch = portal.watch().await;
    assert_eq!(machine.enrol("hsm").await.unwrap_err().code, "not_admitted");
    watch.saw_one_refusal("not_admitted").await;
    for decision in ["approve", "reject", "close"] {
        let watch = portal.watch().await;
        assert_eq!(machine.begin(&held.number, decision).await.unwrap_err().code, "not_admitted", "{decision}");
        watch.saw_one_refusal("not_admitted").await;
    }
    // Security's group without security's row reports nobody's session.
    let asha = portal.signer("E-1001").await;
    let session = asha.who().await.session_id.to_string();
    let watch = portal.watch().await;
    machine.submit("report_stolen", &[("session", &session)]).await;
    watch.saw_one_refusal("role_not_held").await;
}
