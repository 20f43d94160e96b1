//! What the pages show of changes. Reading only; nothing here decides, but everything that decides is asked.

mod of_runs;
mod resource;
mod rollback;
mod show;

pub use of_runs::{Way, of_runs, ways_of_runs, why_held};
pub use resource::{ChangeResource, resource};
pub use show::{show, show_data};

use super::execute::persons_of;
use super::lane::{Queue, look_up, opened, with_incident};
use super::reading::Reading;
use super::store::{self, RowFacts};
use crate::context::Context;
use crate::error::Error;
use crate::people;
use chrono::{DateTime, Utc};
use gatehouse_app::changes::shape::{ChangeFilter, ChangePage, ChangeRow};
use gatehouse_app::home::shape::HomeView;
use gatehouse_app::shape::Status;
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::changes::decide::reasons_against;
use gatehouse_domain::changes::{Change, Freshness, Gate, Requirement, Seat, State, derive_gate};
use gatehouse_domain::people::{Role, Signer};
use gatehouse_domain::tone::Tone;
use gatehouse_domain::{ChangeNumber, Digest, PersonId, Reason};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PAGE: usize = 50;
/// More held changes than this are a queue that nobody reads; the list of changes has them all.
const HOME_HELD: i64 = 100;
const HOME_RECENT: i64 = 8;

/// A change, and everything needed to say something about it.
struct Facts {
    change: Change,
    row: RowFacts,
    reading: Reading,
    signers: Arc<BTreeMap<PersonId, Signer>>,
    gate: Gate,
    policy: Digest,
    now: DateTime<Utc>,
}

async fn facts(
    conn: &mut PgConnection,
    ctx: &Context,
    number: &ChangeNumber,
    viewer: &PersonId,
) -> Result<Facts, Error> {
    let mut change = look_up(conn, ctx, number).await?;
    opened(conn, ctx, &mut change.lane.stops).await?;
    let row = store::get_row(conn, number).await?;
    let reading = store::find_reading(conn, number).await?;
    let mut persons = persons_of(&change);
    persons.insert(viewer.clone());
    let signers = Arc::new(people::read_signers(conn, ctx, &persons).await?);
    let now = ctx.now(conn).await?;
    let policy = ctx.policy_digest.clone();
    let gate = derive_gate(&change, &signers, &policy, Freshness::LastKnown, now);
    Ok(Facts { change, row, reading, signers, gate, policy, now })
}

/// The same for a list, in as many queries as for one change. What `readings` lacks is shown as not known.
async fn facts_of_all(
    conn: &mut PgConnection,
    ctx: &Context,
    rows: Vec<RowFacts>,
    mut readings: BTreeMap<ChangeNumber, Reading>,
    viewer: &PersonId,
) -> Result<Vec<Result<Facts, Error>>, Error> {
    let mut changes = store::list_changes(conn, &numbers(&rows)).await?;
    // Emergencies are rare, and what one opens depends on its incident.
    for change in changes.values_mut().flatten() {
        with_incident(conn, ctx, change).await?;
    }
    let mut persons: BTreeSet<PersonId> = changes.values().flatten().flat_map(persons_of).collect();
    persons.insert(viewer.clone());
    let signers = Arc::new(people::read_signers(conn, ctx, &persons).await?);
    let (now, policy) = (ctx.now(conn).await?, ctx.policy_digest.clone());
    let facts = |row: RowFacts| {
        let change = changes.remove(&row.number).unwrap_or(Err(Error::NotFound))?;
        let reading = readings.remove(&row.number).unwrap_or_default();
        let gate = derive_gate(&change, &signers, &policy, Freshness::LastKnown, now);
        Ok(Facts { change, row, reading, signers: Arc::clone(&signers), gate, policy: policy.clone(), now })
    };
    Ok(rows.into_iter().map(facts).collect())
}

/// Rows of a list, as a page shows them.
async fn shown(
    conn: &mut PgConnection,
    ctx: &Context,
    rows: Vec<RowFacts>,
    viewer: &PersonId,
) -> Result<Vec<ChangeRow>, Error> {
    let readings = store::list_readings(conn, &numbers(&rows)).await?;
    let all = facts_of_all(conn, ctx, rows, readings, viewer).await?;
    let queue = Queue::read(conn).await?;
    all.into_iter().map(|facts| Ok(facts?.row(viewer, &queue))).collect()
}

fn numbers(rows: &[RowFacts]) -> Vec<ChangeNumber> {
    rows.iter().map(|row| row.number.clone()).collect()
}

impl Facts {
    fn against(&self, viewer: &PersonId, decision: SignedDecision) -> Vec<Reason> {
        match self.signers.get(viewer) {
            Some(signer) => reasons_against(&self.change, signer, &self.signers, decision, &self.policy, self.now),
            None => vec![Reason::NotAdmitted],
        }
    }

    /// The seat that the viewer's approval would fill.
    fn your_seat(&self, viewer: &PersonId) -> Option<&Seat> {
        if !self.against(viewer, SignedDecision::Approve).is_empty() {
            return None;
        }
        let roles = self.signers.get(viewer)?.held_roles();
        self.gate.seats.iter().find(|s| s.by.is_none() && roles.contains(&s.seat.role)).map(|s| &s.seat)
    }

    fn status(&self) -> Status {
        let (word, tone) = match self.change.state {
            State::Held
                if self.gate.reasons.iter().any(|r| {
                    matches!(
                        r,
                        Reason::FieldUnreadable(_)
                            | Reason::ContributorsUnknown
                            | Reason::ContributorUnlisted(_)
                            | Reason::PolicyFailed(_)
                    )
                }) =>
            {
                ("Held · not all is known".to_owned(), Tone::Unknown)
            }
            State::Held if self.gate.reasons.iter().any(|r| matches!(r, Reason::Vetoed(_))) => {
                ("Held · rejected".to_owned(), Tone::Bad)
            }
            // While signatures are missing, their number says more.
            State::Held if self.gate.filled() == self.gate.seats.len() && self.gate.reasons.iter().any(is_unproved) => {
                ("Held · not all is proved".to_owned(), Tone::Bad)
            }
            State::Held if self.gate.reasons.iter().any(|r| matches!(r, Reason::Marked(_))) => {
                ("Held · do not return to".to_owned(), Tone::Bad)
            }
            State::Held if self.gate.reasons.iter().any(|r| matches!(r, Reason::LineStopped { .. })) => {
                ("Held · line stopped".to_owned(), Tone::Bad)
            }
            State::Held => (format!("Held · {} of {}", self.gate.filled(), self.gate.seats.len()), Tone::Warn),
            State::Released if self.change.proposal.is_some() => ("In force".to_owned(), Tone::Ok),
            State::Executing => ("Answering GitHub".to_owned(), Tone::Running),
            State::Released => ("Released".to_owned(), Tone::Ok),
            State::Closed => ("Closed".to_owned(), Tone::Bad),
            State::Expired => ("Expired".to_owned(), Tone::Neutral),
            State::Superseded => ("Superseded".to_owned(), Tone::Neutral),
            State::Cancelled => ("Cancelled".to_owned(), Tone::Bad),
        };
        Status { word, tone }
    }

    fn row(&self, viewer: &PersonId, queue: &Queue) -> ChangeRow {
        let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let more = if self.reading.files_complete { "" } else { " or more" };
        let seat = self.your_seat(viewer);
        ChangeRow {
            number: self.change.number.to_string(),
            service: self.change.subject.service.to_string(),
            environment: self.change.key.environment.to_string(),
            title: self.reading.title.clone(),
            status: self.status(),
            your_seat: seat.map(|seat| seat.name.clone()),
            // Other rules are no matter of people's data.
            for_data_protection: self.change.proposal.is_none() && seat.is_some_and(|seat| seat.role == Role::Dpo),
            size: match &self.change.proposal {
                Some(proposal) => {
                    let short = |digest: &Digest| digest.as_str().chars().take(8).collect::<String>();
                    format!("configuration {} to {}", short(&proposal.base), short(&proposal.proposed))
                }
                None => format!(
                    "{}, {}{more}",
                    count(self.reading.commits.len(), "commit"),
                    count(self.reading.files.len(), "file")
                ),
            },
            lane: queue.note(&self.change),
            is_marked: self.change.way_back.marked_on.is_some(),
            opened_at: self.row.opened_at,
            ended_at: self.row.ended_at,
        }
    }
}

fn is_unproved(reason: &Reason) -> bool {
    matches!(reason, Reason::PlanUnconfirmed | Reason::EvidenceWanting { .. } | Reason::EvidenceLapsed(_))
}

/// The home page for this person.
///
/// # Errors
/// When the database does not answer.
pub async fn home(ctx: &Context, viewer: &PersonId) -> Result<HomeView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let mut held = store::list_rows(&mut conn, &[State::Held], None, None, HOME_HELD).await?;
    // Oldest first: who waits longest is read first.
    held.reverse();
    let held = shown(&mut conn, ctx, held, viewer).await?;
    let (needs_you, waiting) = held.into_iter().partition(|row| row.your_seat.is_some());
    let ended: Vec<State> = State::ALL.into_iter().filter(|s| *s != State::Held).collect();
    let recent = store::list_rows(&mut conn, &ended, None, None, HOME_RECENT).await?;
    let recent = shown(&mut conn, ctx, recent, viewer).await?;
    Ok(HomeView { needs_you, endorse: Vec::new(), waiting, recent, as_of: ctx.now(&mut conn).await? })
}

/// The seats of held changes that wait for somebody, by role.
pub(super) async fn waiting_seats(
    conn: &mut PgConnection,
    ctx: &Context,
    viewer: &PersonId,
) -> Result<BTreeMap<Role, u32>, Error> {
    let held = store::list_rows(conn, &[State::Held], None, None, HOME_HELD).await?;
    let mut waiting = BTreeMap::new();
    for facts in facts_of_all(conn, ctx, held, BTreeMap::new(), viewer).await?.into_iter().flatten() {
        for seat in facts.gate.seats.iter().filter(|seat| seat.by.is_none()) {
            *waiting.entry(seat.seat.role).or_default() += 1;
        }
    }
    Ok(waiting)
}

/// A change as it was decided, for telling another policy the same.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The change.
    pub number: ChangeNumber,
    /// What it is of.
    pub service: String,
    /// Where it stands.
    pub state: State,
    /// What was asked.
    pub requirement: Requirement,
}

/// The newest promotions as they were decided; changes of the rules themselves are not for a policy to decide.
///
/// # Errors
/// When the database does not answer.
pub async fn recorded(conn: &mut PgConnection, limit: i64) -> Result<Vec<Recorded>, Error> {
    let mut recorded = Vec::new();
    for row in store::list_rows(conn, &[], None, None, limit).await? {
        let Change { number, subject, state, requirement, proposal, .. } = store::get_change(conn, &row.number).await?;
        if proposal.is_none() {
            recorded.push(Recorded { number, service: subject.service.to_string(), state, requirement });
        }
    }
    Ok(recorded)
}

/// How many held changes this person could approve now.
///
/// # Errors
/// When the database does not answer.
pub async fn needs_you(conn: &mut PgConnection, ctx: &Context, viewer: &PersonId) -> Result<u32, Error> {
    let mut count = 0;
    let held = store::list_rows(conn, &[State::Held], None, None, HOME_HELD).await?;
    let numbers = numbers(&held);
    // A seat does not depend on what is only shown.
    let all = facts_of_all(conn, ctx, held, BTreeMap::new(), viewer).await?;
    for (number, facts) in numbers.iter().zip(all) {
        // This frames every page: one change that cannot be read must not take all of them away.
        match facts {
            Ok(facts) => count += u32::from(facts.your_seat(viewer).is_some()),
            Err(Error::Internal(error)) => {
                tracing::error!(%number, error = crate::error::chain(&*error), "a change cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// One page of changes, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(ctx: &Context, viewer: &PersonId, filter: ChangeFilter) -> Result<ChangePage, Error> {
    let mut conn = ctx.db.acquire().await?;
    let states: Vec<State> = filter.state.as_deref().and_then(State::from_code).into_iter().collect();
    let service = filter.service.as_deref().filter(|s| !s.is_empty());
    let after: Option<ChangeNumber> = filter.after.as_deref().and_then(|n| n.parse().ok());
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = store::list_rows(&mut conn, &states, service, after.as_ref(), limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|row| row.number.to_string());
    let rows = shown(&mut conn, ctx, found, viewer).await?;
    let services = ctx.config.services.iter().map(|s| s.name.to_string()).collect();
    let sees_habits = super::habits::sees_habits(ctx, viewer);
    Ok(ChangePage { rows, next, services, sees_habits, as_of: ctx.now(&mut conn).await? })
}
