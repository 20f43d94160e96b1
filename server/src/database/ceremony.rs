//! The database for an offline ceremony: as the tables' owner, while no portal runs.
//!
//! With the private PostgreSQL both follow from starting it: whoever can has the machine, and its data directory has
//! one holder. An external database is asked.

use super::connect::{owner_pool, unreachable};
use super::{APP_ROLE, DATABASE, Database, DatabaseError, OWNER_ROLE, instance, migrate, roles};
use crate::config::{self, Config};
use crate::postgres::{BOOTSTRAP_ROLE, Durability, PrivatePostgres};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

impl Database {
    /// Opens the database as its owner. `external` is the owner's URL and password, for a database that is not private.
    ///
    /// # Errors
    /// When the login does not own the tables, a portal is connected, or as [`Database::open`].
    pub async fn open_as_owner(
        config: &Config,
        external: Option<(String, Option<SecretString>)>,
    ) -> Result<Self, DatabaseError> {
        let (options, private) = match (&config.database, external) {
            (config::Database::Private, _) => {
                let private = PrivatePostgres::start(&config.data_dir, Durability::Durable).await?;
                roles::prepare(&private.connect_options(BOOTSTRAP_ROLE, "postgres"), DATABASE).await?;
                migrate::run(private.connect_options(OWNER_ROLE, DATABASE)).await?;
                (private.connect_options(OWNER_ROLE, DATABASE), Some(private))
            }
            (config::Database::External { .. }, Some((url, password))) => {
                let url = config::Address::postgres(&url).map_err(DatabaseError::OwnerUrl)?;
                let options: PgConnectOptions = url.as_str().parse().map_err(DatabaseError::Address)?;
                let options = match &password {
                    Some(password) => options.password(password.expose_secret()),
                    None => options,
                };
                (options, None)
            }
            (config::Database::External { .. }, None) => {
                return Err(DatabaseError::OwnerUrl("is not set".to_owned()));
            }
        };
        let pool = owner_pool(options).await?;
        require_owner_alone(&pool).await?;
        migrate::require_all(&pool, &config.source).await?;
        instance::claim(&pool, &config.log_origin(), config.is_demo()).await?;
        Ok(Self { pool, private })
    }
}

/// Refuses a login that does not own the log, and a database that a portal is connected to.
pub(super) async fn require_owner_alone(pool: &PgPool) -> Result<(), DatabaseError> {
    let (role, owns): (String, bool) = sqlx::query_as(
        "SELECT session_user::text, coalesce((SELECT pg_has_role(session_user, c.relowner, 'MEMBER')
             FROM pg_class c WHERE c.oid = to_regclass('public.audit_entries')), false)",
    )
    .fetch_one(pool)
    .await
    .map_err(unreachable)?;
    if !owns {
        return Err(DatabaseError::NotOwner { role });
    }
    let portals: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1")
            .bind(APP_ROLE)
            .fetch_one(pool)
            .await?;
    if portals == 0 { Ok(()) } else { Err(DatabaseError::PortalRuns(portals)) }
}
