//! Bookkeeping: reports on what happens to people's data, by the digest that the log names.

use crate::error::Error;
use gatehouse_domain::Digest;
use gatehouse_domain::changes::data::DataReport;
use sqlx::PgConnection;

/// Keeps a report; the same one is kept once.
pub(crate) async fn insert_report(conn: &mut PgConnection, report: &DataReport) -> Result<(), Error> {
    if report.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO changes_data_reports (digest, body) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING")
        .bind(report.digest().as_str())
        .bind(report.to_bytes())
        .execute(conn)
        .await?;
    Ok(())
}

/// The report of this digest, if what is kept under it is that report.
pub(crate) async fn find_report(conn: &mut PgConnection, digest: &Digest) -> Result<Option<DataReport>, Error> {
    let body: Option<Vec<u8>> = sqlx::query_scalar("SELECT body FROM changes_data_reports WHERE digest = $1")
        .bind(digest.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(body.filter(|body| Digest::of(body) == *digest).and_then(|body| DataReport::parse(&body)))
}
