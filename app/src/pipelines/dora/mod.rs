//! How well do releases go? The five figures of DORA, each with the list behind it.
//!
//! What they mean here is written in [`gatehouse_domain::pipelines::dora`]. They are of services, never of people; a figure
//! of too few says so, and nothing here is a zero that means *not known*.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
