#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
//! What the audit page finds, and that the database finds it by its indexes.

use super::list;
use crate::testing::TestPortal;
use chrono::Duration;
use gatehouse_app::audit::shape::{AuditFilter, AuditPage};
use gatehouse_domain::audit::Actor;
use sqlx::Row;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn find(portal: &TestPortal, filter: AuditFilter) -> AuditPage {
    list(&portal.ctx, &Actor::Portal, filter).await.unwrap()
}

fn acts(page: &AuditPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.act.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_person_act_subject_and_time_and_all_of_them_together() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let number = portal.ask_unconfirmed(run).await;
    portal.advance(Duration::hours(1)).await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&number).await.unwrap();
    let key = asha.get("/api/ui/keys").await.1["keys"][0]["id"].as_str().unwrap().to_owned();
    portal.advance(Duration::hours(1)).await;
    portal.signer("E-1003").await;
    let number = number.to_string();

    let all = find(&portal, AuditFilter::default()).await;
    assert!(all.rows.len() > 6 && all.unclear.is_none());
    assert_eq!(all.actors.iter().map(|a| a.shown()).take(2).collect::<Vec<_>>(), ["Asha Rao", "Leela Menon"]);

    let about_change = AuditFilter { about: Some(number.clone()), ..AuditFilter::default() };
    assert_eq!(acts(&find(&portal, about_change.clone()).await), ["changes.approved", "changes.opened"]);
    let hers = AuditFilter { actor: some("E-1001"), ..about_change.clone() };
    assert_eq!(acts(&find(&portal, hers.clone()).await), ["changes.approved"]);
    let opened = AuditFilter { act: some("changes.opened"), ..hers };
    let none = find(&portal, opened).await;
    assert!(none.rows.is_empty() && none.unclear.is_none());

    // A key is found where it was enrolled and wherever it signed.
    let by_key = AuditFilter { about: Some(key), ..AuditFilter::default() };
    assert_eq!(acts(&find(&portal, by_key).await), ["changes.approved", "people.key_enrolled"]);
    // A person is found where they are named, not only where they acted.
    let named = find(&portal, AuditFilter { about: some("E-1001"), ..AuditFilter::default() }).await;
    assert!(acts(&named).contains(&"people.met") && acts(&named).contains(&"changes.approved"), "{:?}", acts(&named));
    // An entry is found by its own id.
    let own =
        find(&portal, AuditFilter { about: Some(all.rows.first().unwrap().id.clone()), ..Default::default() }).await;
    assert_eq!(own.rows.len(), 1);

    // 9:00 the change, 10:00 Asha, 11:00 Leela: from the beginning of a span, up to but without its end.
    let span = |since, until| AuditFilter { since: some(since), until: some(until), ..AuditFilter::default() };
    let ten = find(&portal, span("2026-11-23T10:00", "2026-11-23T11:00")).await;
    assert!(!ten.rows.is_empty() && ten.rows.iter().all(|row| row.actor == "Asha Rao"), "{:?}", acts(&ten));
    let day = find(&portal, AuditFilter { until: None, ..span("2026-11-23", "") }).await;
    assert_eq!(day.rows.len(), all.rows.len());
    assert!(find(&portal, AuditFilter { since: None, ..span("", "2026-11-23") }).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_said_and_finds_nothing() {
    let portal = TestPortal::start().await;
    portal.browser("E-1001").await;
    for (wrong, says) in [
        (AuditFilter { since: some("yesterday"), ..AuditFilter::default() }, "“From”"),
        (AuditFilter { until: some("2026-11-31"), ..AuditFilter::default() }, "“Until”"),
        (AuditFilter { before: some("9"), ..AuditFilter::default() }, "Begin again"),
    ] {
        let page = find(&portal, wrong.clone()).await;
        assert!(page.rows.is_empty() && page.unclear.as_deref().unwrap().contains(says), "{wrong:?}: {page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_an_escaped_nul_is_no_reason_to_refuse_an_entry() {
    let portal = TestPortal::start().await;
    let named: Vec<String> = sqlx::query_scalar("SELECT audit_mentions_of($1)")
        .bind(r#"{"actor":{"id":"E-9","kind":"person"},"about":{"id":"a\\\u0000b","kind":"portal"},"data":{"x":[{"key":"k\u0000"}]}}"#.as_bytes())
        .fetch_one(&portal.db.app)
        .await
        .unwrap();
    assert_eq!(named, ["a\\b", "k"], "whoever acted is not what it is about");
    // Somebody typed a backslash and u0000: that is text, and the quote after it still ends it.
    let typed: Vec<String> = sqlx::query_scalar("SELECT audit_mentions_of($1)")
        .bind(r#"{"data":{"key":"a\\u0000"}}"#.as_bytes())
        .fetch_one(&portal.db.app)
        .await
        .unwrap();
    assert_eq!(typed, [r"a\u0000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_has_an_index() {
    let portal = TestPortal::start().await;
    portal.browser("E-1001").await;
    let mut conn = portal.db.owner.acquire().await.unwrap();
    // On a table this small any plan is quick; what counts is that there is one without reading all of it.
    sqlx::query("SET enable_seqscan = off").execute(&mut *conn).await.unwrap();
    for (condition, index) in [
        ("act = 'people.met' ORDER BY xid DESC, ord DESC", "audit_entries_act"),
        ("actor = 'E-1001' ORDER BY xid DESC, ord DESC", "audit_entries_actor"),
        ("mentions @> ARRAY['E-1001']", "audit_entries_mentions"),
        ("at >= '2026-11-23' AND at < '2026-11-24'", "audit_entries_at"),
        ("(xid, ord) < ('9', 1) ORDER BY xid DESC, ord DESC", "audit_entries_order"),
    ] {
        let sql = format!("EXPLAIN SELECT body FROM audit_entries WHERE {condition}");
        let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn).await.unwrap();
        let plan = plan.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
        assert!(plan.contains(index), "{condition}:\n{plan}");
    }
}
