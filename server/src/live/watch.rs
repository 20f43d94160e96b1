//! The one reader of new entries in a replica: it looks when asked, and every few seconds anyway.

use super::ear;
use super::hub::Moved;
use super::store;
use crate::audit::{self, Fresh, Horizon};
use crate::context::Context;
use crate::error::{Error, chain};
use crate::people;
use gatehouse_app::live::Topic;
use gatehouse_domain::audit::About;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a lost notice can keep a page waiting.
const EVERY: Duration = Duration::from_secs(3);

/// What gathers a burst into one look.
const GATHER: Duration = Duration::from_millis(10);

/// Between looks while a transaction of ours is on its way.
const SOON: Duration = Duration::from_millis(20);
const LATER: Duration = Duration::from_millis(400);

/// How long sessions may go unchecked before their streams end: closed when unsure.
const UNSURE: Duration = Duration::from_secs(15);

/// Watches the log and the sessions until `stop`, which also ends every stream.
pub async fn run(ctx: Context, stop: CancellationToken) {
    let own = ctx.entropy.split("live.replica").uuid_v4().to_string();
    tokio::join!(watch(&ctx, &own, &stop), ear::listen(&ctx, &own, &stop));
    ctx.live.close();
}

async fn watch(ctx: &Context, own: &str, stop: &CancellationToken) {
    let mut horizon = None;
    let mut pause = EVERY;
    let (mut sessions_due, mut sessions_known) = (Instant::now(), Instant::now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            // Whoever asked has not committed yet, and is often not alone.
            () = async { ctx.live.asked().await; tokio::time::sleep(GATHER).await } => pause = SOON,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LATER),
        }
        if let Err(error) = look(ctx, own, &mut horizon).await {
            tracing::warn!(error = chain(&error), "new entries cannot be read; pages do not move by themselves");
            pause = EVERY;
        } else if !ctx.live.expects_any() {
            pause = EVERY;
        }
        if sessions_due.elapsed() >= EVERY {
            sessions_due = Instant::now();
            if check_sessions(ctx).await.is_ok() {
                sessions_known = Instant::now();
            } else if sessions_known.elapsed() >= UNSURE {
                ctx.live.keep_only(&ctx.live.sessions(), &BTreeSet::new());
            }
        }
    }
}

/// Reads what is new and tells it, here and elsewhere.
async fn look(ctx: &Context, own: &str, horizon: &mut Option<Horizon>) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
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
    for entry in &fresh.entries {
        topics.insert(Topic::Audit);
        match &entry.about {
            About::Change(number) => topics.extend([Topic::Home, Topic::Changes, Topic::Change(number.clone())]),
            // Coming, going and being refused change nobody's standing, and a webhook nothing until it is read.
            About::Person(_) | About::Portal(_) if entry.is_passing => {}
            About::Delivery(_) => {}
            // Keys and roles can fill or empty a seat of any change; what is said of the portal frames every page.
            About::Person(_) | About::Portal(_) => return Some(Moved::everything(version)),
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
