//! Signatures: as a decision sees them, and with their bytes for whoever checks them.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::changes::Approval;
use gatehouse_domain::people::events::Proof;
use gatehouse_domain::{ChangeNumber, Digest, PersonId, SessionId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

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

/// What was signed on these changes, oldest first. One signature that cannot be read makes its own change unreadable.
pub(super) async fn list_approvals(
    conn: &mut PgConnection,
    numbers: &[&str],
) -> Result<BTreeMap<String, Vec<Result<Approval, Error>>>, Error> {
    let rows = sqlx::query(
        "SELECT number, person, decision, subject_digest, key_id, session_id, signed_at, fell_because
         FROM changes_approvals WHERE number = ANY($1) ORDER BY signed_at, entry_id",
    )
    .bind(numbers)
    .fetch_all(conn)
    .await?;
    let mut found: BTreeMap<String, Vec<Result<Approval, Error>>> = BTreeMap::new();
    for row in rows {
        found.entry(row.try_get("number")?).or_default().push(approval(&row));
    }
    Ok(found)
}

fn approval(row: &PgRow) -> Result<Approval, Error> {
    let person: String = row.try_get("person")?;
    let decision: String = row.try_get("decision")?;
    let digest: String = row.try_get("subject_digest")?;
    let key: Uuid = row.try_get("key_id")?;
    Ok(Approval {
        person: person.parse().map_err(Error::internal)?,
        decision: match decision.as_str() {
            "approve" => SignedDecision::Approve,
            _ => SignedDecision::Reject,
        },
        subject_digest: Digest::try_from(digest).map_err(Error::internal)?,
        key: key.hyphenated().to_string().parse().map_err(Error::internal)?,
        session: row.try_get::<Option<Uuid>, _>("session_id")?.map(SessionId::from),
        signed_at: row.try_get("signed_at")?,
        fell_because: row.try_get("fell_because")?,
    })
}
