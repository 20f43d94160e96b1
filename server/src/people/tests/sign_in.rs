#![expect(clippy::unwrap_used, reason = "tests")]

use crate::people::service;
use crate::people::testing::{Browser, Stage};
use chrono::Duration;
use http::{Method, StatusCode};

#[tokio::test]
async fn somebody_signs_in_looks_and_signs_out() {
    let stage = Stage::new().await;
    let (mut browser, who) = stage.sign_in("u-1001").await;
    assert_eq!(who.person.as_str(), "E-1001");
    let me = service::me(&mut stage.ctx.db.acquire().await.unwrap(), &stage.ctx, &who).await.unwrap();
    assert_eq!((me.person.shown(), me.is_admitted, me.active_keys), ("Asha Rao", true, 0));
    assert_eq!(me.roles, ["Engineer", "On call"]);
    let reply = stage.send(Method::POST, "/auth/logout", &mut browser).await;
    assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, "/signin"));
    assert_eq!(stage.who(&browser).await, None);
    assert_eq!(stage.entries().await, ["people.met", "people.roles_read", "people.signed_in", "people.signed_out"]);
}

#[tokio::test]
async fn who_is_not_admitted_can_look_and_is_told_why_they_cannot_act() {
    let stage = Stage::new().await;
    let (_, who) = stage.sign_in("u-1008").await;
    let me = service::me(&mut stage.ctx.db.acquire().await.unwrap(), &stage.ctx, &who).await.unwrap();
    assert!(!me.is_admitted && me.roles.is_empty());
    let keys = service::keys(&stage.ctx, &who).await.unwrap();
    assert_eq!(keys.enrol.reasons.first().unwrap().code, "not_admitted");
}

#[tokio::test]
async fn an_answer_is_good_once_in_its_own_browser_and_for_ten_minutes() {
    let stage = Stage::new().await;
    let refused = |reply: crate::people::testing::Reply| {
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{}", reply.body);
        assert!(reply.body.contains("signin_invalid"));
    };
    // Another browser brings it: log-in CSRF.
    let (mut mine, mut other) = (Browser::default(), Browser::default());
    let back = stage.go_and_say("u-1001", &mut mine).await;
    let _ = stage.go_and_say("u-1002", &mut other).await;
    refused(stage.get(&back, &mut other).await);
    // And then it is gone for the right one too.
    refused(stage.get(&back, &mut mine).await);
    // Twice.
    let back = stage.go_and_say("u-1001", &mut mine).await;
    assert_eq!(stage.get(&back, &mut mine.clone()).await.status, StatusCode::SEE_OTHER);
    refused(stage.get(&back, &mut mine).await);
    // Too late; the twin's code would be too old by then as well, so only our clock moves.
    let back = stage.go_and_say("u-1001", &mut mine).await;
    stage.db.set_clock(stage.twin.clock().now() + Duration::minutes(11)).await;
    refused(stage.get(&back, &mut mine).await);
    // Without a code, a state, or anything.
    for query in ["", "?state=x&code=y", "?error=access_denied&state=x", "?state=a&state=b"] {
        refused(stage.get(&format!("/auth/callback{query}"), &mut mine).await);
    }
}

#[tokio::test]
async fn a_person_whom_the_provider_suspends_does_not_come_in() {
    let stage = Stage::new().await;
    stage.twin.people().suspend("u-1001");
    let mut browser = Browser::default();
    let back = stage.go_and_say("u-1001", &mut browser).await;
    assert_eq!(stage.get(&back, &mut browser).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.who(&browser).await, None);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_and_the_portal_lives() {
    let stage = Stage::new().await;
    stage.twin.people().set_up(false);
    let reply = stage.get("/auth/login", &mut Browser::default()).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.body.contains("upstream_unavailable"), "{}", reply.body);
    stage.twin.people().set_up(true);
    assert_eq!(stage.get("/auth/login", &mut Browser::default()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_after_fifteen_idle_minutes_or_twelve_hours() {
    let stage = Stage::new().await;
    let (idle, _) = stage.sign_in("u-1001").await;
    stage.advance(Duration::minutes(14)).await;
    assert!(stage.who(&idle).await.is_some(), "and this counts as use");
    stage.advance(Duration::minutes(14)).await;
    assert!(stage.who(&idle).await.is_some());
    stage.advance(Duration::minutes(15)).await;
    assert!(stage.who(&idle).await.is_none());
    let (busy, _) = stage.sign_in("u-1001").await;
    for _ in 0..71 {
        stage.advance(Duration::minutes(10)).await;
        assert!(stage.who(&busy).await.is_some());
    }
    stage.advance(Duration::minutes(10)).await;
    assert!(stage.who(&busy).await.is_none(), "twelve hours, however busy");
}

#[tokio::test]
async fn signing_in_again_gives_a_new_secret_and_ends_the_old_session() {
    let stage = Stage::new().await;
    let (mut browser, first) = stage.sign_in("u-1001").await;
    let before = browser.clone();
    let second = stage.sign_in_again("u-1001", &mut browser).await;
    assert_ne!(first.session_id, second.session_id);
    assert_eq!(stage.who(&before).await, None);
    // Known person, same roles: one entry more.
    assert_eq!(stage.entries().await.last().unwrap(), "people.signed_in");
    assert_eq!(stage.entries().await.len(), 4);
}

#[tokio::test]
async fn neither_cookie_nor_state_nor_token_is_stored_in_the_clear() {
    let stage = Stage::new().await;
    let (browser, _) = stage.sign_in("u-1001").await;
    let cookie = browser.headers().get("cookie").unwrap().to_str().unwrap().split_once('=').unwrap().1.to_owned();
    let rows: String = sqlx::query_scalar(
        "SELECT (SELECT json_agg(s)::text FROM people_sessions s) || (SELECT json_agg(f)::text FROM people_role_facts f)",
    )
    .fetch_one(&stage.db.owner)
    .await
    .unwrap();
    assert!(!rows.contains(&cookie) && !rows.contains("rt-") && !rows.contains(&hex::encode("rt-")), "{rows}");
    let names: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_entries WHERE position('Asha'::bytea in body) > 0")
        .fetch_one(&stage.db.owner)
        .await
        .unwrap();
    assert_eq!(names, 0, "names are sealed in the log");
}

#[tokio::test]
async fn two_first_sign_ins_at_once_meet_one_person() {
    let stage = Stage::new().await;
    let (one, two) = futures::future::join(stage.sign_in("u-1001"), stage.sign_in("u-1001")).await;
    assert_ne!(one.1.session_id, two.1.session_id);
    let entries = stage.entries().await;
    let count = |act: &str| entries.iter().filter(|entry| *entry == act).count();
    assert_eq!([count("people.met"), count("people.roles_read"), count("people.signed_in")], [1, 1, 2]);
}

#[tokio::test]
async fn an_account_never_moves_to_another_person() {
    let stage = Stage::new().await;
    stage.sign_in("u-1001").await;
    let before = stage.governed().await;
    let mut moved = twin::world::people().into_iter().find(|p| p.sub == "u-1001").unwrap();
    moved.employee = Some("E-1004".into());
    stage.twin.people().add(moved);
    let mut browser = Browser::default();
    let back = stage.go_and_say("u-1001", &mut browser).await;
    let reply = stage.get(&back, &mut browser).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.body.contains("account_moved"), "{}", reply.body);
    assert_eq!(stage.governed().await, before);
    assert_eq!(stage.who(&browser).await, None);
    assert_eq!(stage.entries().await.last().unwrap(), "people.sign_in: account_moved");
    assert!(stage.counted().await.is_empty(), "it has an entry; it is not counted too");
}
