//! Where is the data, who may do what to it, and is it the right one?
//!
//! Two roles. The *owner* (`gatehouse_owner`) makes and changes tables, and nothing else ever logs in
//! as it. The *application* (`gatehouse_app`) reads and writes rows as far as the migrations grant
//! it, owns nothing, and can therefore not take back what the grants withhold: the log's tables
//! refuse it UPDATE, DELETE and TRUNCATE whatever the portal's code does.
//!
//! | | private PostgreSQL | external database |
//! |---|---|---|
//! | roles and database | made by the bootstrap superuser at the start | made by the operator; `gatehouse migrate` adds the application role where it may |
//! | migrations | run at the start | `gatehouse migrate`, with the owner's URL |
//! | `serve` connects as | `gatehouse_app` | `gatehouse_app` |
//!
//! Invariants
//! - `serve` refuses to run as a role that is superuser, owns or could become the owner of a table,
//!   or may create objects ([`verify`]); and with migrations missing ([`migrate::missing`]);
//! - an offline ceremony runs as the owner, and only while no portal is connected ([`ceremony`]);
//! - a database belongs to one log origin, and to the demo or to production, for ever ([`instance`]);
//! - a session of ours never waits for ever: see [`connect`]'s limits.

mod ceremony;
mod connect;
mod error;
mod instance;
mod migrate;
mod roles;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upgrade_tests;
mod verify;

pub use error::DatabaseError;
pub use migrate::MIGRATOR;

use crate::config::{self, Config};
use crate::postgres::{self, BOOTSTRAP_ROLE, Durability, PostgresError, PrivatePostgres};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

/// Owns every table; used by migrations only.
pub const OWNER_ROLE: &str = "gatehouse_owner";
/// What `serve` logs in as.
pub const APP_ROLE: &str = "gatehouse_app";
/// The private PostgreSQL's database.
pub const DATABASE: &str = "gatehouse";
/// The job queue's schema; its tables are the queue crate's.
pub const JOBS_SCHEMA: &str = "jobs";

/// The open database of a portal.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// Opens the configured database as the application role, having started, made and migrated the
    /// private one, or checked the external one.
    ///
    /// # Errors
    /// When it cannot be reached, is not prepared, or is another portal's; each is one sentence.
    pub async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let (options, private) = match &config.database {
            config::Database::Private => {
                let private = start_private(config).await?;
                (private.connect_options(APP_ROLE, DATABASE), Some(private))
            }
            config::Database::External { url, password } => (external(url, password.as_ref())?, None),
        };
        Self::connect(config, options, private).await
    }

    /// The same for a command that ends by itself, beside a portal that may be running: then its private server is joined
    /// and left running.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_beside(config: &Config) -> Result<Self, DatabaseError> {
        match Self::open(config).await {
            Err(DatabaseError::Private(PostgresError::Taken { .. })) => {
                Self::connect(config, postgres::beside(&config.data_dir, APP_ROLE, DATABASE), None).await
            }
            other => other,
        }
    }

    async fn connect(
        config: &Config,
        options: PgConnectOptions,
        private: Option<PrivatePostgres>,
    ) -> Result<Self, DatabaseError> {
        // From here on a failure must stop the server too, which dropping `private` does.
        let pool = connect::pool(options).await?;
        verify::application_role(&pool).await?;
        migrate::require_all(&pool, &config.source).await?;
        instance::claim(&pool, &config.log_origin(), config.is_demo()).await?;
        Ok(Self { pool, private })
    }

    /// The application role's connections.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The private server's process, where there is one.
    #[must_use]
    pub fn private_pid(&self) -> Option<u32> {
        self.private.as_ref().map(PrivatePostgres::pid)
    }

    /// A test's database in place of the configured one.
    #[cfg(test)]
    #[must_use]
    pub fn of_pool(pool: PgPool) -> Self {
        Self { pool, private: None }
    }

    /// Starts the private server again when it is gone. Until it is back every request is told 503.
    pub async fn tend(&mut self) {
        if let Some(private) = &mut self.private
            && let Err(error) = private.tend().await
        {
            tracing::error!(%error, "the private PostgreSQL is gone and does not come back");
        }
    }

    /// Closes the connections, then stops the private server.
    ///
    /// # Errors
    /// When the server had to be stopped the hard way.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.pool.close().await;
        match self.private {
            Some(private) => Ok(private.stop().await?),
            None => Ok(()),
        }
    }
}

async fn start_private(config: &Config) -> Result<PrivatePostgres, DatabaseError> {
    let private = PrivatePostgres::start(&config.data_dir, Durability::Durable).await?;
    roles::prepare(&private.connect_options(BOOTSTRAP_ROLE, "postgres"), DATABASE).await?;
    migrate::run(private.connect_options(OWNER_ROLE, DATABASE)).await?;
    Ok(private)
}

fn external(url: &config::Address, password: Option<&SecretString>) -> Result<PgConnectOptions, DatabaseError> {
    let options: PgConnectOptions = url.as_str().parse().map_err(DatabaseError::Address)?;
    Ok(match password {
        Some(password) => options.password(password.expose_secret()),
        None => options,
    })
}

/// Whether the database answers and has every migration of this program.
///
/// # Errors
/// When it does not; one sentence with the remedy.
pub async fn check(ctx: &crate::context::Context) -> Result<(), DatabaseError> {
    migrate::require_all(&ctx.db, &ctx.config.source).await
}

/// `gatehouse migrate`: brings an external database up to date, as its owner.
///
/// # Errors
/// When `owner_url` holds a password or cannot be used, the role may not change the schema, or a
/// migration fails.
pub async fn migrate_external(owner_url: &str, password: Option<&SecretString>) -> Result<(), DatabaseError> {
    let url = config::Address::postgres(owner_url).map_err(DatabaseError::OwnerUrl)?;
    let options = external(&url, password)?;
    roles::ensure_application_role(&options).await?;
    migrate::run(options).await
}

/// `gatehouse migrate` for the private PostgreSQL, which does the same as every start.
///
/// # Errors
/// As [`Database::open`].
pub async fn migrate_private(config: &Config) -> Result<(), DatabaseError> {
    Ok(start_private(config).await?.stop().await?)
}
