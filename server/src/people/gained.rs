//! Which roles did somebody gain or lose? Compared whenever the provider spoke, and each minute, because the
//! admitted list changes with a restart.
//!
//! The provider's last word on each account counts here however old it is: an account that cannot be asked is
//! unreadable, which closes decisions ([`super::signers`]) but loses no role. A role that is not on record fills no
//! seat, so nothing is open between a change and its being noticed.

use super::store::persons::{list_known_roles, lock_person};
use super::store::requests::{StandingRole, list_standing_roles};
use crate::audit;
use crate::config::Mode;
use crate::context::Context;
use crate::error::{Error, chain};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::Role;
use gatehouse_domain::people::roles::permit_roles_moved;
use gatehouse_domain::{PersonId, RequestId};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Whether this configuration lets keys and roles in by themselves, as only the demo's may.
pub(super) fn admits_by_itself(ctx: &Context) -> bool {
    matches!(ctx.config.mode, Mode::Demo { admit_first_keys: true })
}

/// What group and admitted list say together.
pub(super) fn sources(ctx: &Context, person: &PersonId, known: &BTreeSet<Role>) -> BTreeSet<Role> {
    let row = ctx.config.admitted.iter().find(|row| row.person == *person);
    row.map(|row| row.roles.intersection(known).copied().collect()).unwrap_or_default()
}

/// Records what moved. The caller holds the person's row.
///
/// # Errors
/// When the database refuses.
pub(super) async fn record_roles(conn: &mut PgConnection, ctx: &Context, person: &PersonId) -> Result<(), Error> {
    if admits_by_itself(ctx) {
        return Ok(());
    }
    let only = [person.to_string()];
    let known = list_known_roles(conn, Some(&only)).await?.remove(person).unwrap_or_default();
    let standing = list_standing_roles(conn, Some(&only)).await?.remove(person).unwrap_or_default();
    let now = ctx.now(conn).await?;
    let random = ctx.entropy.split("people.request_id");
    let permit = permit_roles_moved(person, &sources(ctx, person, &known), &ids(standing), || request_id(&random, now));
    if let Some(permit) = permit.map_err(Error::internal)? {
        audit::commit(conn, ctx, &Actor::Portal, permit).await?;
    }
    Ok(())
}

/// The same for everybody. One who fails keeps nothing from the others.
///
/// # Errors
/// When the database refuses.
pub(super) async fn sweep_roles(ctx: &Context) -> Result<(), Error> {
    if admits_by_itself(ctx) {
        return Ok(());
    }
    let mut conn = ctx.db.acquire().await?;
    let known = list_known_roles(&mut conn, None).await?;
    let mut standing = list_standing_roles(&mut conn, None).await?;
    drop(conn);
    for (person, known) in known {
        let on_record: BTreeSet<Role> = standing.remove(&person).unwrap_or_default().into_keys().collect();
        if on_record == sources(ctx, &person, &known) {
            continue;
        }
        if let Err(error) = sweep_one(ctx, &person).await {
            tracing::error!(target: "people", %person, error = chain(&error), "roles could not be compared");
        }
    }
    Ok(())
}

async fn sweep_one(ctx: &Context, person: &PersonId) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    lock_person(&mut tx, person).await?;
    record_roles(&mut tx, ctx, person).await?;
    tx.commit().await?;
    Ok(())
}

fn ids(standing: BTreeMap<Role, StandingRole>) -> BTreeMap<Role, RequestId> {
    standing.into_iter().map(|(role, standing)| (role, standing.request)).collect()
}

/// A new request's id.
pub(super) fn request_id(random: &crate::context::Entropy, now: chrono::DateTime<chrono::Utc>) -> RequestId {
    RequestId::from(random.uuid_v7(now))
}
