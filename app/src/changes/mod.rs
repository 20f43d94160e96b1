//! May this release go to production, and who must say so?
//!
//! Five pages: the list of changes, one change with everything that is signed, the same change for data protection
//! ([`data`]), when nothing goes out ([`lane`]), and for the lead how signatures are given. The change page
//! shows exactly the bytes that a key signs (every field of `S`, its digest, six words), who must
//! sign, why the gate is shut, and the one panel in which the caller acts.
//!
//! Invariants
//! - What a button would do is decided by the server's own rule ([`crate::shape::Availability`]); a
//!   refused one is disabled and says every reason.
//! - The digest that the page shows travels with the decision: one signs what one read, or nothing.
//! - What is signed is checked again in the browser; what does not hold is said at the top of the page.
//! - Fallen signatures stay, struck through, with their cause.

mod api;
pub mod data;
mod decide;
mod gate;
pub mod habits;
pub mod lane;
mod list;
pub(crate) mod list_page;
mod made;
pub(crate) mod page;
mod panel;
mod proof;
pub mod rollback;
pub(crate) mod rows;
mod rules;
pub mod shape;
mod signed;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
