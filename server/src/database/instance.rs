//! Whose database is this? Its first portal says so, and it stays so.
//!
//! Signed acts carry the log origin, so entries of two origins must never mix; and a database that
//! ever knew the demo's relaxed rules must never be believed in production, nor the reverse.

use super::DatabaseError;
use sqlx::PgPool;

/// Claims an empty database, or refuses one that is another's.
pub(super) async fn claim(pool: &PgPool, log_origin: &str, demo: bool) -> Result<(), DatabaseError> {
    // Replicas start together: one inserts, and all read what was inserted.
    sqlx::query("INSERT INTO portal_instance (log_origin, is_demo) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(log_origin)
        .bind(demo)
        .execute(pool)
        .await?;
    let (theirs, was_demo): (String, bool) =
        sqlx::query_as("SELECT log_origin, is_demo FROM portal_instance").fetch_one(pool).await?;
    match (was_demo, demo) {
        (true, false) => Err(DatabaseError::OtherMode(
            "this database was made with --demo, so nothing in it can be believed in production; begin with an empty database, or start with --demo",
        )),
        (false, true) => Err(DatabaseError::OtherMode(
            "this database is not a demo's, and --demo would relax its rules; start without --demo, or begin with an empty database",
        )),
        _ if theirs != log_origin => Err(DatabaseError::OtherOrigin { theirs, ours: log_origin.to_owned() }),
        _ => Ok(()),
    }
}
