//! Did the story end as it should, and is the log whole?

use super::SERVICES;
use super::world::World;
use crate::testing::replay;
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Entry;
use sqlx::Row as _;
use std::collections::BTreeMap;
use twin::RunId;

/// What a story leaves in the log.
const STORY: [&str; 6] = [
    "changes.opened",
    "changes.plan_confirmed",
    "changes.approved",
    "changes.approved",
    "changes.execution_intended",
    "changes.github_answered",
];
/// And this, once at most, where another release was before it.
const WAY_BACK: &str = "changes.rollback_minted";

/// GitHub took one answer, two people's signatures stand once each, and the log tells it once.
pub(super) async fn judge_story(world: &World, run: RunId, number: &ChangeNumber, what: &str) {
    let answers = world.twin.github().answers(run);
    assert_eq!(answers.iter().map(|a| a.state.as_str()).collect::<Vec<_>>(), ["approved"], "{what}");
    assert!(answers[0].comment.contains(number.as_str()), "{what}: {answers:?}");
    assert!(world.twin.github().job_released(run), "{what}");
    let entries = entries(world).await;
    let mut acts: Vec<&str> =
        entries.iter().filter(|e| e.event.about().id() == number.as_str()).map(|e| e.event.act()).collect();
    acts.pop_if(|last| *last == WAY_BACK);
    assert_eq!(acts, STORY, "{what}");
    let signed = "SELECT person FROM changes_approvals WHERE number = $1 AND fell_because IS NULL ORDER BY person";
    let signed: Vec<String> =
        sqlx::query_scalar(signed).bind(number.as_str()).fetch_all(&mut world.sql().await).await.unwrap();
    assert_eq!(signed, ["E-1001", "E-1003"], "{what}");
}

/// After `stories`: as many changes as were asked for, numbered without a gap; entries whole and contiguous; every
/// governed row what a replay of the log makes of it; every delivery and every job done.
pub(super) async fn judge(world: &World, stories: usize) {
    let mut sql = world.sql().await;
    let numbers: Vec<String> =
        sqlx::query_scalar("SELECT number FROM changes_changes ORDER BY number").fetch_all(&mut sql).await.unwrap();
    let last = |number: &String| number.rsplit('-').next().unwrap().parse::<usize>().unwrap();
    assert_eq!(numbers.iter().map(last).collect::<Vec<_>>(), (1..=stories).collect::<Vec<_>>());

    let rows =
        sqlx::query("SELECT xid::text AS xid, ord, body, leaf_hash FROM audit_entries ORDER BY audit_entries.xid, ord");
    let mut next: BTreeMap<String, i32> = BTreeMap::new();
    for row in rows.fetch_all(&mut sql).await.unwrap() {
        let (xid, ord, body): (String, i32, Vec<u8>) = (row.get("xid"), row.get("ord"), row.get("body"));
        let expected = next.entry(xid.clone()).or_default();
        assert_eq!(ord, *expected, "a gap in transaction {xid}");
        *expected += 1;
        let entry = Entry::parse(&body).unwrap();
        assert_eq!((entry.tx.to_string(), entry.ord.to_string()), (xid, ord.to_string()));
        assert_eq!(row.get::<Vec<u8>, _>("leaf_hash"), Entry::leaf_hash(&body).bytes());
    }

    // A job whose worker was killed after its work was done is taken up once more, and finds nothing left to do. One
    // that was asked for again while a dead worker held it lost its key and its tries to the newer one.
    let no_job = "SELECT true WHERE NOT EXISTS (SELECT 1 FROM jobs.jobs
                  WHERE task_identifier <> 'every_minute' AND (key IS NOT NULL OR attempts < max_attempts))";
    let _: bool = world.poll("no job is left", || sqlx::query_scalar(no_job)).await;
    let unread = "SELECT count(*) FROM github_deliveries WHERE outcome IS NULL";
    assert_eq!(sqlx::query_scalar::<_, i64>(unread).fetch_one(&mut sql).await.unwrap(), 0);

    let acts: Vec<&str> = entries(world).await.iter().map(|entry| entry.event.act()).collect();
    let (back, told): (Vec<&str>, Vec<&str>) =
        acts.iter().filter(|act| act.starts_with("changes.")).partition(|act| **act == WAY_BACK);
    assert_eq!(told.len(), stories * STORY.len(), "{acts:?}");
    // The first release of a service has nothing to go back to, every later one has.
    assert_eq!(back.len(), stories.saturating_sub(SERVICES.len()), "{acts:?}");
    replay::must_rebuild(&mut sql).await;
}

async fn entries(world: &World) -> Vec<Entry> {
    replay::entries(&mut world.sql().await).await
}
