//! Who is before whom on the way to production, and who let nothing go out?
//!
//! Two acts of a person, each one touch of a key: stop the line to an environment (or let it go on), and end an older
//! change from the newer one that takes its place. Both are decided by [`gatehouse_domain::changes::lane`].
//!
//! Invariants
//! - whoever stops or lifts holds the line alone, whoever executes holds it shared ([`super::store::hold_line`]), both
//!   before anything else: so a release is either before a stop in the log, or does not happen;
//! - two changes are locked in the order of their numbers, after the session and before any person;
//! - what GitHub is told of a change that was ended so, [`super::answer`] tells it, and nobody else.
//!
//! What can be stale: nothing. GitHub's own queue (runs that wait behind a concurrency group and have not asked) is not
//! read: the lane is made of changes.

mod emergency;
mod queue;
mod service;
mod view;

pub use emergency::settle_debt;
pub(super) use emergency::{emergency_view, hold, look_up, with_incident};
pub(super) use queue::Queue;
pub use service::{begin_lane, finish_lane};
pub use view::{freezes, stopped};
pub(super) use view::{lane_view, opened};
