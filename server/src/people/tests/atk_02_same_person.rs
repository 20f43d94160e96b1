//! ATK-02: one human with two accounts is one person; an account that looks like another's is not theirs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::account;
use crate::auth::testing::SoftKey;
use crate::config::Config;
use crate::context::{Context, Entropy};
use crate::people::lock_signers;
use crate::people::testing::{Browser as Visitor, ORIGIN, Stage};
use crate::testing::{Browser, TestPortal};
use http::Method;
use serde_json::json;
use std::collections::BTreeSet;
use twin::{Clock, Options, Twin};

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_two_accounts_of_one_employee_fill_one_seat() {
    let portal = TestPortal::start().await;
    // The contractor's account of somebody who became an employee: another address, the same employee id.
    let mut old = account("u-1001", "u-ext-77", Some("E-1001"));
    "asha@contractors.example".clone_into(&mut old.email);
    portal.twin.people().add(old);
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let again = Browser::sign_in_as(&portal, "E-1001", "u-ext-77").await;
    assert_eq!(
        (again.who().await.person, again.who().await.account == asha.who().await.account),
        (asha.who().await.person, false)
    );
    asha.approve(&held.number).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(again.begin(&held.number, "approve").await.unwrap_err().code, "already_signed");
    watch.saw_one_refusal("already_signed").await;
    // Nor does the second account bring a key of its own: a further one is signed for by the first (W12).
    let watch = portal.watch().await;
    let begun = again.call("begin_enrol", json!({"request": {"name": "another", "founder_code": null}})).await.unwrap();
    let options = serde_json::from_str(begun["options"].as_str().unwrap()).unwrap();
    let credential = SoftKey::new("contractor").register(&options, ORIGIN).to_string();
    let made = json!({"ceremony": begun["ceremony"], "credential": credential});
    let step = again.call("finish_enrol", made).await.unwrap();
    assert!(step["SignWithExisting"].is_object(), "{step}");
    watch.saw_nothing().await;
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "one person filled two seats");
    assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 1 of 2");
}

#[tokio::test]
async fn atk_02_a_second_identity_provider_knows_the_same_person() {
    let stage = Stage::new().await;
    let (_, first) = stage.sign_in("u-1001").await;
    let elsewhere =
        Twin::start(Options { clock: Clock::Manual(stage.twin.clock().now()), ..Options::default() }).await.unwrap();
    let dir = std::env::temp_dir().join(format!("gatehouse-second-idp-{}", std::process::id()));
    let file = elsewhere.portal_files(&dir, ORIGIN, "127.0.0.1:8080".parse().unwrap()).unwrap();
    let config = Config::load(&file, true, None).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    assert_ne!(config.oidc.issuer, stage.ctx.config.oidc.issuer);
    let ctx = Context::new(config, stage.db.app.clone(), Entropy::from_number(99)).await.unwrap();
    let mut browser = Visitor::default();
    let begun = stage.send_to(&ctx, Method::GET, "/auth/login", &mut browser).await;
    let back = elsewhere.people().sign_in(begun.location(), "u-1001").unwrap();
    stage.send_to(&ctx, Method::GET, back.strip_prefix(ORIGIN).unwrap(), &mut browser).await;
    let second = stage.who(&browser).await.unwrap();
    assert_eq!(second.person, first.person);
    assert_ne!(second.account, first.account, "the same subject at another issuer is another account");
    let mut tx = stage.ctx.db.begin().await.unwrap();
    let signers = lock_signers(&mut tx, &stage.ctx, &BTreeSet::from([first.person, second.person])).await.unwrap();
    assert_eq!(signers.len(), 1, "and one signer");
    let met = stage.entries().await.iter().filter(|act| *act == "people.met").count();
    assert_eq!(met, 1);
    // An answer of the one provider is none of the other's.
    let mut mixed = Visitor::default();
    let begun = stage.send_to(&stage.ctx, Method::GET, "/auth/login", &mut mixed).await;
    let back = elsewhere.people().sign_in(begun.location(), "u-1002").unwrap();
    let reply = stage.get(back.strip_prefix(ORIGIN).unwrap(), &mut mixed).await;
    assert!(reply.body.contains("identity_not_believed"), "{}", reply.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_an_employee_id_that_only_looks_like_anothers_is_nobodys() {
    let portal = TestPortal::start().await;
    portal.signer("E-1001").await;
    for (n, spelled) in [
        "E-1001 ",
        " E-1001",
        "E-1001\t",
        "\u{415}-1001",
        "E\u{2011}1001",
        "E-100\u{217}",
        "E-1001\u{200b}",
        "\u{ff25}-1001",
        "E-1001+admin",
        "E-1001\u{0}",
        "E-1001@altscore.example",
    ]
    .into_iter()
    .enumerate()
    {
        let sub = format!("u-like-{n}");
        portal.twin.people().add(account("u-1001", &sub, Some(spelled)));
        let before = portal.state().await;
        let browser = Browser::anonymous(&portal);
        let refused = browser.try_sign_in(&sub).await;
        assert_eq!(refused["code"], "no_employee_id", "{spelled:?}: {refused}");
        assert_eq!(portal.state().await, before, "{spelled:?}");
        assert_eq!(portal.counted().await.last().unwrap().2, i64::try_from(n).unwrap() + 1, "{spelled:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_an_employee_id_in_another_case_is_another_person_who_is_not_admitted() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.twin.people().add(account("u-1001", "u-lower", Some("e-1001")));
    let lower = Browser::sign_in_as(&portal, "e-1001", "u-lower").await;
    let watch = portal.watch().await;
    assert_eq!(lower.begin(&held.number, "approve").await.unwrap_err().code, "not_admitted");
    watch.saw_one_refusal("not_admitted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_an_address_or_user_name_of_somebody_else_makes_nobody_somebody_else() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await;
    portal.signer("E-1002").await;
    for email in [
        "asha.rao@altscore.example",
        "Asha.Rao@ALTSCORE.example",
        "asha.rao+x@altscore.example",
        "asha.rao@altscore.example ",
        "\u{430}sha.rao@altscore.example",
    ] {
        // Renamed, too: without a login the provider's user name is another one.
        let mut rohan = account("u-1002", "u-1002", Some("E-1002"));
        email.clone_into(&mut rohan.email);
        "Asha Rao".clone_into(&mut rohan.name);
        portal.twin.people().add(rohan);
        let rohan = portal.browser("E-1002").await;
        assert_eq!(rohan.who().await.person.as_str(), "E-1002", "{email}");
        let watch = portal.watch().await;
        assert_eq!(rohan.begin(&held.number, "approve").await.unwrap_err().code, "contributed", "{email}");
        watch.saw_one_refusal("contributed").await;
    }
}
