//! What is new in the log since the last look? No entry is missed, in whatever order transactions commit.
//!
//! Transactions get their ids when they begin to write and commit in any order, so "newer than the newest" would miss
//! the slow ones. Everything below the oldest transaction that still ran at the last look had ended by then; only from
//! there on can something be new, and what was seen there already is remembered.

use super::store;
use crate::error::Error;
use gatehouse_domain::audit::About;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// How many entries one look reads. More than this are told as "something".
const LIMIT: i64 = 500;

/// How far a reader has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Horizon {
    oldest_running: u64,
    seen: BTreeSet<(u64, u32)>,
}

/// A new entry, as far as it matters to whoever waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshEntry {
    /// Its transaction.
    pub xid: u64,
    /// Its place there.
    pub ord: u32,
    /// What it is about.
    pub about: About,
    /// What happened, `<slice>.<past tense>`.
    pub act: String,
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// In the log's order.
    pub entries: Vec<FreshEntry>,
    /// Whether that is all that is new. It is not at the first look, or when there was too much.
    pub is_all: bool,
    /// Every transaction below this one has ended.
    pub oldest_running: u64,
}

/// Reads what is new beyond `horizon`, and moves it.
///
/// # Errors
/// When the database does not answer; then the horizon stays, and the next look finds the same.
pub async fn list_fresh(conn: &mut PgConnection, horizon: &mut Option<Horizon>) -> Result<Fresh, Error> {
    let (found, oldest_running) = store::list_since(conn, horizon.as_ref().map(|h| h.oldest_running), LIMIT).await?;
    // A database restored from yesterday counts from yesterday: then nothing that was seen means anything.
    let before = horizon.as_ref().filter(|h| h.oldest_running <= oldest_running);
    let is_all = before.is_some() && i64::try_from(found.len()).is_ok_and(|n| n < LIMIT);
    let places = found.iter().map(|entry| (entry.xid, entry.ord)).collect::<BTreeSet<_>>();
    let entries =
        found.into_iter().filter(|e| before.is_none_or(|h| !h.seen.contains(&(e.xid, e.ord)))).collect::<Vec<_>>();
    let seen = places.into_iter().filter(|(xid, _)| *xid >= oldest_running).collect();
    *horizon = Some(Horizon { oldest_running, seen });
    Ok(Fresh { entries, is_all, oldest_running })
}
