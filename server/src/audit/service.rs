//! Reading the log.

use super::reads::count_read;
use super::store::{Filter, StoredEntry};
use super::{sentence, store};
use crate::context::Context;
use crate::error::Error;
use crate::people;
use gatehouse_app::audit::shape::{AuditFilter, AuditPage, AuditRow};
use gatehouse_domain::PersonId;
use gatehouse_domain::audit::{About, Actor, Entry, Event};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Enough to fill a screen; the next page is one click away.
const PAGE: usize = 50;

/// One page of the log, newest first.
///
/// # Errors
/// When the database refuses, or a stored entry does not parse.
pub async fn list(ctx: &Context, reader: &Actor, filter: AuditFilter) -> Result<AuditPage, Error> {
    let mut conn = ctx.db.acquire().await?;
    count_read(&mut conn, reader).await?;
    let wanted = Filter {
        act: filled(filter.act),
        actor: filled(filter.actor),
        about: filled(filter.about),
        before: filter.before.as_deref().and_then(parse_cursor),
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut stored = store::list_entries(&mut conn, &wanted, limit).await?;
    let more = stored.len() > PAGE;
    stored.truncate(PAGE);
    let next = stored.last().filter(|_| more).map(|last| format!("{}-{}", last.xid, last.entry.ord));
    let names = names_of(&mut conn, stored.iter().map(|s| &s.entry)).await?;
    Ok(AuditPage {
        rows: stored.iter().map(|stored| row(stored, &names)).collect(),
        next,
        acts: Event::ACTS.iter().map(ToString::to_string).collect(),
        as_of: ctx.now(&mut conn).await?,
    })
}

/// Every entry about one thing, oldest first, and the names of the people in them.
///
/// # Errors
/// As [`list`].
pub async fn entries_about(
    conn: &mut PgConnection,
    about: &str,
) -> Result<(Vec<Entry>, BTreeMap<PersonId, String>), Error> {
    let entries: Vec<Entry> = store::list_entries_about(conn, about).await?.into_iter().map(|s| s.entry).collect();
    let names = names_of(conn, entries.iter()).await?;
    Ok((entries, names))
}

async fn names_of(
    conn: &mut PgConnection,
    entries: impl Iterator<Item = &Entry>,
) -> Result<BTreeMap<PersonId, String>, Error> {
    let mut persons = BTreeSet::new();
    for entry in entries {
        if let Actor::Person { id } | Actor::Machine { person: id, .. } = &entry.actor {
            persons.insert(id.clone());
        }
        if let About::Person(id) = entry.event.about() {
            persons.insert(id);
        }
        if let Event::ExecutionIntended(intended) = &entry.event {
            persons.extend(intended.seats.iter().map(|seat| seat.person.clone()));
        }
    }
    people::names(conn, &persons).await
}

fn row(stored: &StoredEntry, names: &BTreeMap<PersonId, String>) -> AuditRow {
    let entry = &stored.entry;
    let said = sentence(&entry.event, names);
    let about = entry.event.about();
    AuditRow {
        id: entry.id.to_string(),
        at: entry.at,
        actor: actor_name(&entry.actor, names),
        act: entry.event.act().to_owned(),
        what: said.what,
        about_href: match &about {
            About::Change(number) => Some(format!("/changes/{number}")),
            About::Person(_) | About::Delivery(_) | About::Portal(_) => None,
        },
        about: about.id(),
        tone: said.tone,
        leaf_hash: Entry::leaf_hash(&stored.body).to_string(),
        bytes: String::from_utf8_lossy(&stored.body).into_owned(),
    }
}

/// Who, as people say it.
#[must_use]
pub fn actor_name(actor: &Actor, names: &BTreeMap<PersonId, String>) -> String {
    match actor {
        Actor::Person { id } => names.get(id).cloned().unwrap_or_else(|| id.to_string()),
        Actor::Machine { person, .. } => {
            format!("A machine of {}", names.get(person).map_or_else(|| person.as_str(), String::as_str))
        }
        Actor::Github { .. } => "GitHub".to_owned(),
        Actor::Portal => "Gatehouse".to_owned(),
        Actor::Operator => "The operator".to_owned(),
        Actor::Anonymous => "Somebody unknown".to_owned(),
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

pub(super) fn parse_cursor(text: &str) -> Option<(u64, u32)> {
    let (xid, ord) = text.split_once('-')?;
    Some((xid.parse().ok()?, ord.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_two_numbers_or_nothing() {
        assert_eq!(parse_cursor("734-2"), Some((734, 2)));
        for bad in ["", "734", "734-", "x-1", "734-2-3", "-1-2"] {
            assert_eq!(parse_cursor(bad), None, "{bad}");
        }
    }
}
