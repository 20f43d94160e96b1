//! How signatures are given: what is noticed, who sees it, and that nothing is decided on it.

use crate::testing::TestPortal;
use axum::http::StatusCode;
use chrono::Duration;
use gatehouse_app::changes::habits::shape::HabitsView;

#[tokio::test(flavor = "multi_thread")]
async fn the_lead_sees_how_long_an_approval_was_read_and_the_signers_do_not() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let before = portal.entries().await.len();
    // The first look counts; a later one does not, and neither does one of somebody who cannot sign.
    asha.change(&held.number).await;
    portal.advance(Duration::seconds(90)).await;
    asha.change(&held.number).await;
    portal.browser("E-1004").await.change(&held.number).await;
    asha.approve(&held.number).await.unwrap();
    let (status, said) = asha.get("/api/ui/habits").await;
    assert_eq!((status, said["reasons"][0]["code"].as_str()), (StatusCode::FORBIDDEN, Some("role_not_held")));
    let lead = portal.browser("E-1034").await;
    let (status, said) = lead.get("/api/ui/habits").await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let view: HabitsView = serde_json::from_value(said).unwrap();
    assert_eq!(view.approvals, 1);
    let [dot] = view.dots.as_slice() else { panic!("{view:?}") };
    assert_eq!(dot.number, held.number.to_string());
    assert!((90..150).contains(&dot.seconds), "{dot:?}");
    let engineer = &view.load[0];
    assert_eq!((engineer.role.as_str(), engineer.given, engineer.hands, engineer.waiting), ("Engineer", 1, 1, 1));
    assert!(view.pairs.is_empty(), "{view:?}");
    let acts: Vec<_> = portal.entries().await.iter().skip(before).map(|entry| entry.event.act().to_owned()).collect();
    assert!(acts.iter().all(|act| !act.contains("habits") && !act.contains("look")), "looking is no act: {acts:?}");
}
