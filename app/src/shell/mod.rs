//! What frames every page, and who may see one?
//!
//! States: signed out (every page is the sign-in page), signed in and admitted, signed in and not
//! admitted (may look). The frame never fails with the page: each says its own problem. Whoever is
//! signed out sees no navigation, because there is nothing that they could open.

pub(crate) mod api;
pub(crate) mod frame;
pub(crate) mod live;
pub(crate) mod loaded;
pub(crate) mod not_found;
pub(crate) mod signin;
pub(crate) mod theme;
pub(crate) mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
