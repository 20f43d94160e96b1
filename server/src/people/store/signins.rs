//! Sign-ins on their way through the identity provider.

use crate::error::Error;
use sqlx::{PgConnection, Row};

/// What a sign-in left here when it went away.
#[derive(Debug, Clone)]
pub(in crate::people) struct SigninRecord {
    pub(in crate::people) browser_hash: Vec<u8>,
    pub(in crate::people) nonce: String,
    pub(in crate::people) pkce_verifier: String,
    pub(in crate::people) return_to: String,
    pub(in crate::people) is_live: bool,
}

pub(in crate::people) async fn insert_signin(
    conn: &mut PgConnection,
    state_hash: &[u8],
    signin: &SigninRecord,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_signins (state_hash, browser_hash, nonce, pkce_verifier, return_to, expires_at)
         VALUES ($1, $2, $3, $4, $5, gatehouse_now() + interval '10 minutes')",
    )
    .bind(state_hash)
    .bind(&signin.browser_hash)
    .bind(&signin.nonce)
    .bind(&signin.pkce_verifier)
    .bind(&signin.return_to)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a sign-in out: whoever asks second finds nothing.
pub(in crate::people) async fn take_signin(
    conn: &mut PgConnection,
    state_hash: &[u8],
) -> Result<Option<SigninRecord>, Error> {
    let row = sqlx::query(
        "DELETE FROM people_signins WHERE state_hash = $1
         RETURNING browser_hash, nonce, pkce_verifier, return_to, expires_at > gatehouse_now() AS is_live",
    )
    .bind(state_hash)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(SigninRecord {
            browser_hash: row.try_get("browser_hash")?,
            nonce: row.try_get("nonce")?,
            pkce_verifier: row.try_get("pkce_verifier")?,
            return_to: row.try_get("return_to")?,
            is_live: row.try_get("is_live")?,
        })
    })
    .transpose()
}

pub(in crate::people) async fn delete_expired_signins(conn: &mut PgConnection) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM people_signins WHERE expires_at < gatehouse_now()").execute(conn).await?;
    Ok(done.rows_affected())
}
