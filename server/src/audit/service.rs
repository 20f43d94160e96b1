//! Reading the log.

use super::reads::count_read;
use super::store::{Filter, StoredEntry};
use super::{sentence, store};
use crate::context::Context;
use crate::error::Error;
use crate::people;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use gatehouse_app::audit::shape::{AuditFilter, AuditPage, AuditRow};
use gatehouse_app::shape::PersonView;
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
    let mut page = AuditPage {
        rows: Vec::new(),
        next: None,
        acts: Event::ACTS.iter().map(ToString::to_string).collect(),
        actors: actors(&mut conn).await?,
        unclear: None,
        as_of: ctx.now(&mut conn).await?,
    };
    let wanted = match wanted(filter) {
        Ok(wanted) => wanted,
        Err(unclear) => {
            page.unclear = Some(unclear);
            return Ok(page);
        }
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut stored = store::list_entries(&mut conn, &wanted, limit).await?;
    let more = stored.len() > PAGE;
    stored.truncate(PAGE);
    page.next = stored.last().filter(|_| more).map(|last| format!("{}-{}", last.xid, last.entry.ord));
    let names = names_of(&mut conn, stored.iter().map(|s| &s.entry)).await?;
    page.rows = stored.iter().map(|stored| row(stored, &names)).collect();
    Ok(page)
}

/// Whoever can have acted: everybody we know, and those who are no persons.
async fn actors(conn: &mut PgConnection) -> Result<Vec<PersonView>, Error> {
    let known = people::everybody(conn).await?;
    let persons = known.into_iter().map(|(person, name)| PersonView { id: person.to_string(), name });
    let others = [Actor::Portal, Actor::Operator, Actor::Anonymous]
        .map(|actor| (actor.key(), actor_name(&actor, &BTreeMap::new())));
    let others = others.into_iter().chain([("github".to_owned(), "GitHub".to_owned())]);
    Ok(persons.chain(others.map(|(id, name)| PersonView { id, name: Some(name) })).collect())
}

/// The filter as the store takes it, or what in it cannot be understood.
fn wanted(filter: AuditFilter) -> Result<Filter, String> {
    let moment = |name: &str, text: Option<String>| {
        match filled(text) {
        Some(text) => parse_moment(&text).map(Some).ok_or_else(|| {
            format!("“{name}” is no moment that Gatehouse understands. Write it in UTC, such as 2026-11-22 or 2026-11-22T14:00.")
        }),
        None => Ok(None),
    }
    };
    let before = match filled(filter.before) {
        // Showing the newest instead would pass them off as older ones.
        Some(text) => Some(
            parse_cursor(&text)
                .ok_or("This address continues a list that is not there. Begin again from the newest entries.")?,
        ),
        None => None,
    };
    Ok(Filter {
        act: filled(filter.act),
        actor: filled(filter.actor),
        about: filled(filter.about),
        since: moment("From", filter.since)?,
        until: moment("Until", filter.until)?,
        before,
    })
}

/// A day, or a minute of it, or a second, in UTC.
fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim_end_matches('Z').replace(' ', "T");
    let whole_day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or(whole_day)
        .map(|moment| moment.and_utc())
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
        actor_id: entry.actor.key(),
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
    fn a_moment_is_a_day_or_a_minute_or_a_second_in_utc() {
        let parsed = |text| parse_moment(text).map(|moment| moment.to_rfc3339());
        for (text, moment) in [
            ("2026-11-22", "2026-11-22T00:00:00+00:00"),
            ("2026-11-22T14:05", "2026-11-22T14:05:00+00:00"),
            ("2026-11-22 14:05", "2026-11-22T14:05:00+00:00"),
            ("2026-11-22T14:05:09Z", "2026-11-22T14:05:09+00:00"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(moment), "{text}");
        }
        for none in ["", "yesterday", "2026-13-01", "2026-11-22T25:00", "22.11.2026", "2026-11-22T14:05+05:30"] {
            assert_eq!(parsed(none), None, "{none}");
        }
    }

    #[test]
    fn a_cursor_is_two_numbers_or_nothing() {
        assert_eq!(parse_cursor("734-2"), Some((734, 2)));
        for bad in ["", "734", "734-", "x-1", "734-2-3", "-1-2"] {
            assert_eq!(parse_cursor(bad), None, "{bad}");
        }
    }
}
