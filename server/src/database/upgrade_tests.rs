#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]
//! Does a database that was in use under every earlier migration come through the later ones?
//!
//! Each migration ships `samples/NNNN_name.sql`, the rows of a portal of that time. They go in after their own
//! migration and before the next, so that what a migration does to data is seen on data.

use super::testing::TestDatabase;
use super::{MIGRATOR, migrate};
use gatehouse_domain::audit::Entry;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn migrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations")
}

fn name_of(migration: &sqlx::migrate::Migration) -> String {
    format!("{:04}_{}", migration.version, migration.description.replace(' ', "_"))
}

/// Rows of each table of ours.
async fn counts(owner: &PgPool) -> BTreeMap<String, i64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND relname <> '_sqlx_migrations'",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let mut counts = BTreeMap::new();
    for table in tables {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count = sqlx::query_scalar(sql).fetch_one(owner).await.unwrap();
        counts.insert(table, count);
    }
    counts
}

#[tokio::test]
async fn every_migration_runs_over_the_data_of_those_before_it_and_loses_none() {
    let database = TestDatabase::empty().await;
    for migration in MIGRATOR.iter() {
        let name = name_of(migration);
        let before = counts(&database.owner).await;
        MIGRATOR.run_to(migration.version, &database.owner).await.unwrap();
        let after = counts(&database.owner).await;
        for (table, rows) in before {
            // A table that goes away says in its migration where its rows went.
            let left = after.get(&table).copied().unwrap_or(rows);
            assert!(left >= rows, "{name} leaves {left} of {rows} rows of {table}");
        }
        let sample = migrations().join("samples").join(format!("{name}.sql"));
        let rows = std::fs::read_to_string(&sample).unwrap_or_else(|error| panic_without(&sample, &error));
        sqlx::raw_sql(AssertSqlSafe(rows)).execute(&database.owner).await.map_err(|e| format!("{name}: {e}")).unwrap();
    }
    migrate::run((*database.owner.connect_options()).clone()).await.unwrap();
    for (table, rows) in counts(&database.owner).await {
        assert!(rows > 0, "no sample puts a row into {table}");
    }
    let bodies: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM audit_entries").fetch_all(&database.app).await.unwrap();
    for body in bodies {
        Entry::parse(&body).unwrap();
    }
}

#[expect(clippy::panic, reason = "tests")]
fn panic_without(sample: &Path, error: &std::io::Error) -> String {
    panic!("a migration ships rows of its time: {} ({error})", sample.display())
}

/// A migration that has shipped is never edited and never undone: the next one mends it.
#[test]
fn migrations_only_go_forward() {
    let mut found = String::new();
    for migration in MIGRATOR.iter() {
        assert!(!migration.migration_type.is_down_migration(), "{} goes back", name_of(migration));
        let checksum: String = migration.checksum.iter().map(|byte| format!("{byte:02x}")).collect();
        found.push_str(&format!("{} {checksum}\n", name_of(migration)));
    }
    let shipped = std::fs::read_to_string(migrations().join("shipped.txt")).unwrap();
    assert_eq!(
        found, shipped,
        "a migration that shipped was edited (write a new one), or a new one is not yet in migrations/shipped.txt"
    );
}
