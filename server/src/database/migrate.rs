//! The schema: our migrations, then the job queue's, all as the owner.

use super::connect::owner_pool;
use super::{DatabaseError, JOBS_SCHEMA};
use graphile_worker_migrations::sql::GRAPHILE_WORKER_MIGRATIONS;
use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use std::collections::BTreeMap;
use std::path::Path;

/// The one embedded copy of `migrations/`.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// What the application may do with the job queue's tables, and what it must know of the schema.
///
/// The queue enables row level security on its tables and means them for their owner; the application
/// is not the owner, so it gets a policy per table. It may read, never write, which migrations ran.
const GRANT_QUEUE: &str = r"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON _sqlx_migrations TO gatehouse_app;
GRANT USAGE ON SCHEMA jobs TO gatehouse_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO gatehouse_app;
REVOKE INSERT, UPDATE, DELETE ON jobs.migrations FROM gatehouse_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs TO gatehouse_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO gatehouse_app;
DO $$
DECLARE t name;
BEGIN
    FOR t IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'jobs'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'application')
    LOOP
        EXECUTE format('CREATE POLICY application ON jobs.%I TO gatehouse_app USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
";

/// Runs every migration that is missing, as the owner. Doing it again changes nothing.
pub(super) async fn run(owner: PgConnectOptions) -> Result<(), DatabaseError> {
    let pool = owner_pool(owner).await?;
    let outcome = run_on(&pool).await;
    pool.close().await;
    outcome
}

#[expect(clippy::disallowed_methods, reason = "statements of this crate's own, which take no values")]
async fn run_on(pool: &PgPool) -> Result<(), DatabaseError> {
    MIGRATOR.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMismatch(version) | MigrateError::VersionMissing(version) => {
            DatabaseError::OtherMigration(version)
        }
        error => DatabaseError::Migration(Box::new(error)),
    })?;
    graphile_worker_migrations::migrate(pool, JOBS_SCHEMA)
        .await
        .map_err(|error| DatabaseError::Migration(error.to_string().into()))?;
    sqlx::raw_sql(GRANT_QUEUE).execute(pool).await.map_err(|error| DatabaseError::Migration(Box::new(error)))?;
    Ok(())
}

/// Refuses a database in which a migration of ours or of the queue's has not run, or ran differently.
///
/// More migrations than we know are no fault: during a rolling update the old program meets the new
/// schema, and migrations only ever add (expand first, contract a release later).
pub(super) async fn require_all(pool: &PgPool, config: &Path) -> Result<(), DatabaseError> {
    let applied = match applied(pool).await {
        Ok(applied) => applied,
        Err(error) if is_undefined(&error) => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    let mut missing = Vec::new();
    for migration in MIGRATOR.iter() {
        match applied.get(&migration.version) {
            None => missing.push(format!("{:04}_{}", migration.version, migration.description.replace(' ', "_"))),
            Some(checksum) if checksum.as_slice() != migration.checksum.as_ref() => {
                return Err(DatabaseError::OtherMigration(migration.version));
            }
            Some(_) => {}
        }
    }
    if missing.is_empty() && !queue_is_current(pool).await? {
        missing.push("the job queue's tables".to_owned());
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(DatabaseError::NotMigrated { missing: missing.join(", "), config: config.to_owned() }),
    }
}

async fn applied(pool: &PgPool) -> Result<BTreeMap<i64, Vec<u8>>, sqlx::Error> {
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success").fetch_all(pool).await?;
    Ok(rows.into_iter().collect())
}

async fn queue_is_current(pool: &PgPool) -> Result<bool, DatabaseError> {
    let newest = GRAPHILE_WORKER_MIGRATIONS.iter().map(|m| m.migration_number()).max().unwrap_or(0);
    let found: Result<Option<i32>, sqlx::Error> =
        sqlx::query_scalar("SELECT max(id) FROM jobs.migrations").fetch_one(pool).await;
    match found {
        Ok(found) => Ok(found.and_then(|n| u32::try_from(n).ok()).is_some_and(|n| n >= newest)),
        Err(error) if is_undefined(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Undefined table or schema, or one that the application may not see yet.
fn is_undefined(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(code.as_ref(), "42P01" | "3F000" | "42501"))
}
