#![expect(clippy::unwrap_used, reason = "tests")]
//! Against real PostgreSQL binaries; run as root they also show that the server is not.

use super::*;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::time::Instant;

/// A directory of its own per test, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("gatehouse-postgres-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o711)).unwrap();
        Self(dir)
    }
    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn start(data_dir: &Path) -> Result<PrivatePostgres, PostgresError> {
    PrivatePostgres::start(data_dir, Durability::Disposable).await
}

async fn connect(postgres: &PrivatePostgres) -> PgConnection {
    PgConnection::connect_with(&postgres.connect_options(BOOTSTRAP_ROLE, "postgres")).await.unwrap()
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn starts_unprivileged_on_a_private_socket_and_keeps_its_data_over_a_restart() {
    let scratch = Scratch::new("restart");
    let postgres = start(&scratch.data()).await.unwrap();
    let owner = std::fs::metadata(format!("/proc/{}", postgres.pid())).unwrap().uid();
    assert_eq!(owner, Identity::current().uid());
    assert_ne!(owner, 0, "postgres must not run as root");
    let socket = std::fs::metadata(scratch.data().join("socket")).unwrap();
    assert_eq!((socket.mode() & 0o777, socket.uid()), (0o700, owner));

    let mut connection = connect(&postgres).await;
    sqlx::query("CREATE TABLE kept AS SELECT 42 AS n").execute(&mut connection).await.unwrap();
    let listens: String = sqlx::query_scalar("SHOW listen_addresses").fetch_one(&mut connection).await.unwrap();
    assert_eq!(listens, "");
    let began = Instant::now();
    // With a connection open: a fast shutdown does not wait for it.
    postgres.stop().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));

    let postgres = start(&scratch.data()).await.unwrap();
    let n: i32 = sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut connect(&postgres).await).await.unwrap();
    assert_eq!(n, 42);
}

#[tokio::test]
async fn production_settings_survive_a_power_cut() {
    assert!(!process::settings(Durability::Durable).iter().any(|s| s.contains("fsync") || s.contains("synchronous")));
}

#[tokio::test]
async fn a_killed_server_starts_again_on_the_same_data() {
    let scratch = Scratch::new("killed");
    // Durable: what was committed must be there, with nothing flushed since.
    let postgres = PrivatePostgres::start(&scratch.data(), Durability::Durable).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 7 AS n").execute(&mut connect(&postgres).await).await.unwrap();
    signal(postgres.pid(), Signal::KILL);
    drop(postgres);
    assert!(scratch.data().join("postgres/postmaster.pid").exists(), "the stale file is part of the test");

    let postgres = start(&scratch.data()).await.unwrap();
    let n: i32 = sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut connect(&postgres).await).await.unwrap();
    assert_eq!(n, 7);
}

#[tokio::test]
async fn a_server_that_ended_by_itself_is_started_again_under_the_running_portal() {
    let scratch = Scratch::new("tend");
    let mut postgres = start(&scratch.data()).await.unwrap();
    assert!(!postgres.tend().await.unwrap());
    signal(postgres.pid(), Signal::KILL);
    while postgres.server.is_running() {
        tokio::task::yield_now().await;
    }
    assert!(postgres.tend().await.unwrap());
    connect(&postgres).await;
}

#[tokio::test]
async fn a_server_that_outlived_its_portal_is_stopped_and_replaced() {
    let scratch = Scratch::new("orphan");
    let postgres = start(&scratch.data()).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 9 AS n").execute(&mut connect(&postgres).await).await.unwrap();
    let survivor = postgres.pid();
    // A portal killed with SIGKILL runs no destructor and drops its lock.
    let PrivatePostgres { server, recipe: _, _lock: lock } = postgres;
    std::mem::forget(server);
    drop(lock);

    let postgres = start(&scratch.data()).await.unwrap();
    assert_ne!(postgres.pid(), survivor);
    let n: i32 = sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut connect(&postgres).await).await.unwrap();
    assert_eq!(n, 9);
}

/// Puts back the lock files of a server that has ended, as if `pid` had been its process id.
fn leave_locks(scratch: &Scratch, pid_file: &str, pid: u32) {
    let pid_file = pid_file.replacen(pid_file.lines().next().unwrap(), &pid.to_string(), 1);
    for (name, text) in [("postgres/postmaster.pid", pid_file.clone()), ("socket/.s.PGSQL.5432.lock", pid_file)] {
        let path = scratch.data().join(name);
        std::fs::write(&path, text).unwrap();
        // The server's user must be able to read them, as it could its own.
        Identity::current().own(&path).unwrap();
    }
}

#[tokio::test]
async fn lock_files_that_name_a_stranger_or_a_corpse_do_not_keep_the_server_out() {
    let scratch = Scratch::new("stranger");
    let postgres = start(&scratch.data()).await.unwrap();
    let text = std::fs::read_to_string(scratch.data().join("postgres/postmaster.pid")).unwrap();
    postgres.stop().await.unwrap();

    // Processes of the server's own user: PostgreSQL itself is fooled by no others.
    let mut stranger = std::process::Command::new("sleep");
    stranger.arg("60");
    Identity::current().apply(&mut stranger);
    let mut stranger = stranger.spawn().unwrap();
    leave_locks(&scratch, &text, stranger.id());
    start(&scratch.data()).await.unwrap().stop().await.unwrap();

    stranger.kill().unwrap();
    // Dead, and not yet waited for.
    leave_locks(&scratch, &text, stranger.id());
    start(&scratch.data()).await.unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_second_portal_on_the_same_data_is_refused_in_one_sentence() {
    let scratch = Scratch::new("second");
    let _first = start(&scratch.data()).await.unwrap();
    let words = start(&scratch.data()).await.unwrap_err().to_string();
    assert!(words.contains(&format!("another gatehouse (process {})", std::process::id())), "{words}");
    assert!(!words.contains('\n'));
}

#[tokio::test]
async fn a_long_data_dir_gets_a_short_socket() {
    let scratch = Scratch::new("long");
    let data = scratch.0.join("d".repeat(120));
    let postgres = start(&data).await.unwrap();
    let socket_dir = postgres.recipe.layout.socket.clone();
    assert!(socket_dir.starts_with("/tmp"));
    assert_eq!(std::fs::metadata(&socket_dir).unwrap().mode() & 0o777, 0o700);
    connect(&postgres).await;
    postgres.stop().await.unwrap();
    let _ = std::fs::remove_dir_all(socket_dir);
}

#[tokio::test]
async fn a_data_dir_behind_a_closed_door_is_named() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new("closed");
    std::fs::set_permissions(&scratch.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    let words = start(&scratch.data()).await.unwrap_err().to_string();
    assert!(words.contains(&format!("cannot enter {}", scratch.0.display())), "{words}");
}

#[tokio::test]
async fn data_of_another_version_is_refused_before_anything_runs() {
    let scratch = Scratch::new("version");
    let cluster = scratch.data().join("postgres");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();
    let words = start(&scratch.data()).await.unwrap_err().to_string();
    assert!(words.contains("made by PostgreSQL 9"), "{words}");
}

#[tokio::test]
async fn a_half_made_cluster_is_made_again() {
    let scratch = Scratch::new("half");
    std::fs::create_dir_all(scratch.data().join("postgres.unfinished/base")).unwrap();
    start(&scratch.data()).await.unwrap();
}
