//! Which promotions wait, who signed what, and what was GitHub told?
//!
//! A change is opened when GitHub asks ([`read_delivery`]), carries one subject that is re-read from
//! the outside world ([`assess`]), asks for the signatures that the policy names for it, collects signatures ([`service::begin_decision`],
//! [`service::finish_decision`]), is executed when its gate opens ([`execute`]), and GitHub gets its
//! answer once ([`answer`]). What a release leaves behind leads back once, without new approvals ([`way_back`]). Its states, seats and rules are [`gatehouse_domain::changes`]'.
//!
//! Invariants
//! - whoever decides holds the change's row lock and share locks on the signers' rows, and takes time
//!   from the database in that transaction;
//! - the outside world is read before a transaction, never inside one; what was read is checked for
//!   sameness, and a difference replaces the subject;
//! - GitHub is answered only by [`answer`], which first re-reads that the run is still the one approved;
//! - a run is never taken back to an earlier attempt, and one that does not wait opens nothing, however late, doubled
//!   or out of order its webhooks come; what never came is found by [`repair`].
//!
//! What may call it: routes (webhook), the pages' backend, jobs. What can be stale: `changes_readings`,
//! a cache for showing, on which nothing is decided.

mod answer;
mod apply;
mod assess;
mod changed;
mod data;
mod evidence;
mod execute;
mod gone;
mod habits;
mod intake;
mod lane;
mod making;
mod open;
mod propose;
mod reading;
mod repair;
mod rest;
mod routes;
mod served;
pub mod service;
mod stolen;
pub(crate) mod store;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod view;
mod way_back;

pub use answer::answer;
pub use apply::apply;
pub use assess::assess;
pub use execute::execute;
pub use gone::notice;
pub use habits::habits;
pub use intake::read_delivery;
pub use lane::{begin_lane, finish_lane, freezes, settle_debt, stopped};
pub use propose::{against_proposing, begin_proposal, finish_proposal};
pub use repair::repair;
pub use rest::rest;
pub use routes::routes;
pub use served::{Happened, Place, Standing, Step, happened, released_as};
pub use stolen::lock_given_through;
pub use store::Released;
pub use sweep::{expire, sweep};
pub use view::{Recorded, Way, home, list, needs_you, of_runs, recorded, show, show_data, ways_of_runs, why_held};
pub use way_back::{confirm_plan, edit_plan, mark};

/// More releases of one repository than this are history.
const MOST_RELEASES: i64 = 5_000;

/// What changes of these services let out, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn released(conn: &mut sqlx::PgConnection, services: &[&str]) -> Result<Vec<Released>, crate::error::Error> {
    store::list_released(conn, services, MOST_RELEASES).await
}
