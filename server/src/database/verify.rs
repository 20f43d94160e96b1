//! Is the role that `serve` logs in as really powerless over the tables?

use super::DatabaseError;
use sqlx::PgPool;

/// Every answer is looked up for the role of the login (`session_user`), not for a role that the
/// connection put on, because what was put on can be taken off.
const QUESTION: &str = r"
SELECT session_user::text,
       rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb OR rolreplication,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname IN ('public', 'jobs') AND pg_has_role(session_user, c.relowner, 'MEMBER')),
       has_schema_privilege(session_user, 'public', 'CREATE'),
       pg_has_role(session_user, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
FROM pg_roles WHERE rolname = session_user";

/// Refuses a login that could take back what the grants withhold.
pub(super) async fn application_role(pool: &PgPool) -> Result<(), DatabaseError> {
    let (role, superuser, bypass, manages, owns_tables, creates, owns_database): (
        String,
        bool,
        bool,
        bool,
        bool,
        bool,
        bool,
    ) = sqlx::query_as(QUESTION).fetch_one(pool).await?;
    let fault = match (superuser, bypass, manages, owns_tables || owns_database, creates) {
        (true, ..) => "is a superuser",
        (_, true, ..) => "bypasses row level security",
        (_, _, true, ..) => "may create roles or databases, or replicate",
        (_, _, _, true, _) => "owns tables or the database, or may become their owner",
        (.., true) => "may create objects in the schema public",
        _ => return Ok(()),
    };
    Err(DatabaseError::TooPowerful { role, fault: fault.to_owned() })
}
