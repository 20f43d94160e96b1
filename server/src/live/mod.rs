//! Has something changed since a page was read, wherever it was changed?
//!
//! The answer is "look again", and nothing else: no data travels here. A page that hears it asks its ordinary server
//! function, so what it may see is decided where it is always decided.
//!
//! ```text
//! audit::commit ──"transaction N is on its way"──► watch ◄── NOTIFY "look" ── the watch of another replica
//!                                                    │  ◄── every few seconds, whatever was lost
//!                                 reads entries that it has not seen
//!                                                    ▼
//!                                  moves topics ──► streams (SSE) of this replica, NOTIFY "look" to the others
//! ```
//!
//! Invariants
//! - level-triggered: the log is the truth, every signal only a reason to look at it. What a signal lost, the next look
//!   finds; a page reads again whenever its stream (re)opens;
//! - NOTIFY is sent after commit, in a transaction of its own: it takes a lock that all commits share (DESIGN §9);
//! - a stream belongs to a live session. It does not keep the session alive, and ends within seconds of it;
//! - bounded: so many streams a session, so many moves that a slow reader may lag behind; beyond it the stream ends and
//!   the page comes again;
//! - stopping the portal ends every stream first.
//!
//! What may call it: [`crate::audit::commit`] ([`Live::expect`]), the router ([`routes`]), the program ([`run`]).
//! What can be stale: a page, for as long as the notice takes, and it says when it was read.

mod ear;
mod hub;
mod routes;
mod store;
#[cfg(test)]
mod tests;
mod watch;

pub use hub::{Live, Moved};
pub use routes::routes;
pub use watch::run;
