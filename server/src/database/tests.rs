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
    sqlx::raw_sql("CREATE TABLE stray (n int); GRANT CREATE ON SCHEMA public TO gatehouse_app;")
        .execute(&database.owner)
        .await
        .unwrap();
    let words = verify::application_role(&database.app).await.unwrap_err().to_string();
    assert!(words.contains("may create objects"), "{words}");
}

#[tokio::test]
async fn the_application_can_use_the_queue_but_not_rewrite_history_of_migrations() {
    let database = TestDatabase::new().await;
    let id: i64 = sqlx::query_scalar("SELECT id FROM jobs.add_job('say_hello', '{}'::json)")
        .fetch_one(&database.app)
        .await
        .unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs._private_jobs WHERE id = $1")
        .bind(id)
        .fetch_one(&database.app)
        .await
        .unwrap();
    assert_eq!(seen, 1, "row level security lets the application see its jobs");
    for forbidden in [
        "DELETE FROM jobs.migrations",
        "DELETE FROM _sqlx_migrations",
        "CREATE TABLE mine (n int)",
        "TRUNCATE jobs._private_jobs",
    ] {
        let error = sqlx::raw_sql(forbidden).execute(&database.app).await.unwrap_err();
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "42501", "{forbidden}");
    }
}

#[tokio::test]
async fn a_worker_starts_as_the_application_role() {
    let database = TestDatabase::new().await;
    graphile_worker::WorkerOptions::default()
        .schema(JOBS_SCHEMA)
        .database(database.app.clone())
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_offline_ceremony_is_the_owners_and_only_while_no_portal_is_connected() {
    let database = TestDatabase::new().await;
    ceremony::require_owner_alone(&database.owner).await.unwrap();
    let words = ceremony::require_owner_alone(&database.app).await.unwrap_err().to_string();
    assert!(words.contains("gatehouse_app does not own"), "{words}");
    // The application's pool has a session by now, as a running portal's has.
    let words = ceremony::require_owner_alone(&database.owner).await.unwrap_err().to_string();
    assert!(words.contains("stop every portal first"), "{words}");
    database.app.close().await;
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
        let found: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&database.app).await.unwrap();
        assert_eq!(found, value, "{setting}");
    }
}

/// A database that restarts takes every idle connection with it.
#[tokio::test]
async fn a_connection_that_died_while_nobody_used_it_is_given_to_nobody() {
    let database = TestDatabase::new().await;
    let pool = connect::pool(database.app.connect_options().as_ref().clone()).await.unwrap();
    database.go_away().await;
    database.come_back().await;
    tokio::time::sleep(connect::TRUSTED * 2).await;
    assert_eq!(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&pool).await.unwrap(), 1);
}

/// The test server's socket as a URL, as an operator would write it for a server elsewhere.
fn external(database: &TestDatabase, role: &str) -> String {
    let socket = database.owner.connect_options().get_socket().unwrap().display().to_string();
    format!("postgres://{role}@localhost/{}?host={}", database.name, socket.replace('/', "%2F"))
}

#[tokio::test]
async fn an_external_database_is_migrated_by_its_owner_and_served_by_the_application() {
    let database = TestDatabase::empty().await;
    let url = config::Address::postgres(&external(&database, APP_ROLE)).unwrap();
    let open = || async {
        let options: PgConnectOptions = url.as_str().parse().unwrap();
        let pool = connect::pool(options).await.unwrap();
        migrate::require_all(&pool, "gatehouse.toml".as_ref()).await?;
        verify::application_role(&pool).await
    };
    let words = open().await.unwrap_err().to_string();
    assert!(words.contains("lacks 0001_") && words.contains("gatehouse migrate --config gatehouse.toml"), "{words}");
    migrate_external(&external(&database, OWNER_ROLE), None).await.unwrap();
    open().await.unwrap();
    // As the application nothing can be migrated, and the owner's password is not taken from a URL.
    assert!(migrate_external(&external(&database, APP_ROLE), None).await.is_err());
    let words =
        migrate_external("postgres://gatehouse_owner:hunter2@db/gatehouse", None).await.unwrap_err().to_string();
    assert!(words.starts_with("GATEHOUSE_OWNER_URL holds a password") && !words.contains("hunter2"), "{words}");
}
