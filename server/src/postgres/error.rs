//! Why is there no private PostgreSQL? One sentence each, with the remedy.

use std::path::PathBuf;

/// Why the private PostgreSQL did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No usable binaries.
    #[error(
        "no PostgreSQL 15 or newer was found ({looked}); install it (Debian: `apt-get install postgresql`), name its bin directory in GATEHOUSE_POSTGRES_BIN, or set DATABASE_URL"
    )]
    NoBinaries {
        /// Where was looked, and what was wrong there.
        looked: String,
    },
    /// Another portal lives on this directory.
    #[error("another gatehouse (process {pid}) already runs on {}; stop it, or give this one a data_dir of its own", dir.display())]
    Taken {
        /// The data directory.
        dir: PathBuf,
        /// Who holds it, as far as it said.
        pid: String,
    },
    /// The server's user cannot reach a path.
    #[error(
        "user id {uid} (PostgreSQL refuses to run as root) cannot enter {}; put data_dir under a directory that all may enter, such as /var/lib/gatehouse, or run gatehouse as an ordinary user", dir.display()
    )]
    Unreachable {
        /// The first directory that is closed.
        dir: PathBuf,
        /// Who cannot enter.
        uid: u32,
    },
    /// A directory that should be ours is somebody else's.
    #[error("{} belongs to somebody else or is open to others; remove it, or choose another data_dir", dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
    },
    /// The data was made by another major version.
    #[error(
        "{} was made by PostgreSQL {found}, and the binaries found are version {binaries}; name those of version {found} in GATEHOUSE_POSTGRES_BIN, or upgrade the data with pg_upgrade", cluster.display()
    )]
    OtherVersion {
        /// The cluster.
        cluster: PathBuf,
        /// Its version.
        found: String,
        /// Ours.
        binaries: u32,
    },
    /// A file or directory could not be made, read or changed.
    #[error("{} {what}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb could not make a database: {0}")]
    Initdb(String),
    /// The server did not come up.
    #[error("the private PostgreSQL did not start: {words} (all of it is in {})", log.display())]
    Start {
        /// Its last words.
        words: String,
        /// Where the rest is.
        log: PathBuf,
    },
    /// A server that outlived its portal does not stop.
    #[error("a PostgreSQL left over from an earlier run (process {0}) does not stop; end it and start again")]
    Survivor(i32),
    /// It had to be stopped the hard way.
    #[error("the private PostgreSQL did not stop in time and was ended; the next start recovers its data ({0})")]
    Stop(String),
}

impl PostgresError {
    pub(super) fn file(path: &std::path::Path, what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, what, source }
    }
}
