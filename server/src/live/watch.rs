//! The one reader of new entries in a replica: it looks when asked, and every few seconds anyway.

use super::ear;
use super::hub::Moved;
use super::store;
use crate::audit::{self, Fresh, FreshEntry, Horizon};
use crate::context::Context;
use crate::error::{Error, chain};
use crate::{people, pipelines};
use gatehouse_app::live::Topic;
use gatehouse_domain::audit::About;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// How long a lost notice can keep a page waiting.
const EVERY: Duration = Duration::from_secs(3);

/// What gathers a burst into one look.
const GATHER: Duration = Duration::from_millis(10);

/// Between looks while a transaction of ours is on its way.
const SOON: Duration = Duration::from_millis(20);
const LATER: Duration = Duration::from_millis(400);

/// Rounds (each ends within [`EVERY`]) in which sessions may go unchecked before their streams end: closed when unsure.
const UNSURE: u32 = 3;

/// Watches the log and the sessions until `stop`, which also ends every stream.
pub async fn run(ctx: Context, stop: CancellationToken) {
    let own = ctx.entropy.split("live.replica").uuid_v4().to_string();
    tokio::join!(watch(&ctx, &own, &stop), ear::listen(&ctx, &own, &stop));
    ctx.live.close();
}

async fn watch(ctx: &Context, own: &str, stop: &CancellationToken) {
    let (mut horizon, mut runs) = (None, None);
    let mut pause = EVERY;
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unsure = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {
                let is_checked = matches!(timeout(EVERY, check_sessions(ctx)).await, Ok(Ok(())));
                unsure = if is_checked { 0 } else { unsure.saturating_add(1) };
                if unsure >= UNSURE {
                    ctx.live.keep_only(&ctx.live.sessions(), &BTreeSet::new());
                }
            }
            // Whoever asked has not committed yet, and is often not alone.
            () = async { ctx.live.asked().await; tokio::time::sleep(GATHER).await } => pause = SOON,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LATER),
        }
        if let Err(error) = look(ctx, own, &mut horizon, &mut runs).await {
            tracing::warn!(error = chain(&error), "new entries cannot be read; pages do not move by themselves");
            pause = EVERY;
        } else {
            pause = if ctx.live.expects_any() { pause.min(LATER) } else { EVERY };
        }
    }
}

/// Reads what is new and tells it, here and elsewhere.
async fn look(ctx: &Context, own: &str, horizon: &mut Option<Horizon>, runs: &mut Option<i64>) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    // Not in the log, because nothing is decided on it: the copy of runs counts its own moves.
    let moved_to = pipelines::moved(&mut conn).await?;
    if runs.replace(moved_to).is_some_and(|before| before != moved_to) {
        ctx.live.tell(Moved::these(BTreeSet::from([Topic::Pipelines]), format!("runs-{moved_to}")));
    }
    let fresh = audit::list_fresh(&mut conn, horizon).await?;
    // Before the list is emptied: whose news this is.
    let is_ours = ctx.live.expects_any();
    ctx.live.ended(fresh.entries.iter().map(|entry| entry.xid), fresh.oldest_running);
    let Some(moved) = moved(&fresh) else { return Ok(()) };
    ctx.live.tell(moved);
    if is_ours { store::send_look(&mut conn, own).await } else { Ok(()) }
}

/// What these entries move.
fn moved(fresh: &Fresh) -> Option<Moved> {
    let version = fresh.entries.last().map_or_else(|| "-".to_owned(), |last| format!("{}-{}", last.xid, last.ord));
    if !fresh.is_all {
        return Some(Moved::everything(version));
    }
    let mut topics = BTreeSet::new();
    for FreshEntry { act, about, .. } in &fresh.entries {
        // Reading the log is an entry too; pages that read it again for that would do so for ever.
        if act == "audit.read" {
            continue;
        }
        topics.insert(Topic::Audit);
        match (about, act.as_str()) {
            (About::Change(number), _) => {
                // A run shows the change that it waits on.
                topics.extend([Topic::Home, Topic::Changes, Topic::Change(number.clone()), Topic::Pipelines]);
            }
            // Coming and going changes nobody's standing, only what is listed of people and sessions.
            (_, "people.signed_in" | "people.signed_out" | "people.signed_out_elsewhere") => {
                topics.insert(Topic::Keys);
            }
            // Neither does being refused, and a webhook nothing until it is read.
            (_, "audit.refused" | "audit.refusals_counted") | (About::Delivery(_), _) => {}
            // Keys and roles can fill or empty a seat of any change; what is said of the portal frames every page.
            (About::Person(_) | About::Portal(_), _) => return Some(Moved::everything(version)),
        }
    }
    (!topics.is_empty()).then(|| Moved::these(topics, version))
}

/// Ends the streams of sessions that have ended, however they did.
async fn check_sessions(ctx: &Context) -> Result<(), Error> {
    let asked = ctx.live.sessions();
    if asked.is_empty() {
        return Ok(());
    }
    let mut conn = ctx.db.acquire().await?;
    let alive = people::live_sessions(&mut conn, &asked).await?;
    ctx.live.keep_only(&asked, &alive);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(about: About, act: &str) -> String {
        let entry = FreshEntry { xid: 7, ord: 0, about, act: act.to_owned() };
        let fresh = Fresh { entries: vec![entry], is_all: true, oldest_running: 8 };
        let Some(moved) = moved(&fresh) else { return "nothing".to_owned() };
        let topics = ["home", "changes", "CHG-2026-000001", "CHG-2026-000002", "keys", "pipelines", "audit"];
        let topics = topics.into_iter().filter(|name| name.parse().is_ok_and(|topic| moved.concerns(&topic)));
        topics.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_entry_moves_the_pages_that_show_it_and_a_reading_moves_none() {
        let Ok(number) = "CHG-2026-000001".parse() else { unreachable!("a number") };
        let Ok(asha) = "E-1001".parse() else { unreachable!("a person") };
        let (asha, portal) = (About::Person(asha), About::Portal("log".to_owned()));
        assert_eq!(moves(About::Change(number), "changes.approved"), "home changes CHG-2026-000001 pipelines audit");
        assert_eq!(moves(asha.clone(), "people.signed_in"), "keys audit");
        assert_eq!(moves(asha.clone(), "audit.refused"), "audit");
        assert_eq!(moves(asha, "people.session_stolen"), moves(portal.clone(), "portal.started"));
        assert_eq!(
            moves(portal.clone(), "portal.started"),
            "home changes CHG-2026-000001 CHG-2026-000002 keys pipelines audit"
        );
        // An open page of the log would otherwise read it for ever, and fill it with its own readings.
        assert_eq!(moves(portal, "audit.read"), "nothing");
    }
}
