//! Did GitHub ask something that never arrived, or stop waiting? Once a minute, on one replica:
//!
//! 1. GitHub's own log of deliveries is compared with what is stored here; what is not here is asked for again.
//! 2. The runs that wait are compared with the changes; a run without one is opened as if it had asked. This finds also
//!    what GitHub never sent.
//! 3. Whatever is held and is not among them is looked at by itself ([`super::gone`]).
//!
//! Everything opened here goes through [`open`], so doubled, late and out-of-order finds are what they are for webhooks.

use super::gone::end_gone;
use super::making::who;
use super::open::{Asked, Found, Stop, key_of, open};
use super::routes::TAKEN;
use super::store;
use crate::context::Context;
use crate::error::{Error, chain};
use crate::github::RepoName;
use crate::github::facts::{DeliveryFacts, RunFacts};
use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::RepositoryId;
use gatehouse_domain::audit::Actor;
use std::collections::{BTreeMap, BTreeSet};

/// GitHub keeps deliveries for redelivery this long.
const KEPT: TimeDelta = TimeDelta::days(3);
/// Lines may appear in the log a little after their time.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// How long a delivery may be on its way before it counts as lost; doubled with each attempt.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(1);
/// After so many attempts only the list of waiting runs is left.
const MOST_ATTEMPTS: usize = 6;

/// Looks for what was lost and repairs it.
///
/// # Errors
/// When GitHub or the database does not answer; the next minute's sweep begins anew.
pub async fn repair(ctx: &Context) -> Result<(), Error> {
    // Each by itself: a log that cannot be read keeps no waiting run from being found.
    let done = [repair_deliveries(ctx).await, repair_runs(ctx).await];
    done.into_iter().collect()
}

async fn repair_deliveries(ctx: &Context) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    let read_until = store::find_read_until(&mut conn).await?;
    drop(conn);
    let since = read_until.map_or(now - KEPT, |until| (until - OVERLAP).max(now - KEPT));
    let log = ctx.github.list_deliveries(since).await?;
    if !log.is_complete {
        tracing::warn!("GitHub's log of deliveries is longer than is read; older ones are left to the waiting runs");
    }
    let attempts = attempts_at_ours(log.deliveries, ctx.github.installation_id());
    let guids: Vec<String> = attempts.keys().cloned().collect();
    let mut conn = ctx.db.acquire().await?;
    let arrived = store::list_arrived(&mut conn, &guids).await?;
    drop(conn);
    let plan = plan_redeliveries(&attempts, &arrived, now);
    for (guid, delivery) in plan.again {
        tracing::warn!(guid, "a webhook did not arrive; asking GitHub to deliver it again");
        ctx.github.redeliver(delivery).await?;
    }
    let mut conn = ctx.db.acquire().await?;
    store::set_read_until(&mut conn, plan.read_until).await
}

/// The attempts to ask us something, by GUID, newest first. Other events and other installations are not waited for.
fn attempts_at_ours(log: Vec<DeliveryFacts>, installation: u64) -> BTreeMap<String, Vec<DeliveryFacts>> {
    let mut attempts: BTreeMap<String, Vec<DeliveryFacts>> = BTreeMap::new();
    for it in log.into_iter().filter(|it| it.event == TAKEN && it.installation_id == Some(installation)) {
        attempts.entry(it.guid.clone()).or_default().push(it);
    }
    attempts
}

/// What is asked for again, and from when on the log must be read next time.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    again: Vec<(String, u64)>,
    read_until: DateTime<Utc>,
}

fn plan_redeliveries(
    attempts: &BTreeMap<String, Vec<DeliveryFacts>>,
    arrived: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Plan {
    let mut plan = Plan { again: Vec::new(), read_until: now };
    for (guid, tries) in attempts.iter().filter(|(guid, _)| !arrived.contains(*guid)) {
        let (Some(newest), Some(oldest)) = (tries.first(), tries.last()) else { continue };
        if tries.len() >= MOST_ATTEMPTS {
            continue;
        }
        // Until it is here, its first attempt stays within what is read: they are counted.
        plan.read_until = plan.read_until.min(oldest.delivered_at);
        let doublings = u32::try_from(tries.len() - 1).unwrap_or(u32::MAX);
        let pause = ON_ITS_WAY * 2_i32.saturating_pow(doublings);
        if now - newest.delivered_at >= pause {
            plan.again.push((guid.clone(), newest.id));
        }
    }
    plan
}

async fn repair_runs(ctx: &Context) -> Result<(), Error> {
    let mut repositories: BTreeMap<RepositoryId, &str> = BTreeMap::new();
    for service in &ctx.config.services {
        repositories.insert(service.repository_id, &service.repository);
    }
    let mut done = Ok(());
    for (id, name) in repositories {
        // One repository that cannot be read keeps no other from being looked at.
        if let Err(error) = repair_repository(ctx, id, name).await {
            tracing::warn!(repository = name, error = chain(&error), "waiting runs could not be looked through");
            done = Err(error);
        }
    }
    done
}

async fn repair_repository(ctx: &Context, id: RepositoryId, name: &str) -> Result<(), Error> {
    let repository: RepoName = name.parse().map_err(Error::internal)?;
    let mut done = Ok(());
    let mut waiting = BTreeSet::new();
    for run in ctx.github.list_waiting_runs(&repository).await? {
        if run.repository_id != id {
            continue;
        }
        waiting.insert(run.id);
        if let Err(error) = repair_run(ctx, &repository, &run).await {
            tracing::warn!(run = %run.id, error = chain(&error), "a waiting run could not be opened");
            done = Err(error);
        }
    }
    // After opening: an attempt that took another's place has superseded it by now.
    done.and(end_gone(ctx, id, &waiting).await)
}

async fn repair_run(ctx: &Context, repository: &RepoName, run: &RunFacts) -> Result<(), Error> {
    let built = |s: &&crate::config::Service| s.repository_id == run.repository_id && s.workflow == run.path;
    let Some(service) = ctx.config.services.iter().find(built) else {
        return Ok(());
    };
    for environment in &ctx.config.environments {
        let mut conn = ctx.db.acquire().await?;
        let known = store::find_number(&mut conn, &key_of(run, environment)).await?;
        drop(conn);
        if known.is_some() {
            continue;
        }
        let asked = Asked {
            actor: Actor::Portal,
            service,
            environment,
            repository,
            run,
            requester: who(&run.triggering_actor),
        };
        match open(ctx, asked).await {
            Ok(Found::Opened(number)) => {
                tracing::warn!(run = %run.id, %number, "a run waited whose webhook is not here; its change was opened");
            }
            Ok(Found::Known(_)) => {}
            // Nobody asked, so nobody is refused: it waits for something else, or moved on while it was read.
            Err(Stop::Refused(reason)) => tracing::debug!(run = %run.id, reason = reason.code(), "nothing to open"),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).single().unwrap_or_default()
    }

    /// Attempts so many minutes ago, newest first.
    fn tried(minutes_ago: &[i64]) -> BTreeMap<String, Vec<DeliveryFacts>> {
        let one = |(n, minutes): (usize, &i64)| DeliveryFacts {
            id: 100 - n as u64,
            guid: "g".into(),
            event: TAKEN.into(),
            delivered_at: noon() - TimeDelta::minutes(*minutes),
            installation_id: Some(1),
        };
        BTreeMap::from([("g".to_owned(), minutes_ago.iter().enumerate().map(one).collect())])
    }

    #[test]
    fn what_is_not_asked_of_us_is_not_waited_for() {
        let one = |event: &str, installation_id| DeliveryFacts {
            id: 1,
            guid: "g".into(),
            event: event.into(),
            delivered_at: noon(),
            installation_id,
        };
        assert_eq!(attempts_at_ours(vec![one(TAKEN, Some(7))], 7).len(), 1);
        let others = vec![one("ping", Some(7)), one(TAKEN, Some(8)), one(TAKEN, None)];
        assert_eq!(attempts_at_ours(others, 7).len(), 0);
    }

    fn again(minutes_ago: &[i64]) -> bool {
        let plan = plan_redeliveries(&tried(minutes_ago), &BTreeSet::new(), noon());
        plan.again == [("g".to_owned(), 100)]
    }

    #[test]
    fn each_attempt_gets_twice_the_time_of_the_one_before() {
        assert!(!again(&[0]), "it may be on its way");
        assert!(again(&[1]));
        assert!(!again(&[1, 2]));
        assert!(again(&[2, 3]));
        assert!(!again(&[15, 31, 39, 43, 45]));
        assert!(again(&[16, 32, 40, 44, 46]));
        assert!(!again(&[999, 1000, 1001, 1002, 1003, 1004]), "six attempts are enough");
    }

    #[test]
    fn the_log_is_read_from_the_first_attempt_of_what_is_missing() {
        let plan = plan_redeliveries(&tried(&[1, 2, 30]), &BTreeSet::new(), noon());
        assert_eq!(plan.read_until, noon() - TimeDelta::minutes(30));
        let arrived = BTreeSet::from(["g".to_owned()]);
        let plan = plan_redeliveries(&tried(&[1, 2, 30]), &arrived, noon());
        assert_eq!(plan, Plan { again: vec![], read_until: noon() });
    }
}
