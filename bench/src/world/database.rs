//! The portal's private PostgreSQL, seen by its superuser: what no door of the product does.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

/// The references' database, beside the portal's.
pub(super) const REFERENCE: &str = "reference";
const PORTAL: &str = "gatehouse";
const SUPERUSER: &str = "gatehouse_bootstrap";
const SETTLE_LIMIT: Duration = Duration::from_secs(60);

/// Both databases.
pub(super) struct Databases {
    portal: PgPool,
    reference: PgPool,
}

/// How to connect through the socket.
pub(super) fn url(role: &str, socket: &Path, database: &str) -> anyhow::Result<String> {
    let socket = socket.to_str().context("a temporary directory has a plain name")?.replace('/', "%2F");
    Ok(format!("postgres://{role}@localhost/{database}?host={socket}"))
}

impl Databases {
    /// Connects, and makes the references' database.
    pub(super) async fn open(socket: &Path) -> anyhow::Result<Self> {
        let one = || PgPoolOptions::new().max_connections(1);
        let portal = one().connect(&url(SUPERUSER, socket, PORTAL)?).await?;
        let create = format!("CREATE DATABASE {REFERENCE} OWNER gatehouse_owner");
        sqlx::query(AssertSqlSafe(create)).execute(&portal).await?;
        let reference = one().connect_lazy(&url(SUPERUSER, socket, REFERENCE)?)?;
        Ok(Self { portal, reference })
    }

    /// Waits until no job is due, running ones included.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            let due: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs.jobs WHERE run_at <= now()")
                .fetch_one(&self.portal)
                .await?;
            if due == 0 {
                return Ok(());
            }
            ensure!(start.elapsed() < SETTLE_LIMIT, "{due} jobs are still due after a minute");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets a waiting change ask for so many engineers.
    pub(super) async fn require(&self, number: &str, seats: usize) -> anyhow::Result<()> {
        let seat =
            |n: usize| json!({ "name": format!("Engineer {n}"), "role": "engineer", "because": "the bench asks" });
        let requirement = json!({ "policy": "bench/v1", "seats": (1..=seats).map(seat).collect::<Vec<_>>() });
        let done = sqlx::query("UPDATE changes_changes SET requirement = $2 WHERE number = $1 AND state = 'held'")
            .bind(number)
            .bind(requirement)
            .execute(&self.portal)
            .await?;
        ensure!(done.rows_affected() == 1, "{number} does not wait");
        Ok(())
    }

    /// How many approvals were given of a change.
    pub(super) async fn approvals(&self, number: &str) -> anyhow::Result<usize> {
        let given = "SELECT count(*) FROM changes_approvals WHERE number = $1 AND decision = 'approve'";
        let count: i64 = sqlx::query_scalar(given).bind(number).fetch_one(&self.portal).await?;
        Ok(usize::try_from(count)?)
    }

    /// Lets every delivery that was not read yet count as read, and takes the jobs that would read them out of the queue.
    pub(super) async fn forget_deliveries(&self) -> anyhow::Result<()> {
        for forget in [
            "UPDATE github_deliveries SET outcome = 'forgotten' WHERE outcome IS NULL",
            "DELETE FROM jobs._private_jobs WHERE key LIKE 'read_delivery:%' AND locked_at IS NULL",
        ] {
            sqlx::query(forget).execute(&self.portal).await?;
        }
        Ok(())
    }

    /// So many runs of the past, with four jobs each; whatever else was known is gone.
    pub(super) async fn fill_runs(&self, count: i32) -> anyhow::Result<()> {
        let mut tx = self.portal.begin().await?;
        sqlx::query("TRUNCATE pipelines_jobs, pipelines_runs").execute(&mut *tx).await?;
        for fill in [
            "INSERT INTO pipelines_runs (run_id, attempt, repository_id, service, branch, head_sha, title, event, actor,
                 phase, outcome, state, created_at, started_at, updated_at, busy_seconds, settled)
             SELECT 900000000000 + n, 1, 7001, (ARRAY['score-api', 'scoring-engine', 'consent-service'])[1 + n % 3], 'main',
                 substr(md5(n::text) || md5('x' || n), 1, 40), 'Change ' || to_char(n, 'FM000000'), 'push', 'rohandas', 3,
                 'success', 'success', at, at, at, 720, true
             FROM generate_series(1, $1) n, LATERAL (SELECT now() + (n - $1) * interval '1 minute' AS at) a",
            "INSERT INTO pipelines_jobs (run_id, attempt, job_id, name, phase, outcome, started_at, completed_at, steps)
             SELECT 900000000000 + n, 1, n::bigint * 10 + j, (ARRAY['commit', 'build', 'staging', 'production'])[j], 3,
                 'success', now(), now() + interval '3 minutes', '[]'
             FROM generate_series(1, $1) n, generate_series(1, 4) j",
        ] {
            sqlx::query(fill).bind(count).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        sqlx::query("VACUUM ANALYZE pipelines_runs, pipelines_jobs").execute(&self.portal).await?;
        Ok(())
    }

    /// Copies whole tables, in this order.
    pub(super) async fn copy(&self, tables: &[&str]) -> anyhow::Result<()> {
        let mut tx = self.reference.begin().await?;
        // The rows were checked where they come from; other tables' rows that refer to them stay.
        sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
        for table in tables {
            let rows = format!("SELECT coalesce(jsonb_agg(t), '[]') FROM {table} t");
            let rows: Value = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_one(&self.portal).await?;
            sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *tx).await?;
            let put = format!("INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)");
            sqlx::query(AssertSqlSafe(put)).bind(rows).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        // As the portal's own tables are, by now or soon.
        for table in tables {
            sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&self.reference).await?;
            sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&self.portal).await?;
        }
        Ok(())
    }
}
