//! Signatures with their bytes, for whoever checks them.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::events::Proof;
use gatehouse_domain::{ChangeNumber, PersonId};
use sqlx::{PgConnection, Row};

/// One signature, and the canonical bytes of the subject that it is over.
pub(crate) struct StoredProof {
    pub(crate) person: PersonId,
    pub(crate) signed_at: DateTime<Utc>,
    pub(crate) proof: Proof,
    pub(crate) subject: String,
}

/// Every signature ever given on a change.
pub(crate) async fn list_proofs(conn: &mut PgConnection, number: &ChangeNumber) -> Result<Vec<StoredProof>, Error> {
    sqlx::query(
        "SELECT a.person, a.signed_at, a.proof, s.body FROM changes_approvals a
         JOIN changes_subjects s ON s.number = a.number AND s.digest = a.subject_digest WHERE a.number = $1",
    )
    .bind(number.as_str())
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        Ok(StoredProof {
            person: row.try_get::<String, _>("person")?.parse().map_err(Error::internal)?,
            signed_at: row.try_get("signed_at")?,
            proof: serde_json::from_value(row.try_get("proof")?).map_err(Error::internal)?,
            subject: String::from_utf8(row.try_get("body")?).map_err(Error::internal)?,
        })
    })
    .collect()
}
