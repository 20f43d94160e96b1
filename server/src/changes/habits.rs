//! How were signatures given lately? Reading only, for those who look after the work; nothing is decided on it.

use super::store::{self, Approved};
use super::view::waiting_seats;
use crate::context::Context;
use crate::error::Error;
use crate::people;
use chrono::Duration;
use gatehouse_app::changes::habits::shape::{HabitsView, LoadRow, PairRow, ReadingDot, ShareView};
use gatehouse_app::shape::PersonView;
use gatehouse_domain::changes::habits::{Given, Load, Pair, Seated, Share, is_too_quick, load, pairs};
use gatehouse_domain::changes::{SeatFilled, match_seats};
use gatehouse_domain::people::Role;
use gatehouse_domain::{GithubId, PersonId, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Who may look: neither signs, so neither is among those whom it shows.
const WHO: [Role; 2] = [Role::Lead, Role::Auditor];
const DAYS: i64 = 90;
/// More than this is more than a picture can show.
const MOST: i64 = 2_000;

/// Whether a link to it is worth showing; who may really look is decided when they do.
pub(super) fn sees_habits(ctx: &Context, viewer: &PersonId) -> bool {
    ctx.config.admitted.iter().any(|row| row.person == *viewer && WHO.iter().any(|role| row.roles.contains(role)))
}

/// How signatures were given in the last ninety days.
///
/// # Errors
/// `RoleNotHeld` for everybody but lead and auditor.
pub async fn habits(ctx: &Context, viewer: &PersonId) -> Result<HabitsView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signers = people::read_signers(&mut conn, ctx, &BTreeSet::from([viewer.clone()])).await?;
    let held = signers.get(viewer).map(gatehouse_domain::people::Signer::held_roles).unwrap_or_default();
    if !WHO.iter().any(|role| held.contains(role)) {
        return Err(Error::refused(Reason::RoleNotHeld(WHO.to_vec())));
    }
    let approved = store::list_approved(&mut conn, MOST).await?;
    let waiting = waiting_seats(&mut conn, ctx, viewer).await?;
    let given: Vec<Given> = {
        let owners = owners(ctx);
        approved.iter().map(|one| given(one, &owners)).collect()
    };
    let pairs = pairs(&given);
    let named = pairs.iter().flat_map(|pair| [pair.one.clone(), pair.other.clone()]).collect();
    let names = people::names(&mut conn, &named).await?;
    let as_of = ctx.now(&mut conn).await?;
    Ok(HabitsView {
        since: as_of - Duration::days(DAYS),
        approvals: count(approved.len()),
        dots: given.iter().filter_map(dot).collect(),
        pairs: pairs.into_iter().map(|pair| pair_row(pair, &names)).collect(),
        load: load(&seated(ctx, &approved), &holders(ctx), &waiting).into_iter().map(load_row).collect(),
        as_of,
    })
}

/// Whose each account is.
fn owners(ctx: &Context) -> BTreeMap<GithubId, &PersonId> {
    let accounts =
        |row: &crate::config::Admitted| row.other_github_ids.iter().copied().chain([row.github_id]).collect::<Vec<_>>();
    ctx.config.admitted.iter().flat_map(|row| accounts(row).into_iter().map(move |id| (id, &row.person))).collect()
}

fn given(one: &Approved, owners: &BTreeMap<GithubId, &PersonId>) -> Given {
    let makers = one.contributors.known.iter().filter_map(|known| owners.get(&known.github_id).copied().cloned());
    Given {
        number: one.number.clone(),
        by: one.person.clone(),
        makers: makers.collect(),
        lines: one.lines.and_then(|lines| u64::try_from(lines).ok()),
        read_for: one.first_at.map(|first| one.signed_at - first),
    }
}

/// Which role each signature was given in: by matching, as the gate does it, with the roles of today's admitted list.
fn seated(ctx: &Context, approved: &[Approved]) -> Vec<Seated> {
    let roles: BTreeMap<&PersonId, BTreeSet<Role>> =
        ctx.config.admitted.iter().map(|row| (&row.person, row.roles.iter().copied().collect())).collect();
    let mut changes: BTreeMap<&str, Vec<&Approved>> = BTreeMap::new();
    for one in approved {
        changes.entry(one.number.as_str()).or_default().push(one);
    }
    let of_change = |signed: Vec<&Approved>| {
        let persons: Vec<_> = signed
            .iter()
            .map(|one| (one.person.clone(), roles.get(&one.person).cloned().unwrap_or_default()))
            .collect();
        let seats = signed.first().map(|one| one.requirement.seats.clone()).unwrap_or_default();
        let seated = |taken: SeatFilled| {
            let by = taken.by?;
            let one = signed.iter().find(|one| one.person == by)?;
            Some(Seated { role: taken.seat.role, after: one.signed_at - one.opened_at, by })
        };
        match_seats(&seats, &persons).into_iter().filter_map(seated).collect::<Vec<_>>()
    };
    changes.into_values().flat_map(of_change).collect()
}

fn holders(ctx: &Context) -> BTreeMap<Role, u32> {
    let mut holders = BTreeMap::new();
    for role in ctx.config.admitted.iter().flat_map(|row| &row.roles) {
        *holders.entry(*role).or_default() += 1;
    }
    holders
}

fn dot(given: &Given) -> Option<ReadingDot> {
    let (lines, read_for) = (given.lines?, given.read_for?);
    Some(ReadingDot {
        number: given.number.to_string(),
        lines,
        seconds: seconds(read_for),
        is_too_quick: is_too_quick(lines, read_for),
    })
}

fn pair_row(pair: Pair, names: &BTreeMap<PersonId, String>) -> PairRow {
    let named = |person: PersonId| PersonView { name: names.get(&person).cloned(), id: person.to_string() };
    let share = |share: Share| ShareView { approved: share.approved, all: share.all };
    PairRow {
        is_habit: pair.of_one.is_habit() && pair.of_other.is_habit(),
        one: named(pair.one),
        other: named(pair.other),
        of_one: share(pair.of_one),
        of_other: share(pair.of_other),
    }
}

fn load_row(load: Load) -> LoadRow {
    LoadRow {
        role: load.role.to_string(),
        holders: load.holders,
        given: load.given,
        hands: load.hands,
        busiest: load.busiest,
        waiting: load.waiting,
        usually: load.usually.map(seconds),
    }
}

fn seconds(duration: Duration) -> u64 {
    u64::try_from(duration.num_seconds()).unwrap_or(0)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
