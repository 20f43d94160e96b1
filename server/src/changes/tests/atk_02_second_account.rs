//! ATK-02 on GitHub's side: one person, several GitHub accounts. Somebody whom the list does not know is not somebody else.

use crate::testing::TestPortal;
use twin::PushRun;
use twin::world::Person;

const ALIAS: u64 = 77_001;

/// Asha's private GitHub account, which no list knows.
fn open_alias(portal: &TestPortal) {
    portal.twin.people().add(Person {
        sub: "u-alias".to_owned(),
        employee: None,
        name: "A. Rao".to_owned(),
        title: "Nobody here".to_owned(),
        email: "asha@home.example".to_owned(),
        login: Some("asha-private".to_owned()),
        github_id: Some(ALIAS),
        groups: Vec::new(),
        admitted: Vec::new(),
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_approves_what_a_private_github_account_pushed() {
    let portal = TestPortal::start().await;
    open_alias(&portal);
    let held = portal.held("score-api", "asha-private").await;
    for employee in ["E-1001", "E-1003"] {
        let engineer = portal.signer(employee).await;
        let watch = portal.watch().await;
        let refused = engineer.approve(&held.number).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.status), ("contributor_unlisted", 403));
        let said = &refused.reasons[0].sentence;
        assert!(said.contains("77001") && said.contains("List the account"), "{said}");
        watch.saw_one_refusal("contributor_unlisted").await;
    }
    let view = portal.browser("E-1003").await.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · not all is known");
    let row = view.contributors.iter().find(|c| c.name.contains("asha-private")).unwrap();
    assert_eq!(row.doubt.as_deref(), Some("Listed for nobody"));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_a_second_account_that_is_listed_is_its_person() {
    let portal = TestPortal::start_with(|text| {
        *text = text.replace("person = \"E-1001\"", "person = \"E-1001\"\nother_github_ids = [77001]");
    })
    .await;
    open_alias(&portal);
    let held = portal.held("score-api", "asha-private").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributed");
    watch.saw_one_refusal("contributed").await;
    leela.approve(&held.number).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_02_a_colleague_who_approves_nothing_is_listed_and_keeps_nobody_out() {
    let unlisted = TestPortal::start().await;
    let held = unlisted.held("score-api", "nikhil-ext").await;
    let asha = unlisted.signer("E-1001").await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributor_unlisted");
    let listed = TestPortal::start_with(|text| text.push_str("\n[contributors]\ngithub_ids = [50008]\n")).await;
    let held = listed.held("score-api", "nikhil-ext").await;
    listed.signer("E-1001").await.approve(&held.number).await.unwrap();
}

/// Anybody can write an address into a trailer, and call whom they like a bot in it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_02_an_alias_that_calls_itself_a_bot_in_a_trailer() {
    let portal = TestPortal::start().await;
    open_alias(&portal);
    for (trailer, code) in [
        ("Helper <77001+asha-private[bot]@users.noreply.github.com>", "contributor_unlisted"),
        ("Helper <77999+nobody[bot]@users.noreply.github.com>", "contributors_unknown"),
    ] {
        let mut push = PushRun::of("score-api", "rohandas");
        push.co_authors = vec![trailer.to_owned()];
        let held = portal.held_by(&push).await;
        let leela = portal.browser("E-1003").await;
        if code == "contributor_unlisted" {
            leela.enrol("first").await.unwrap();
        }
        let watch = portal.watch().await;
        let refused = leela.approve(&held.number).await.unwrap_err();
        assert!(refused.reasons.iter().any(|r| r.code == code), "{refused:?}");
        watch.saw_one_refusal(code).await;
    }
}

/// The list changes while a change is held: what was read under the old list is not decided under the new one.
#[tokio::test(flavor = "multi_thread")]
async fn atk_02_an_account_taken_off_the_list_after_the_approvals() {
    let mut portal = TestPortal::start_with(|text| text.push_str("\n[contributors]\ngithub_ids = [50008]\n")).await;
    let held = portal.held("score-api", "nikhil-ext").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.edit_config(|text| *text = text.replace("[50008]", "[50009]"));
    portal.adopt_file().await;
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    assert!(!portal.acts_about(held.number.as_str()).await.contains(&"changes.execution_intended"));
    portal.run_jobs().await;
}
