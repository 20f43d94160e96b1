#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use super::testing::TestDatabase;
use super::*;
use chrono::{DateTime, Utc};

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn the_application_role_passes_the_check_and_the_owner_does_not() {
    let database = TestDatabase::new().await;
    verify::application_role(&database.app).await.unwrap();
    let words = verify::application_role(&database.owner).await.unwrap_err().to_string();
    assert!(words.contains("gatehouse_owner owns tables"), "{words}");
}

#[tokio::test]
async fn an_application_role_that_could_become_the_owner_is_refused() {
    let database = TestDatabase::new().await;
    // In this database only: ownership of one table is enough.
    sqlx::raw_sql("CREATE TABLE stray (n int); GRANT CREATE ON SCHEMA public TO gatehouse_app;").execute(&database.owner).await.unwrap();
    let words = verify::application_role(&database.app).await.unwrap_err().to_string();
    assert!(words.contains("may create objects"), "{words}");
}

#[tokio::test]
async fn the_application_can_use_the_queue_but_not_rewrite_history_of_migrations() {
    let database = TestDatabase::new().await;
    let id: i64 = sqlx::query_scalar("SELECT id FROM jobs.add_job('say_hello', '{}'::json)").fetch_one(&database.app).await.unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs._private_jobs WHERE id = $1").bind(id).fetch_one(&database.app).await.unwrap();
    assert_eq!(seen, 1, "row level security lets the application see its jobs");
    for forbidden in ["DELETE FROM jobs.migrations", "DELETE FROM _sqlx_migrations", "CREATE TABLE mine (n int)", "TRUNCATE jobs._private_jobs"] {
        let error = sqlx::raw_sql(forbidden).execute(&database.app).await.unwrap_err();
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "42501", "{forbidden}");
    }
}

#[tokio::test]
async fn a_worker_starts_as_the_application_role() {
    let database = TestDatabase::new().await;
    graphile_worker::WorkerOptions::default().schema(JOBS_SCHEMA).database(database.app.clone()).listen_os_shutdown_signals(false).init().await.unwrap();
}

#[tokio::test]
async fn missing_migrations_name_the_command() {
    let database = TestDatabase::new().await;
    migrate::require_all(&database.app, "gatehouse.toml".as_ref()).await.unwrap();
    sqlx::query("DELETE FROM jobs.migrations").execute(&database.owner).await.unwrap();
    let words = migrate::require_all(&database.app, "gatehouse.toml".as_ref()).await.unwrap_err().to_string();
    assert!(words.contains("lacks the job queue's tables; run `gatehouse migrate --config gatehouse.toml`"), "{words}");
    sqlx::raw_sql("DROP TABLE _sqlx_migrations").execute(&database.owner).await.unwrap();
    let words = migrate::require_all(&database.app, "gatehouse.toml".as_ref()).await.unwrap_err().to_string();
    assert!(words.contains("lacks 0001_"), "{words}");
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = TestDatabase::new().await;
    let options = (*database.owner.connect_options()).clone();
    migrate::run(options.clone()).await.unwrap();
    migrate::run(options).await.unwrap();
}

#[tokio::test]
async fn a_database_stays_with_its_origin_and_mode() {
    let database = TestDatabase::new().await;
    instance::claim(&database.app, "gatehouse.example.com/audit", false).await.unwrap();
    instance::claim(&database.app, "gatehouse.example.com/audit", false).await.unwrap();
    let words = instance::claim(&database.app, "other.example.com/audit", false).await.unwrap_err().to_string();
    assert!(words.contains("belongs to the log origin gatehouse.example.com/audit"), "{words}");
    let words = instance::claim(&database.app, "gatehouse.example.com/audit", true).await.unwrap_err().to_string();
    assert!(words.contains("not a demo's"), "{words}");

    let demo = TestDatabase::new().await;
    instance::claim(&demo.app, "localhost:8080/audit", true).await.unwrap();
    let words = instance::claim(&demo.app, "localhost:8080/audit", false).await.unwrap_err().to_string();
    assert!(words.contains("made with --demo"), "{words}");
}

#[tokio::test]
async fn the_clock_stands_where_a_test_puts_it() {
    let database = TestDatabase::at(noon()).await;
    let now: DateTime<Utc> = sqlx::query_scalar("SELECT gatehouse_now()").fetch_one(&database.app).await.unwrap();
    assert_eq!(now, noon());
    let later = noon() + chrono::Duration::hours(72);
    database.set_clock(later).await;
    let now: DateTime<Utc> = sqlx::query_scalar("SELECT gatehouse_now()").fetch_one(&database.app).await.unwrap();
    assert_eq!(now, later);
}

#[tokio::test]
async fn sessions_are_utc_and_never_wait_for_ever() {
    let database = TestDatabase::new().await;
    for (setting, value) in [
        ("timezone", "UTC"),
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ] {
        let found: String = sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&database.app).await.unwrap();
        assert_eq!(found, value, "{setting}");
    }
}
