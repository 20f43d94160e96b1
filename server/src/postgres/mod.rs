//! How does `gatehouse serve` have a database on a machine where nobody set one up?
//!
//! It runs a PostgreSQL of its own, from binaries that are on the machine, on data in its data
//! directory. States: absent → initialised → running → stopped; every start goes through the same
//! steps whatever was left behind (a first start, a clean stop, `kill -9` of either process).
//!
//! ```text
//! <data_dir>/gatehouse.lock   held (flock) while a portal lives: one portal, one data directory
//! <data_dir>/postgres/        the cluster, 0700, owned by the server's user
//! <data_dir>/socket/          the unix socket, 0700, owned by the server's user
//! <data_dir>/postgres.log     the server's own words since its last start
//! ```
//!
//! Invariants
//! - No TCP: `listen_addresses` is empty, the socket's directory is 0700.
//! - Unprivileged: started by root, the server runs as `nobody` ([`identity`]).
//! - Durable: fsync and full-page writes stay on, outside tests ([`Durability`]).
//! - Never two servers on one data directory: the lock keeps other portals out, and a server that
//!   outlived its portal is stopped before the next one starts ([`orphan`]).
//!
//! **Who may connect.** `pg_hba.conf` says `local all all trust`, guarded by the 0700 socket
//! directory: root and the server's own user get in. Both alternatives would look stricter and keep
//! nobody out. `peer` would refuse other processes of the server's user, and a password would lie in a
//! file of theirs; but whoever is that user can edit `pg_hba.conf`, or the tables' files, directly.
//! What must be apart (owner and application role) is kept apart by the role that each connection
//! logs in with, for SQL; against someone who took over the portal's process only an external
//! database with two secrets helps, and it is supported.

mod binaries;
mod error;
mod files;
mod identity;
mod orphan;
mod process;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use binaries::Binaries;
pub use error::PostgresError;
pub use identity::Identity;

use files::{Layout, Lock};
use process::Server;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::path::Path;
use std::time::Duration;

/// The cluster's superuser. It makes roles and databases, and nothing else.
pub const BOOTSTRAP_ROLE: &str = "gatehouse_bootstrap";

/// How long a start may take: crash recovery after a `kill -9` replays the write-ahead log.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a fast shutdown may take before it becomes an immediate one. Its checkpoint writes at
/// most what fits the shared buffers (128 MB), which a slow disk does in seconds.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Whether a commit survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Yes.
    Durable,
    /// No, and so tests are quick.
    Disposable,
}

/// A running private PostgreSQL. Dropping it stops it.
#[derive(Debug)]
pub struct PrivatePostgres {
    server: Server,
    recipe: Recipe,
    // Last: the next portal may enter only when the server has stopped.
    _lock: Lock,
}

/// All that a start needs, kept to start again.
#[derive(Debug)]
struct Recipe {
    layout: Layout,
    binaries: Binaries,
    identity: Identity,
    durability: Durability,
}

impl PrivatePostgres {
    /// Starts the server on `<data_dir>/postgres`, making it first where it does not exist, and
    /// stopping a server that outlived its portal.
    ///
    /// # Errors
    /// When another portal holds the data directory, no usable binaries are found, the directory is
    /// of no use to the server's user, or the server does not come up. Each is one sentence.
    pub async fn start(data_dir: &Path, durability: Durability) -> Result<Self, PostgresError> {
        let identity = Identity::current();
        let binaries = Binaries::find(&identity)?;
        let layout = Layout::prepare(data_dir, &identity)?;
        let lock = Lock::take(&layout)?;
        orphan::stop_survivors(&layout, STOP_LIMIT).await?;
        let recipe = Recipe { layout, binaries, identity, durability };
        process::initialise(&recipe).await?;
        let server = Server::start(&recipe).await?;
        Ok(Self { server, recipe, _lock: lock })
    }

    /// Starts the server again when it ended without being told to (killed, out of memory); says
    /// whether it did. Looks once and is cheap when all is well.
    ///
    /// # Errors
    /// As [`PrivatePostgres::start`].
    pub async fn tend(&mut self) -> Result<bool, PostgresError> {
        if self.server.is_running() {
            return Ok(false);
        }
        tracing::error!(pid = self.server.pid(), "the private PostgreSQL ended by itself; starting it again");
        orphan::stop_survivors(&self.recipe.layout, STOP_LIMIT).await?;
        self.server = Server::start(&self.recipe).await?;
        Ok(true)
    }

    /// How to connect as `role` to `database`.
    #[must_use]
    pub fn connect_options(&self, role: &str, database: &str) -> PgConnectOptions {
        socket_options(&self.recipe.layout.socket, role, database)
    }

    /// The socket itself, for a test that stands between it and its clients.
    #[cfg(test)]
    pub(crate) fn socket_file(&self) -> std::path::PathBuf {
        self.recipe.layout.socket.join(format!(".s.PGSQL.{}", files::SOCKET_PORT))
    }

    /// The postmaster's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Stops the server with a checkpoint ("fast"), waiting a bounded time.
    ///
    /// # Errors
    /// When it had to be stopped the hard way; its data is safe, the next start replays the log.
    pub async fn stop(mut self) -> Result<(), PostgresError> {
        tokio::task::spawn_blocking(move || self.server.stop(STOP_LIMIT))
            .await
            .map_err(|error| PostgresError::Stop(error.to_string()))?
    }
}

/// How to connect to the private server that a portal runs on this data directory, without being its portal.
#[must_use]
pub fn beside(data_dir: &Path, role: &str, database: &str) -> PgConnectOptions {
    socket_options(&files::socket_dir(data_dir), role, database)
}

/// How to connect through a socket directory. Everything is explicit: the process environment's
/// `PGHOST`, `PGUSER` and `~/.pgpass` belong to other people's databases.
fn socket_options(socket_dir: &Path, role: &str, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(files::SOCKET_PORT)
        .username(role)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}
