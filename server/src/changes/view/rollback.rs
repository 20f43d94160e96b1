//! The plan for going wrong, and the way back, as the page shows them.

use super::Facts;
use crate::audit;
use crate::changes::store;
use crate::context::Context;
use crate::error::Error;
use crate::people;
use gatehouse_app::changes::rollback::{GoBackView, LeftView, RollbackView};
use gatehouse_app::shape::{Availability, PersonView};
use gatehouse_domain::changes::State;
use gatehouse_domain::changes::going_back::{reasons_against_going_back, reasons_against_mark};
use gatehouse_domain::changes::planning::{reasons_against_confirming, reasons_against_planning};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::{PersonId, Reason};
use sqlx::PgConnection;
use std::collections::BTreeSet;

fn available(reasons: &[Reason]) -> Availability {
    Availability { reasons: reasons.iter().map(ReasonView::from).collect() }
}

/// Everything about the way back of one change, for `viewer`.
pub(super) async fn rollback_view(
    conn: &mut PgConnection,
    ctx: &Context,
    facts: &Facts,
    viewer: &PersonId,
) -> Result<RollbackView, Error> {
    let change = &facts.change;
    let plan = &change.rollback_plan;
    let is_held = change.state == State::Held && change.proposal.is_none();
    let marker = store::find_mark(conn, change).await?.map(|(person, _)| person);
    let edited = plan.edited.as_ref();
    let persons = [marker.clone(), edited.map(|edited| edited.by.clone()), change.way_back.confirmed_by.clone()];
    let names = people::names(conn, &persons.into_iter().flatten().collect::<BTreeSet<_>>()).await?;
    let person = |id: &PersonId| PersonView { id: id.to_string(), name: names.get(id).cloned() };
    let note = match edited.and_then(|edited| edited.note.as_ref()) {
        Some(sealed) => audit::open(conn, ctx, sealed).await?,
        None => None,
    };
    let signer = facts.signers.get(viewer);
    let may = |asked: &dyn Fn(&gatehouse_domain::people::Signer) -> Vec<Reason>| {
        available(&signer.map_or_else(|| vec![Reason::NotAdmitted], asked))
    };
    let targets = if is_held {
        let earlier = store::list_earlier(conn, change, None).await?;
        let is_other = |it: &&gatehouse_domain::changes::going_back::Earlier| {
            !it.is_marked && it.subject.image_digest != change.subject.image_digest
        };
        earlier.iter().filter(is_other).map(|it| it.number.to_string()).collect()
    } else {
        Vec::new()
    };
    let token = if is_held { store::find_token(conn, change).await? } else { None };
    let go_back = token.filter(|token| token.leads_to(&change.subject)).map(|token| GoBackView {
        to: token.to.number.to_string(),
        undoes: token.minted_by.to_string(),
        allowed: may(&|signer| {
            reasons_against_going_back(change, Some(&token), signer, &facts.policy, None, facts.now)
        }),
    });
    let left = match change.state {
        State::Released => store::find_own_token(conn, change).await?,
        _ => None,
    };
    let left = match left {
        Some(token) => Some(LeftView {
            run_url: store::find_reading(conn, &token.to.number).await?.run_url,
            void: match () {
                () if !token.is_last => Some("Another release went out since.".to_owned()),
                () if token.to.is_marked => Some("That version is marked “do not return to”.".to_owned()),
                () => None,
            },
            to: token.to.number.to_string(),
            used_by: token.used_by.map(|by| by.to_string()),
        }),
        None => None,
    };
    Ok(RollbackView {
        sentence: plan.sentence(),
        edited_by: edited.map(|edited| person(&edited.by)),
        note,
        confirmed_by: change.way_back.confirmed_by.as_ref().map(person),
        plan_digest: change.subject.rollback_plan_digest.known().map(ToString::to_string),
        to: edited.and_then(|edited| edited.to.as_ref()).map(ToString::to_string),
        migrations: plan.migrations.code().to_owned(),
        targets,
        edit: is_held.then(|| may(&|signer| reasons_against_planning(change, signer))),
        confirm: is_held.then(|| may(&|signer| reasons_against_confirming(change, signer))),
        go_back,
        left,
        marked_by: marker.as_ref().map(person),
        marked_on: change.way_back.marked_on.as_ref().map(ToString::to_string),
        mark: (change.state == State::Released && change.proposal.is_none())
            .then(|| may(&|signer| reasons_against_mark(change, signer))),
    })
}
