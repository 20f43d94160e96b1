#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]
//! A real database per test, in well under half a second.
//!
//! One private PostgreSQL per test process (without fsync), one template database that is migrated
//! once, one copy of it per test. Nothing is left behind: a shell waits on a pipe that closes when the
//! test process ends, however it ends, and then stops the server and removes its directory.

use super::{APP_ROLE, OWNER_ROLE, connect, migrate, roles};
use crate::postgres::{BOOTSTRAP_ROLE, Durability, PrivatePostgres};
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, PgPool};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_gatehouse";

static SERVER: OnceCell<TestServer> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

struct TestServer {
    postgres: PrivatePostgres,
    _reaper: Child,
}

/// A migrated database of one test's own.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// As the portal sees it.
    pub app: PgPool,
    /// As migrations see it: to look behind the grants, and to set the clock.
    pub owner: PgPool,
    /// Its name.
    pub name: String,
}

impl TestDatabase {
    /// A fresh copy of the migrated template.
    ///
    /// # Panics
    /// When there is no PostgreSQL on the machine, or a migration fails: no test can go on then.
    pub async fn new() -> Self {
        Self::copy_of(TEMPLATE).await
    }

    /// A database in which no migration has run.
    pub async fn empty() -> Self {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Self {
        let server = SERVER.get_or_init(TestServer::start).await;
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut bootstrap = server.bootstrap().await;
        // WAL_LOG copies the few megabytes of the template without the two checkpoints of FILE_COPY.
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log OWNER {OWNER_ROLE}");
        bootstrap.execute(AssertSqlSafe(create)).await.unwrap();
        let grant =
            format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {APP_ROLE};");
        sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut bootstrap).await.unwrap();
        bootstrap.close().await.unwrap();
        let app = connect::app_options(server.postgres.connect_options(APP_ROLE, &name));
        let owner = connect::owner_options(server.postgres.connect_options(OWNER_ROLE, &name));
        Self {
            app: PgPoolOptions::new().max_connections(8).connect_lazy_with(app),
            owner: PgPoolOptions::new().max_connections(2).connect_lazy_with(owner),
            name,
        }
    }

    /// The same database, the application's pool going through a proxy on this port of the machine.
    pub fn over_tcp(self, port: u16) -> Self {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username(APP_ROLE);
        let options = connect::app_options(options.database(&self.name).ssl_mode(PgSslMode::Disable));
        Self { app: PgPoolOptions::new().max_connections(8).connect_lazy_with(options), ..self }
    }

    /// Where the server listens.
    pub async fn socket(&self) -> PathBuf {
        let server = SERVER.get_or_init(TestServer::start).await;
        server.postgres.socket_file()
    }

    /// A fresh database whose clock stands at `at`.
    pub async fn at(at: DateTime<Utc>) -> Self {
        let database = Self::new().await;
        database.set_clock(at).await;
        database
    }

    /// Makes `gatehouse_now()` answer `at` until it is set again, for every session.
    pub async fn set_clock(&self, at: DateTime<Utc>) {
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let function = format!(
            "CREATE OR REPLACE FUNCTION gatehouse_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT '{at}'::timestamptz $$"
        );
        self.owner.execute(AssertSqlSafe(function)).await.unwrap();
    }

    /// Makes `gatehouse_now()` answer `at`, but think about it first. Every decision asks for the time between what it
    /// reads and what it writes, so this is a pause in the middle of each (ATK-27).
    pub async fn set_slow_clock(&self, at: DateTime<Utc>, milliseconds: u32) {
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let function = format!(
            "CREATE OR REPLACE FUNCTION gatehouse_now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS
             $$ BEGIN PERFORM pg_sleep({milliseconds}::float8 / 1000); RETURN '{at}'::timestamptz; END $$"
        );
        self.owner.execute(AssertSqlSafe(function)).await.unwrap();
    }

    /// Until somebody on this database waits for a lock of somebody else.
    pub async fn somebody_waits(&self) {
        // What a row's lock waits for is no database's; whoever waits for it has locks in ours.
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_locks waits JOIN pg_locks has ON has.pid = waits.pid
                   JOIN pg_database d ON d.oid = has.database
                   WHERE NOT waits.granted AND d.datname = current_database())";
        let waits = async {
            while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.owner).await.unwrap() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), waits).await.unwrap();
    }

    /// A pool of the application's with so many connections, each with this setting besides its own.
    pub fn app_with(&self, connections: u32, setting: (&str, &str)) -> PgPool {
        let options = self.app.connect_options().as_ref().clone().options([setting]);
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(std::time::Duration::from_secs(3))
            .connect_lazy_with(options)
    }

    /// Lets `gatehouse_now()` tell the time again.
    pub async fn release_clock(&self) {
        let function = "CREATE OR REPLACE FUNCTION gatehouse_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() $$";
        self.owner.execute(function).await.unwrap();
    }

    /// Ends every session of the application and lets no new one in: "the database is gone".
    pub async fn go_away(&self) {
        let server = SERVER.get_or_init(TestServer::start).await;
        let mut bootstrap = server.bootstrap().await;
        let statements = format!(
            "ALTER DATABASE {0} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{0}' AND usename = '{APP_ROLE}';",
            self.name
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut bootstrap).await.unwrap();
    }

    /// Runs these as the superuser, past every trigger: what a standby never got is not there after a failover (ATK-28).
    pub async fn lose(&self, statements: &[String]) {
        let server = SERVER.get_or_init(TestServer::start).await;
        let options = server.postgres.connect_options(BOOTSTRAP_ROLE, &self.name);
        let mut bootstrap = PgConnection::connect_with(&options).await.unwrap();
        let all = format!("SET session_replication_role = replica; {};", statements.join("; "));
        sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut bootstrap).await.unwrap();
        bootstrap.close().await.unwrap();
    }

    /// Undoes [`TestDatabase::go_away`].
    pub async fn come_back(&self) {
        let server = SERVER.get_or_init(TestServer::start).await;
        let statement = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name);
        server.bootstrap().await.execute(AssertSqlSafe(statement)).await.unwrap();
    }
}

/// In memory where there is room for a database per test: a disk that is busy with somebody else's build would make
/// tests wait for minutes on files that nobody will ever read.
pub(crate) fn root() -> PathBuf {
    const ROOM: u64 = 8 << 30;
    let memory = Path::new("/dev/shm");
    let has_room = rustix::fs::statvfs(memory).is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) >= ROOM);
    if has_room { memory.to_owned() } else { PathBuf::from("/tmp") }
}

impl TestServer {
    async fn start() -> Self {
        let dir = root().join(format!("gatehouse-test-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        let postgres = PrivatePostgres::start(&dir, Durability::Disposable).await.unwrap();
        let reaper = reaper(postgres.pid(), &dir);
        roles::prepare(&postgres.connect_options(BOOTSTRAP_ROLE, "postgres"), TEMPLATE).await.unwrap();
        migrate::run(postgres.connect_options(OWNER_ROLE, TEMPLATE)).await.unwrap();
        Self { postgres, _reaper: reaper }
    }

    async fn bootstrap(&self) -> PgConnection {
        PgConnection::connect_with(&self.postgres.connect_options(BOOTSTRAP_ROLE, "postgres")).await.unwrap()
    }
}

/// Stops the server and removes `dir` when this process has ended. Statics are never dropped, and a
/// test that is killed drops nothing either; a closed pipe is noticed in both cases.
fn reaper(postmaster: u32, dir: &Path) -> Child {
    let script = r#"read -r _; kill -INT "$1"; i=0; while [ -d "/proc/$1/task" ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done; rm -rf "$2""#;
    Command::new("sh")
        .args(["-c", script, "reaper", &postmaster.to_string()])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .unwrap()
}
