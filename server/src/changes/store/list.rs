//! The list that programs read: one query for a page, whatever stands in it.

use super::super::view::Way;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::State;
use gatehouse_domain::policy::Proposal;
use gatehouse_domain::{ChangeNumber, CommitSha, ImageDigest, RepositoryId, RunAttempt, RunId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use std::collections::BTreeMap;

/// The changes that are held of a repository, and their runs.
pub(crate) async fn list_held_runs(
    conn: &mut PgConnection,
    repository: RepositoryId,
) -> Result<Vec<(ChangeNumber, RunId)>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT number, run_id FROM changes_changes WHERE state = 'held' AND repository_id = $1 ORDER BY number",
    )
    .bind(repository.as_i64())
    .fetch_all(conn)
    .await?;
    let parsed = |(number, run): (String, i64)| {
        let run = RunId(u64::try_from(run).map_err(Error::internal)?);
        Ok((number.parse().map_err(Error::internal)?, run))
    };
    rows.into_iter().map(parsed).collect()
}

/// The changes that were found released without a decision, for a week.
pub(crate) async fn list_released_elsewhere(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT number FROM changes_changes WHERE gone <> 'ended' AND ended_at > gatehouse_now() - interval '7 days'
         ORDER BY number",
    )
    .fetch_all(conn)
    .await?)
}

/// What a change let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The change.
    pub number: ChangeNumber,
    /// The image that it was about.
    pub image: ImageDigest,
    /// The commit, whose SHA was the image's tag.
    pub commit: CommitSha,
    /// When it was over.
    pub at: DateTime<Utc>,
}

/// Number, image, commit, and when it was over.
type ReleasedRow = (String, Option<String>, Option<String>, DateTime<Utc>);

/// The newest releases of these services.
pub(crate) async fn list_released(
    conn: &mut PgConnection,
    services: &[&str],
    limit: i64,
) -> Result<Vec<Released>, Error> {
    let rows: Vec<ReleasedRow> = sqlx::query_as(
        "SELECT number, body ->> 'image_digest', body ->> 'commit_sha', ended_at
         FROM (SELECT c.number, convert_from(s.body, 'UTF8')::jsonb AS body, c.ended_at
               FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
               WHERE c.service = ANY ($1) AND c.state = 'released' AND c.ended_at IS NOT NULL
               ORDER BY c.ended_at DESC, c.number DESC LIMIT $2) released",
    )
    .bind(services.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    // One whose image was not known when it went out says nothing about any image.
    let parsed = |(number, image, commit, at): ReleasedRow| {
        let (image, commit) = (image?.parse().ok()?, commit?.parse().ok()?);
        Some(number.parse().map(|number| Released { number, image, commit, at }).map_err(Error::internal))
    };
    rows.into_iter().filter_map(parsed).collect()
}

/// The changes that attempts of these runs asked for, held ones first.
pub(crate) async fn list_of_runs(
    conn: &mut PgConnection,
    runs: &[(RepositoryId, RunId)],
) -> Result<Vec<(RunId, RunAttempt, ChangeNumber, State)>, Error> {
    let repositories: Vec<i64> = runs.iter().map(|(repository, _)| repository.as_i64()).collect();
    let ids: Vec<i64> = runs.iter().map(|(_, run)| run.as_i64()).collect();
    let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
        "SELECT c.run_id, c.attempt, c.number, c.state FROM unnest($1::bigint[], $2::bigint[]) AS of (repository_id, run_id)
         JOIN changes_changes c USING (repository_id, run_id)
         ORDER BY c.run_id, c.attempt, c.state = 'held' DESC, c.number DESC",
    )
    .bind(repositories)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    let parsed = |(run, attempt, number, state): (i64, i64, String, String)| {
        Ok((
            RunId(u64::try_from(run).map_err(Error::internal)?),
            RunAttempt(u64::try_from(attempt).map_err(Error::internal)?),
            number.parse().map_err(Error::internal)?,
            State::from_code(&state).ok_or(Error::NotFound)?,
        ))
    };
    rows.into_iter().map(parsed).collect()
}

/// By which way each released attempt of these runs went out.
pub(crate) async fn list_ways_of_runs(
    conn: &mut PgConnection,
    runs: &[(RepositoryId, RunId)],
) -> Result<BTreeMap<(RunId, RunAttempt), Way>, Error> {
    let repositories: Vec<i64> = runs.iter().map(|(repository, _)| repository.as_i64()).collect();
    let ids: Vec<i64> = runs.iter().map(|(_, run)| run.as_i64()).collect();
    let rows = sqlx::query(
        "SELECT c.run_id, c.attempt, c.number,
             EXISTS (SELECT FROM changes_emergencies e WHERE e.number = c.number) AS emergency,
             EXISTS (SELECT FROM changes_rollback_tokens t WHERE t.used_by = c.number) AS back,
             EXISTS (SELECT FROM changes_marks m WHERE m.number = c.number) AS marked
         FROM unnest($1::bigint[], $2::bigint[]) AS of (repository_id, run_id)
         JOIN changes_changes c USING (repository_id, run_id) WHERE c.state = 'released'",
    )
    .bind(repositories)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    let number = |row: &PgRow, column: &str| -> Result<u64, Error> {
        u64::try_from(row.try_get::<i64, _>(column)?).map_err(Error::internal)
    };
    rows.iter()
        .map(|row| {
            let way = Way {
                number: row.try_get::<String, _>("number")?.parse().map_err(Error::internal)?,
                is_emergency: row.try_get("emergency")?,
                went_back: row.try_get("back")?,
                is_marked: row.try_get("marked")?,
            };
            Ok(((RunId(number(row, "run_id")?), RunAttempt(number(row, "attempt")?)), way))
        })
        .collect()
}

/// A change in a list.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) number: String,
    pub(crate) state: String,
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) title: String,
    pub(crate) subject_digest: String,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// Which of them, newest first.
#[derive(Debug, Default)]
pub(crate) struct SummaryFilter<'a> {
    pub(crate) state: Option<State>,
    pub(crate) service: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) before: Option<ChangeNumber>,
}

pub(crate) async fn list_summaries(
    conn: &mut PgConnection,
    filter: &SummaryFilter<'_>,
    limit: usize,
) -> Result<Vec<Summary>, Error> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "SELECT c.number, c.state, c.service, c.environment, coalesce(r.reading->>'title', '') AS title,
                c.subject_digest, c.opened_at, c.ended_at
         FROM changes_changes c LEFT JOIN changes_readings r USING (number) WHERE true",
    );
    if let Some(state) = filter.state {
        query.push(" AND c.state = ").push_bind(state.code());
    }
    for (column, value) in [(" AND c.service = ", filter.service), (" AND c.environment = ", filter.environment)] {
        if let Some(value) = value {
            query.push(column).push_bind(value.to_owned());
        }
    }
    if let Some(before) = &filter.before {
        query.push(" AND c.number < ").push_bind(before.to_string());
    }
    query.push(" ORDER BY c.number DESC LIMIT ").push_bind(i64::try_from(limit).map_err(Error::internal)?);
    let rows = query.build().fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Summary {
                number: row.try_get("number")?,
                state: row.try_get("state")?,
                service: row.try_get("service")?,
                environment: row.try_get("environment")?,
                title: row.try_get("title")?,
                subject_digest: row.try_get("subject_digest")?,
                opened_at: row.try_get("opened_at")?,
                ended_at: row.try_get("ended_at")?,
            })
        })
        .collect()
}

/// The held change that proposes this.
pub(crate) async fn find_proposed(conn: &mut PgConnection, proposal: &Proposal) -> Result<Option<ChangeNumber>, Error> {
    let number: Option<String> = sqlx::query_scalar(
        "SELECT number FROM changes_changes WHERE proposal_base = $1 AND proposal_digest = $2 AND state = 'held'",
    )
    .bind(proposal.base.as_str())
    .bind(proposal.proposed.as_str())
    .fetch_optional(conn)
    .await?;
    number.map(|n| n.parse().map_err(Error::internal)).transpose()
}
