//! Which builds went where, and what happened to a service: what other rooms may know of changes.

use super::store;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::{ChangeNumber, CommitSha, EnvironmentName, ImageDigest, PersonId, ServiceName};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// A release.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its change.
    pub number: ChangeNumber,
    /// Of which commit.
    pub commit: Option<CommitSha>,
    /// Who signed for it, in the order in which they did.
    pub by: Vec<PersonId>,
}

/// What releases are found by.
pub type Place = (String, String, ImageDigest);

/// The latest releases of these services, by service, environment and image; of two of the same image the newer one.
///
/// # Errors
/// When the database does not answer.
pub async fn released_as(
    conn: &mut PgConnection,
    services: &[&ServiceName],
    environments: &[&EnvironmentName],
) -> Result<BTreeMap<Place, Standing>, Error> {
    let services: Vec<&str> = services.iter().map(|name| name.as_str()).collect();
    let environments: Vec<&str> = environments.iter().map(|name| name.as_str()).collect();
    let mut found = BTreeMap::new();
    for row in store::list_latest_released(conn, &services, &environments).await? {
        // A release of no known image is found by nobody.
        let Some(image) = row.image_digest.and_then(|digest| digest.parse::<ImageDigest>().ok()) else { continue };
        let commit = row.commit_sha.and_then(|sha| sha.parse().ok());
        let released = Standing { number: row.number, commit, by: row.by };
        found.entry((row.service, row.environment, image)).or_insert(released);
    }
    Ok(found)
}

/// What happened to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// GitHub asked.
    Opened,
    /// A person said yes.
    Approved,
    /// A person said no.
    Rejected,
    /// A person confirmed its rollback plan.
    Confirmed,
    /// A person marked its version: do not return to it.
    Marked,
    /// It went out.
    Released,
    /// It ended otherwise: closed, expired, superseded, cancelled.
    Ended,
    /// It is being executed.
    Executing,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// To which change.
    pub number: ChangeNumber,
    /// Where it was to go.
    pub environment: String,
    /// What.
    pub step: Step,
    /// The state's or step's own word.
    pub word: String,
    /// Who did it; `None` where nobody did.
    pub by: Option<PersonId>,
    /// The change's title, a stranger's words.
    pub title: Option<String>,
}

/// What happened to the changes of a service since then, newest first, at most so many.
///
/// # Errors
/// When the database does not answer.
pub async fn happened(
    conn: &mut PgConnection,
    service: &ServiceName,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Happened>, Error> {
    let rows = store::list_happened(conn, service.as_str(), since, limit).await?;
    let happened = |row: store::HappenedRow| Happened {
        at: row.at,
        number: row.number,
        environment: row.environment,
        step: match row.what.as_str() {
            "opened" => Step::Opened,
            "approve" => Step::Approved,
            "reject" => Step::Rejected,
            "confirmed" => Step::Confirmed,
            "marked" => Step::Marked,
            "released" => Step::Released,
            "executing" => Step::Executing,
            _ => Step::Ended,
        },
        word: row.what,
        by: row.person,
        title: row.title,
    };
    Ok(rows.into_iter().map(happened).collect())
}
