//! The emergency of a change while it is decided, what it shows, and whether what it left owed is made good.

use crate::alerts;
use crate::audit;
use crate::changes::assess;
use crate::changes::store;
use crate::context::Context;
use crate::error::{Error, chain};
use crate::people;
use gatehouse_app::changes::lane::{AttachedView, DebtView, EmergencyView};
use gatehouse_app::shape::{Availability, PersonView};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::lane::{permit_pay, reasons_against_attach};
use gatehouse_domain::changes::{Change, State};
use gatehouse_domain::people::Signer;
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::{ChangeNumber, PersonId, Reason};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// The change with its incident, for showing.
pub(in crate::changes) async fn look_up(
    conn: &mut PgConnection,
    ctx: &Context,
    number: &ChangeNumber,
) -> Result<Change, Error> {
    let mut change = store::get_change(conn, number).await?;
    with_incident(conn, ctx, &mut change).await?;
    Ok(change)
}

/// Looks up what an attached emergency is about.
pub(in crate::changes) async fn with_incident(
    conn: &mut PgConnection,
    ctx: &Context,
    change: &mut Change,
) -> Result<(), Error> {
    if let Some(emergency) = &mut change.lane.emergency {
        emergency.facts = alerts::find(conn, ctx, &emergency.incident).await?;
    }
    Ok(())
}

/// The change for a release: the line, its lane, its incident, then its row. `seen` says which, as it was read before;
/// another incident than that one is not held, and opens nothing this time.
pub(in crate::changes) async fn hold(conn: &mut PgConnection, ctx: &Context, seen: &Change) -> Result<Change, Error> {
    store::hold_line(conn, &seen.key.environment, false).await?;
    store::hold_lane(conn, &seen.subject.service, &seen.key.environment).await?;
    let known = seen.lane.emergency.as_ref().map(|emergency| &emergency.incident);
    if let Some(incident) = known {
        alerts::hold(conn, incident, false).await?;
    }
    let mut change = store::lock_change(conn, &seen.number).await?;
    if let Some(emergency) = change.lane.emergency.as_mut().filter(|emergency| known == Some(&emergency.incident)) {
        emergency.facts = alerts::find(conn, ctx, &emergency.incident).await?;
    }
    Ok(change)
}

/// Sees whether what a release skipped is proved by now, or was reviewed by two others; records it once.
///
/// # Errors
/// When the database does not answer.
pub async fn settle_debt(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let Some(debt) = store::find_debt(&mut conn, number).await?.filter(|debt| debt.paid_at.is_none()) else {
        return Ok(());
    };
    let change = store::get_change(&mut conn, number).await?;
    drop(conn);
    // The outside world before the transaction. What does not answer proves nothing, and is asked again in a minute.
    let is_proved = match assess::proves(ctx, &change).await {
        Ok(is_proved) => is_proved,
        Err(error) => {
            tracing::warn!(%number, error = chain(&error), "whether an owed proof is there could not be read");
            false
        }
    };
    let mut tx = ctx.db.begin().await?;
    alerts::hold(&mut tx, &debt.incident, false).await?;
    let change = store::lock_change(&mut tx, number).await?;
    // The same job on another replica may have been here first.
    if store::find_debt(&mut tx, number).await?.is_none_or(|debt| debt.paid_at.is_some()) {
        return Ok(());
    }
    let incident = alerts::find(&mut tx, ctx, &debt.incident).await?;
    if let Some(permit) = permit_pay((number, change.state), is_proved, incident.as_ref(), &debt.attached_by) {
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The emergency lane of a change; nothing where nothing burns and nothing is owed.
pub(in crate::changes) async fn emergency_view(
    conn: &mut PgConnection,
    ctx: &Context,
    change: &Change,
    viewer: Option<&Signer>,
    signers: &BTreeMap<PersonId, Signer>,
) -> Result<Option<EmergencyView>, Error> {
    let debt = store::find_debt(conn, &change.number).await?;
    let debt = debt.map(|debt| DebtView { due_at: debt.due_at, paid_at: debt.paid_at });
    let attached = match &change.lane.emergency {
        Some(emergency) => {
            let names = people::names(conn, &BTreeSet::from([emergency.by.clone()])).await?;
            let against = match change.state {
                State::Held => emergency.against(change, signers, None).iter().map(ReasonView::from).collect(),
                _ => Vec::new(),
            };
            let title = emergency.facts.as_ref().map_or("–", |incident| incident.title.shown());
            Some(AttachedView {
                incident: emergency.incident.to_string(),
                title: title.to_owned(),
                by: PersonView { id: emergency.by.to_string(), name: names.get(&emergency.by).cloned() },
                against,
            })
        }
        None => None,
    };
    let mut live = Vec::new();
    if change.state == State::Held {
        for incident in alerts::live_for(conn, ctx, &change.subject.service, &change.key.environment).await? {
            let makers = people::read_signers(conn, ctx, &incident.makers().cloned().collect()).await?;
            let makers: Vec<Signer> = makers.into_values().collect();
            let against = viewer.map_or_else(
                || vec![Reason::NotAdmitted],
                |signer| reasons_against_attach(signer, change, &incident, &makers, None),
            );
            let may = Availability { reasons: against.iter().map(ReasonView::from).collect() };
            live.push((incident.declared.incident.to_string(), incident.title.shown().to_owned(), may));
        }
    }
    let is_empty = attached.is_none() && live.is_empty() && debt.is_none();
    Ok((!is_empty).then_some(EmergencyView { attached, live, debt }))
}
