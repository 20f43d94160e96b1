//! Is something wrong in production, who says so, and was it looked at afterwards?
//!
//! Two pages: the list of incidents with the form that declares one, and one incident with what can be said of it. Each
//! act is a touch of a key; reading needs no JavaScript.

mod act;
mod api;
pub(crate) mod page;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
