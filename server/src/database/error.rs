//! Why can the portal not use this database? One sentence each, with the remedy.

use crate::postgres::PostgresError;
use std::path::PathBuf;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The private PostgreSQL.
    #[error(transparent)]
    Private(#[from] PostgresError),
    /// The URL is none that the driver knows. Its text is not repeated: it came from the environment.
    #[error("the database URL cannot be used: check its options (sslmode and the like)")]
    Address(#[source] sqlx::Error),
    /// The owner's URL.
    #[error("GATEHOUSE_OWNER_URL {0}")]
    OwnerUrl(String),
    /// No connection.
    #[error("the database does not answer ({reason}); check that it runs, and the address, user and password file")]
    Unreachable {
        /// What the driver said.
        reason: String,
        /// The error itself, for the log.
        #[source]
        source: sqlx::Error,
    },
    /// The application role could do too much.
    #[error("the database role {role} {fault}; `serve` runs only as a role that owns nothing: log in as gatehouse_app")]
    TooPowerful {
        /// The role.
        role: String,
        /// What it can do.
        fault: String,
    },
    /// An offline ceremony needs the owner.
    #[error("the database role {role} does not own the log's tables; an offline ceremony needs the owner's login")]
    NotOwner {
        /// The role.
        role: String,
    },
    /// An offline ceremony is for when no portal runs.
    #[error("{0} sessions of a running portal are connected to this database; stop every portal first")]
    PortalRuns(i64),
    /// The application role does not exist, and the owner may not make it.
    #[error(
        "the role gatehouse_app does not exist and this login may not create it; let an administrator run: {statement}"
    )]
    NoApplicationRole {
        /// What to run.
        statement: &'static str,
    },
    /// Migrations are missing.
    #[error("the database lacks {missing}; run `gatehouse migrate --config {}` with the owner's URL in GATEHOUSE_OWNER_URL", config.display())]
    NotMigrated {
        /// Which, in words.
        missing: String,
        /// The configuration file.
        config: PathBuf,
    },
    /// A migration that ran is not the one that this program has.
    #[error(
        "migration {0} of this database is not the one that this gatehouse was built with; use the program that made the database, or a newer one"
    )]
    OtherMigration(i64),
    /// A migration failed.
    #[error("a migration failed and was rolled back ({0}); the database is as it was before it")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It belongs to another portal.
    #[error(
        "this database belongs to the log origin {theirs}, and public_url makes ours {ours}; restore public_url, or begin with an empty database"
    )]
    OtherOrigin {
        /// Recorded at its first start.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// Demo and production do not mix.
    #[error("{0}")]
    OtherMode(&'static str),
    /// Anything else the database said.
    #[error("the database refused a statement: {0}")]
    Query(#[from] sqlx::Error),
}
