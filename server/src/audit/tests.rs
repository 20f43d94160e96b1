#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
//! The log as the database keeps it: final, ordered, sealed.

use super::{commit, list, open, seal, store};
use crate::testing::TestPortal;
use gatehouse_app::audit::shape::AuditFilter;
use gatehouse_domain::Reason;
use gatehouse_domain::audit::{About, Actor};
use gatehouse_domain::people::decide::permit_refusal;

fn about() -> About {
    About::Portal("test".into())
}

fn refusal() -> gatehouse_domain::Permit {
    permit_refusal("test.try", about(), &Reason::NotSignedIn.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_can_neither_change_nor_remove_an_entry() {
    let portal = TestPortal::start().await;
    super::refuse(&portal.ctx, &Actor::Portal, "test.try", about(), &Reason::NotSignedIn.into()).await.unwrap();
    for forbidden in ["UPDATE audit_entries SET act = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"] {
        for (who, pool) in [("application", &portal.db.app), ("owner", &portal.db.owner)] {
            let error = sqlx::query(forbidden).execute(pool).await.unwrap_err();
            assert_eq!(
                error.as_database_error().and_then(|e| e.code()).as_deref(),
                Some("42501"),
                "{who}: {forbidden}: {error}"
            );
        }
    }
    assert_eq!(portal.entries().await.len(), 2, "the configuration's and this one");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_one_transaction_share_its_id_and_count_up() {
    let portal = TestPortal::start().await;
    let mut tx = portal.ctx.db.begin().await.unwrap();
    commit(&mut tx, &portal.ctx, &Actor::Portal, refusal()).await.unwrap();
    commit(&mut tx, &portal.ctx, &Actor::Portal, refusal()).await.unwrap();
    tx.commit().await.unwrap();
    let entries = &portal.entries().await[1..];
    assert_eq!((entries[0].tx, entries[0].ord, entries[1].ord), (entries[1].tx, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_written() {
    let portal = TestPortal::start().await;
    let watch = portal.watch().await;
    let mut tx = portal.ctx.db.begin().await.unwrap();
    commit(&mut tx, &portal.ctx, &Actor::Portal, refusal()).await.unwrap();
    tx.rollback().await.unwrap();
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_key_erases_the_text_and_leaves_the_entry() {
    let portal = TestPortal::start().await;
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let sealed = seal(&mut conn, &portal.ctx, "E-1001", "Asha Rao").await.unwrap();
    let again = seal(&mut conn, &portal.ctx, "E-1001", "Asha Rao").await.unwrap();
    assert_ne!(sealed.commitment, again.commitment, "one could count how often it was said");
    assert_eq!(open(&mut conn, &portal.ctx, &sealed).await.unwrap().as_deref(), Some("Asha Rao"));
    sqlx::query("DELETE FROM audit_person_keys WHERE owner = 'E-1001'").execute(&portal.db.app).await.unwrap();
    assert_eq!(open(&mut conn, &portal.ctx, &sealed).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_without_gap_or_overlap_and_reading_writes_nothing() {
    let portal = TestPortal::start().await;
    for _ in 0..120 {
        super::refuse(&portal.ctx, &Actor::Portal, "test.try", about(), &Reason::NotSignedIn.into()).await.unwrap();
    }
    let watch = portal.watch().await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = list(
            &portal.ctx,
            &Actor::Portal,
            AuditFilter { before, act: Some("audit.refused".into()), ..AuditFilter::default() },
        )
        .await
        .unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    // Before them only the configuration was adopted.
    let mut all: Vec<String> = portal.entries().await[1..].iter().map(|e| e.id.to_string()).collect();
    all.reverse();
    assert_eq!(seen, all);
    let none = AuditFilter { act: Some("changes.approved".into()), ..AuditFilter::default() };
    assert!(list(&portal.ctx, &Actor::Portal, none).await.unwrap().rows.is_empty());
    watch.saw_nothing().await;
}

/// Transaction ids grow by a digit now and then; the text of 10 comes before that of 9.
#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_that_of_numbers_not_of_their_texts() {
    let portal = TestPortal::start().await;
    super::refuse(&portal.ctx, &Actor::Portal, "test.try", about(), &Reason::NotSignedIn.into()).await.unwrap();
    sqlx::query(
        "INSERT INTO audit_entries (id, xid, ord, at, body, leaf_hash, act, actor, about_kind, about_id)
         SELECT gen_random_uuid(), tx::text::xid8, 0, at, body, leaf_hash, act, actor, about_kind, about_id
         FROM audit_entries, unnest(ARRAY[9, 10]) AS tx WHERE act = 'audit.refused'",
    )
    .execute(&portal.db.owner)
    .await
    .unwrap();
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let refused = store::Filter { act: Some("audit.refused".to_owned()), ..store::Filter::default() };
    let newest_first = store::list_entries(&mut conn, &refused, 10).await.unwrap();
    assert_eq!(newest_first.iter().map(|found| found.xid).collect::<Vec<_>>()[1..], [10, 9]);
    let oldest_first = store::list_entries_about(&mut conn, &about().id()).await.unwrap();
    assert_eq!(oldest_first.iter().map(|found| found.xid).collect::<Vec<_>>()[..2], [9, 10]);
}
