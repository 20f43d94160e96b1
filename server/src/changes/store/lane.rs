//! The SQL of the lane: stops, who is before whom, and the lock between a release and a stop.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::State;
use gatehouse_domain::changes::events::{LineStopped, Overtaken, StopLifted};
use gatehouse_domain::changes::lane::Stop;
use gatehouse_domain::{ChangeNumber, EnvironmentName, PersonId, StopId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A stop, and how it ended if somebody lifted it.
pub(crate) struct StopRecord {
    pub(crate) stop: Stop,
    pub(crate) lifted: Option<(DateTime<Utc>, PersonId)>,
}

/// A change that is on its way.
#[derive(Debug, Clone)]
pub(crate) struct InLane {
    pub(crate) number: ChangeNumber,
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) state: State,
    pub(crate) opened_at: DateTime<Utc>,
}

/// Holds the line to an environment until the transaction ends: shared by whoever releases, alone by whoever stops or
/// lifts. An advisory lock, because a row's would give whoever waits a place in the log before the one it waited for,
/// and because there is no row yet for a stop that is to come.
pub(crate) async fn hold_line(
    conn: &mut PgConnection,
    environment: &EnvironmentName,
    is_alone: bool,
) -> Result<(), Error> {
    let sql = if is_alone {
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
    } else {
        "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
    };
    sqlx::query(sql).bind(format!("changes.line/{environment}")).execute(conn).await?;
    Ok(())
}

pub(crate) async fn insert_stop(conn: &mut PgConnection, at: DateTime<Utc>, e: &LineStopped) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_stops (stop_id, environment, person, stopped_at, until, why) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(uuid(&e.stop)?)
    .bind(e.environment.as_str())
    .bind(e.person.as_str())
    .bind(at)
    .bind(e.until)
    .bind(serde_json::to_value(&e.why).map_err(Error::internal)?)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_lifted(conn: &mut PgConnection, at: DateTime<Utc>, e: &StopLifted) -> Result<(), Error> {
    let done =
        sqlx::query("UPDATE changes_stops SET lifted_at = $2, lifted_by = $3 WHERE stop_id = $1 AND lifted_at IS NULL")
            .bind(uuid(&e.stop)?)
            .bind(at)
            .bind(e.person.as_str())
            .execute(conn)
            .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::internal("a stop was lifted already")) }
}

pub(crate) async fn set_overtaken(conn: &mut PgConnection, at: DateTime<Utc>, e: &Overtaken) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET state = 'superseded', ended_at = $2, overtaken_by = $3 WHERE number = $1")
        .bind(e.number.as_str())
        .bind(at)
        .bind(e.by.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

const STOPS: &str =
    "SELECT stop_id, environment, person, stopped_at, until, why, lifted_at, lifted_by FROM changes_stops";

/// One stop that nobody lifted.
pub(crate) async fn find_standing_stop(conn: &mut PgConnection, stop: &StopId) -> Result<Option<Stop>, Error> {
    let sql = [STOPS, "WHERE stop_id = $1 AND lifted_at IS NULL"].join(" ");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(uuid(stop)?).fetch_optional(conn).await?;
    row.map(|row| record(&row).map(|record| record.stop)).transpose()
}

/// Newest first: those that stand, and what ended lately.
pub(crate) async fn list_stops(conn: &mut PgConnection, only_standing: bool) -> Result<Vec<StopRecord>, Error> {
    let sql = [
        STOPS,
        "WHERE (lifted_at IS NULL AND (until IS NULL OR until > gatehouse_now())) OR NOT $1
         ORDER BY stopped_at DESC, stop_id DESC LIMIT 100",
    ]
    .join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(only_standing).fetch_all(conn).await?;
    rows.iter().map(record).collect()
}

/// Every change on its way, oldest first, however many lanes there are.
pub(crate) async fn list_lanes(conn: &mut PgConnection) -> Result<Vec<InLane>, Error> {
    let rows = sqlx::query(
        "SELECT number, service, environment, state, opened_at FROM changes_changes
         WHERE state IN ('held', 'executing') ORDER BY number LIMIT 1000",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("state")?;
            Ok(InLane {
                number: row.try_get::<String, _>("number")?.parse().map_err(Error::internal)?,
                service: row.try_get("service")?,
                environment: row.try_get("environment")?,
                state: State::from_code(&state).ok_or_else(|| Error::internal("no such state"))?,
                opened_at: row.try_get("opened_at")?,
            })
        })
        .collect()
}

fn record(row: &PgRow) -> Result<StopRecord, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let lifted_by: Option<String> = row.try_get("lifted_by")?;
    let lifted_at: Option<DateTime<Utc>> = row.try_get("lifted_at")?;
    let id: Uuid = row.try_get("stop_id")?;
    Ok(StopRecord {
        stop: Stop {
            stop: id.hyphenated().to_string().parse().map_err(Error::internal)?,
            environment: text("environment")?.parse().map_err(Error::internal)?,
            by: text("person")?.parse().map_err(Error::internal)?,
            since: row.try_get("stopped_at")?,
            until: row.try_get("until")?,
            why: serde_json::from_value(row.try_get("why")?).map_err(Error::internal)?,
        },
        lifted: match (lifted_at, lifted_by) {
            (Some(at), Some(by)) => Some((at, by.parse().map_err(Error::internal)?)),
            _ => None,
        },
    })
}

fn uuid(stop: &StopId) -> Result<Uuid, Error> {
    stop.as_str().parse().map_err(Error::internal)
}
