//! The two roles and the database of theirs.

use super::connect::{owner_options, unreachable};
use super::{APP_ROLE, DatabaseError, OWNER_ROLE};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

/// NOINHERIT: if somebody ever grants it another role, it does not act with it by itself.
const CREATE_APP_ROLE: &str =
    "CREATE ROLE gatehouse_app LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
/// INHERIT: it owns the schema `public` through `pg_database_owner`.
const CREATE_OWNER_ROLE: &str =
    "CREATE ROLE gatehouse_owner LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

/// Makes the roles and `database` where they are missing, as the bootstrap superuser. Doing it again
/// changes nothing.
#[expect(clippy::disallowed_methods, reason = "statements of this crate's own, which take no values")]
pub(super) async fn prepare(bootstrap: &PgConnectOptions, database: &str) -> Result<(), DatabaseError> {
    let mut connection = PgConnection::connect_with(bootstrap).await.map_err(unreachable)?;
    for (role, statement) in [(OWNER_ROLE, CREATE_OWNER_ROLE), (APP_ROLE, CREATE_APP_ROLE)] {
        if !role_exists(&mut connection, role).await? {
            connection.execute(statement).await?;
        }
    }
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        // `database` is a name of this crate's; identifiers cannot be bound.
        connection.execute(AssertSqlSafe(format!(r#"CREATE DATABASE "{database}" OWNER {OWNER_ROLE}"#))).await?;
    }
    // PUBLIC may connect to any database and make temporary tables in it, unless told otherwise.
    let statements = format!(
        r#"REVOKE ALL ON DATABASE "{database}" FROM PUBLIC; GRANT CONNECT ON DATABASE "{database}" TO {APP_ROLE};"#
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// In an external database the operator made the owner; the application role is added when it is
/// missing and the owner may.
pub(super) async fn ensure_application_role(owner: &PgConnectOptions) -> Result<(), DatabaseError> {
    let mut connection = PgConnection::connect_with(&owner_options(owner.clone())).await.map_err(unreachable)?;
    if !role_exists(&mut connection, APP_ROLE).await? && connection.execute(CREATE_APP_ROLE).await.is_err() {
        return Err(DatabaseError::NoApplicationRole { statement: CREATE_APP_ROLE });
    }
    connection.close().await?;
    Ok(())
}

async fn role_exists(connection: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)").bind(role).fetch_one(connection).await
}
