//! What is each service doing in each environment, and how did it get there?
//!
//! Nothing here is a table: what runs comes from the clusters' read model, what was released from changes, what is on fire
//! from alerts. What those do not know (which commit an image is, how far two commits are apart, who owns a service) is
//! asked for in the background and remembered ([`Known`]); a page never waits for the outside world.
//!
//! States of something remembered: never asked, known, not known and why (asked again after a while).
//!
//! Invariants
//! - reading a page asks the database and memory, nothing else;
//! - what is not known is said to be not known: no cell is healthy because nothing was heard;
//! - bounded: as many things are remembered as are configured and run; at most [`known::A_ROUND`] questions a round.
//!
//! What may call it: the pages' backend, the program (it runs [`run`]). What can be stale: everything here, by as much as
//! the page says.

mod cell;
mod known;
mod looks;
mod matrix;
mod page;
#[cfg(test)]
mod tests;

pub use known::Known;
pub use looks::run;
pub use matrix::list;
pub use page::show;
