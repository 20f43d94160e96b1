//! What artifacts said, kept so that each is fetched once. Nothing here can be wrong without the log saying what was
//! decided on: what the policy made of it stands in the requirement's entry.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::{Digest, ImageDigest, RepositoryId, RunAttempt, RunId};
use serde_json::Value;
use sqlx::PgConnection;

/// Repository and artifact.
pub(crate) type Key = (RepositoryId, u64);

/// What one artifact said.
pub(crate) struct Kept<'a> {
    pub(crate) key: Key,
    pub(crate) run: (RunId, RunAttempt),
    pub(crate) name: &'a str,
    pub(crate) digest: &'a Digest,
    pub(crate) image: Option<&'a ImageDigest>,
    pub(crate) made_at: Option<DateTime<Utc>>,
    pub(crate) reports: Value,
}

/// What was kept of this artifact, if it is still the same bytes.
pub(crate) async fn find_evidence(
    conn: &mut PgConnection,
    (repository, artifact): Key,
    digest: Option<&Digest>,
) -> Result<Option<Value>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT reports FROM changes_evidence
         WHERE repository_id = $1 AND artifact_id = $2 AND ($3::text IS NULL OR digest = $3)",
    )
    .bind(repository.as_i64())
    .bind(i64::try_from(artifact).unwrap_or(i64::MAX))
    .bind(digest.map(Digest::as_str))
    .fetch_optional(conn)
    .await?)
}

/// Keeps it; other bytes under the same number take its place.
pub(crate) async fn insert_evidence(conn: &mut PgConnection, kept: &Kept<'_>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_evidence
             (repository_id, artifact_id, run_id, attempt, name, digest, image_digest, made_at, reports, read_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, gatehouse_now())
         ON CONFLICT (repository_id, artifact_id) DO UPDATE
         SET digest = excluded.digest, reports = excluded.reports, read_at = excluded.read_at",
    )
    .bind(kept.key.0.as_i64())
    .bind(i64::try_from(kept.key.1).unwrap_or(i64::MAX))
    .bind(kept.run.0.as_i64())
    .bind(kept.run.1.as_i64())
    // A NUL is no text for the database.
    .bind(kept.name.replace('\0', "\u{fffd}"))
    .bind(kept.digest.as_str())
    .bind(kept.image.map(ImageDigest::as_str))
    .bind(kept.made_at)
    .bind(&kept.reports)
    .execute(conn)
    .await?;
    Ok(())
}
