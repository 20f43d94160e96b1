//! The server as a child process: made, started, stopped.

use super::files::{Layout, close_to_others};
use super::{
    BOOTSTRAP_ROLE, Binaries, Durability, Identity, PostgresError, Recipe, START_LIMIT, STOP_LIMIT, socket_options,
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a server that starts or stops is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running postmaster.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    stopped: bool,
}

/// Makes the cluster where there is none. It is made beside its place and then renamed, so that a
/// crash in the middle leaves nothing that looks like a cluster.
pub(super) async fn initialise(recipe: &Recipe) -> Result<(), PostgresError> {
    let Recipe { layout, binaries, identity, durability } = recipe;
    let version_file = layout.cluster.join("PG_VERSION");
    if let Ok(found) = std::fs::read_to_string(&version_file) {
        let found = found.trim().to_owned();
        return match found == binaries.major().to_string() {
            true => Ok(()),
            false => {
                Err(PostgresError::OtherVersion { cluster: layout.cluster.clone(), found, binaries: binaries.major() })
            }
        };
    }
    if layout.cluster.exists() {
        // Not empty and no cluster: made by nobody we know, so not ours to overwrite.
        return Err(PostgresError::NotOurs { dir: layout.cluster.clone() });
    }
    let unfinished = layout.data_dir.join("postgres.unfinished");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished).map_err(PostgresError::file(&unfinished, "cannot be removed"))?;
    }
    std::fs::create_dir(&unfinished).map_err(PostgresError::file(&unfinished, "cannot be made"))?;
    close_to_others(&unfinished, 0o700)?;
    identity.own(&unfinished)?;

    let mut command = command(binaries, "initdb", identity);
    command.arg("--pgdata").arg(&unfinished).args([
        "--username",
        BOOTSTRAP_ROLE,
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        // One order of text on every machine; what people read is sorted by code, not by the database.
        "--locale=C",
        "--data-checksums",
    ]);
    if *durability == Durability::Disposable {
        command.arg("--no-sync");
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.map_err(std::io::Error::other).and_then(|output| output);
    let output = output.map_err(|error| PostgresError::Initdb(error.to_string()))?;
    if !output.status.success() {
        let mut words = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
        if words.contains("could not look up effective user ID") {
            words.push_str("; give that user a name in /etc/passwd, or set DATABASE_URL");
        }
        return Err(PostgresError::Initdb(words));
    }
    std::fs::rename(&unfinished, &layout.cluster)
        .map_err(PostgresError::file(&layout.cluster, "cannot be put in place"))
}

impl Server {
    /// Starts the postmaster and waits until it answers.
    pub(super) async fn start(recipe: &Recipe) -> Result<Self, PostgresError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match Self::attempt(recipe, deadline).await {
                // The kernel may take a moment to give up the shared memory of a killed server.
                Err(PostgresError::Start { words, .. })
                    if words.contains("still in use") && Instant::now() < deadline =>
                {
                    tokio::time::sleep(LOOK_EVERY * 10).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(recipe: &Recipe, deadline: Instant) -> Result<Self, PostgresError> {
        let Recipe { layout, binaries, identity, durability } = recipe;
        let log = layout.open_log()?;
        let mut command = command(binaries, "postgres", identity);
        command.arg("-D").arg(&layout.cluster).arg("-k").arg(&layout.socket);
        for setting in settings(*durability) {
            command.args(["-c", setting]);
        }
        let child = command.stderr(Stdio::from(log)).spawn();
        let child = child.map_err(PostgresError::file(&binaries.program("postgres"), "cannot be run"))?;
        let mut server = Self { child, stopped: false };
        server.wait_until_ready(layout, deadline).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, layout: &Layout, deadline: Instant) -> Result<(), PostgresError> {
        let failed = |words: String| PostgresError::Start { words, log: layout.log.clone() };
        loop {
            if !self.is_running() {
                self.stopped = true;
                return Err(failed(layout.last_words()));
            }
            match PgConnection::connect_with(&socket_options(&layout.socket, BOOTSTRAP_ROLE, "postgres")).await {
                Ok(connection) => {
                    // It answered; how it takes our leave is of no interest.
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(error) if Instant::now() >= deadline => return Err(failed(error.to_string())),
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Fast shutdown (SIGINT: sessions are ended, a checkpoint is written), then, when `limit` has
    /// passed, an immediate one (SIGQUIT). Blocks; safe to call again.
    pub(super) fn stop(&mut self, limit: Duration) -> Result<(), PostgresError> {
        if self.stopped {
            return Ok(());
        }
        self.stopped = true;
        for (signal, limit) in [(Signal::INT, limit), (Signal::QUIT, limit / 4)] {
            if let Some(pid) = Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(0)) {
                let _ = kill_process(pid, signal);
            }
            if self.ended_within(limit) {
                return match signal {
                    Signal::INT => Ok(()),
                    _ => Err(PostgresError::Stop(format!("after {limit:?}"))),
                };
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        Err(PostgresError::Stop("it was killed".to_owned()))
    }

    #[expect(clippy::disallowed_methods, reason = "runs on a blocking thread or in a destructor, which cannot await")]
    fn ended_within(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.is_running() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop(STOP_LIMIT) {
            tracing::error!(%error, "private PostgreSQL");
        }
    }
}

/// A program of PostgreSQL's with nothing of our environment: it needs none of our variables, and a
/// stray `PGDATA` or `LC_ALL` would change what it does.
fn command(binaries: &Binaries, program: &str, identity: &Identity) -> Command {
    let mut command = Command::new(binaries.program(program));
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir(Path::new("/"));
    // A group of its own: Ctrl-C at a terminal reaches us alone, and we stop the server last.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    identity.apply(&mut command);
    command
}

pub(super) fn settings(durability: Durability) -> Vec<&'static str> {
    let mut all = vec![
        "listen_addresses=",
        "port=5432",
        "unix_socket_permissions=0700",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_min_messages=warning",
        // Statements and their details may hold personal data; the portal logs its own errors.
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        // Two pools of sixteen, migrations, a person with psql.
        "max_connections=64",
    ];
    if durability == Durability::Disposable {
        // Tests run side by side, each with pools of its own, and throw everything away.
        all.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]);
    }
    all
}
