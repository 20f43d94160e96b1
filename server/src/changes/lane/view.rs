//! What the pages show of the lane.

use super::Queue;
use crate::audit;
use crate::changes::store::{self, StopRecord};
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn};
use gatehouse_app::changes::lane::{FreezesView, InLaneRow, LaneView, StopRow, WindowRow};
use gatehouse_app::shape::{Availability, PersonView};
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::lane::{Stop, reasons_against_lift, reasons_against_stop, reasons_against_supersede};
use gatehouse_domain::people::Signer;
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::{PersonId, Reason};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

fn available(reasons: &[Reason]) -> Availability {
    Availability { reasons: reasons.iter().map(ReasonView::from).collect() }
}

/// The same stops with their words, where they can still be opened.
pub(in crate::changes) async fn opened(
    conn: &mut PgConnection,
    ctx: &Context,
    stops: &mut [Stop],
) -> Result<(), Error> {
    for stop in stops {
        stop.why.clear = audit::open(conn, ctx, &stop.why).await?;
    }
    Ok(())
}

/// What every page says while a line is stopped.
///
/// # Errors
/// When the database does not answer.
pub async fn stopped(conn: &mut PgConnection, ctx: &Context) -> Result<Option<String>, Error> {
    let mut stops: Vec<Stop> = store::list_stops(conn, true).await?.into_iter().map(|record| record.stop).collect();
    opened(conn, ctx, &mut stops).await?;
    let names = people::names(conn, &stops.iter().map(|stop| stop.by.clone()).collect()).await?;
    let said: Vec<String> = stops.iter().map(|stop| sentence(stop, &names)).collect();
    Ok((!said.is_empty()).then(|| said.join(" ")))
}

fn sentence(stop: &Stop, names: &BTreeMap<PersonId, String>) -> String {
    let who = names.get(&stop.by).map_or_else(|| stop.by.to_string(), Clone::clone);
    let until = stop.until.map_or_else(
        || "until it is lifted".to_owned(),
        |until| format!("until {}", until.format("%Y-%m-%d %H:%M UTC")),
    );
    let why = stop.why.clear.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    format!("{who} stopped the line to {} {until}{why}.", stop.environment)
}

/// Stops and the policy's windows, and what the caller may do about them.
///
/// # Errors
/// When the database does not answer.
pub async fn freezes(ctx: &Context, who: &SignedIn) -> Result<FreezesView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    let signer = people::read_one(&mut conn, ctx, &who.person).await?;
    let mut records = store::list_stops(&mut conn, false).await?;
    let mut persons: BTreeSet<PersonId> = BTreeSet::new();
    for StopRecord { stop, lifted } in &mut records {
        opened(&mut conn, ctx, std::slice::from_mut(stop)).await?;
        persons.insert(stop.by.clone());
        persons.extend(lifted.iter().map(|(_, by)| by.clone()));
    }
    let names = people::names(&mut conn, &persons).await?;
    let person = |id: &PersonId| PersonView { id: id.to_string(), name: names.get(id).cloned() };
    let row = |StopRecord { stop, lifted }: &StopRecord| StopRow {
        id: stop.stop.to_string(),
        environment: stop.environment.to_string(),
        by: person(&stop.by),
        since: stop.since,
        until: stop.until,
        why: stop.why.clear.clone(),
        lifted: lifted.as_ref().map(|(at, by)| (*at, person(by))),
        stands: lifted.is_none() && stop.holds(now),
        lift: available(&reasons_against_lift(&signer, Some(stop), now, None)),
    };
    let windows = ctx.config.policy.windows().into_iter().map(|window| WindowRow {
        environment: window.environment,
        services: window.services.unwrap_or_default(),
        from: window.from,
        until: window.until,
        because: window.because,
    });
    Ok(FreezesView {
        stops: records.iter().map(row).collect(),
        windows: windows.filter(|window| window.until > now - chrono::Duration::days(7)).collect(),
        environments: ctx.config.environments.iter().map(|environment| environment.name.to_string()).collect(),
        stop: available(&reasons_against_stop(&signer, None, now)),
        as_of: now,
    })
}

/// The lane of a change that is on its way, where it is not alone in it.
pub(in crate::changes) async fn lane_view(
    conn: &mut PgConnection,
    change: &Change,
    signer: Option<&Signer>,
) -> Result<Option<LaneView>, Error> {
    let queue = Queue::read(conn).await?;
    let lane = queue.lane_of(change);
    if lane.len() < 2 || !lane.iter().any(|one| one.number == change.number) {
        return Ok(None);
    }
    let mut rows = Vec::with_capacity(lane.len());
    for one in lane {
        let is_older = one.number < change.number;
        let other = if is_older { Some(store::get_change(conn, &one.number).await?) } else { None };
        let supersede = other.as_ref().map(|other| {
            let against = signer
                .map_or_else(|| vec![Reason::NotAdmitted], |signer| reasons_against_supersede(signer, other, change));
            (other.subject_digest.to_string(), available(&against))
        });
        rows.push(InLaneRow {
            number: one.number.to_string(),
            is_this: one.number == change.number,
            since: one.opened_at,
            is_executing: one.state == gatehouse_domain::changes::State::Executing,
            supersede,
        });
    }
    Ok(Some(LaneView { rows }))
}
