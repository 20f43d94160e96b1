//! When does nothing go out, and who is before whom on the way?
//!
//! The Freezes page: stops that people signed, the policy's windows, both on a strip of days one can look at, and the one
//! button that stops the line. On a change's page: the lane, where the change is not alone in it.
//!
//! Invariants
//! - reading needs no JavaScript; stopping, lifting and superseding are touches of a key, which do;
//! - a day is said in words as well as in colour.

mod act;
mod api;
mod emergency;
pub(crate) mod page;
mod queue;
mod shape;
mod strip;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;

pub(crate) use act::Words;
pub(crate) use emergency::emergency;
pub(crate) use queue::lane;
pub use shape::{
    AttachedView, DebtView, EmergencyView, FreezesView, InLaneRow, LaneView, LaneWish, StopRow, WindowRow,
};
