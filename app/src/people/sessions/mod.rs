//! Where is somebody signed in, and was each of those them?
//!
//! A person sees their own sessions and can end them; security sees anybody's. Ending is a plain form, so
//! it works without JavaScript. *Ended* takes nothing back; *stolen* does, and says so before it is pressed.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
