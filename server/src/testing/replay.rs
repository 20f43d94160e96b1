//! Are the governed tables what the log says? Applies every entry to an empty database and compares.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::audit;
use crate::database::testing::TestDatabase;
use gatehouse_domain::audit::Entry;
use sqlx::{AssertSqlSafe, PgConnection};

const TABLES: &str = include_str!("../../../migrations/tables.toml");

/// Every entry, in the order of the log.
pub async fn entries(conn: &mut PgConnection) -> Vec<Entry> {
    let bodies: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM audit_entries ORDER BY xid, ord").fetch_all(conn).await.unwrap();
    bodies.iter().map(|body| Entry::parse(body).unwrap()).collect()
}

/// Rebuilds every governed table from the entries of this database, in another one, and demands the same rows.
pub async fn must_rebuild(conn: &mut PgConnection) {
    let empty = TestDatabase::new().await;
    let mut rebuilt = empty.app.acquire().await.unwrap();
    for entry in entries(conn).await {
        audit::apply_again(&mut rebuilt, &entry).await.unwrap();
    }
    for table in governed() {
        let (there, here) = (rows(conn, &table).await, rows(&mut rebuilt, &table).await);
        assert_eq!(there, here, "{table} is not what the log makes of it");
    }
}

/// The governed tables, but for the log itself.
fn governed() -> Vec<String> {
    let listed: toml::Table = TABLES.parse().unwrap();
    let tables = listed["governed"].as_table().unwrap().keys();
    tables.filter(|table| *table != "audit_entries").cloned().collect()
}

async fn rows(conn: &mut PgConnection, table: &str) -> Vec<String> {
    let sql = format!("SELECT t::text FROM {table} t ORDER BY 1");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await.unwrap()
}
