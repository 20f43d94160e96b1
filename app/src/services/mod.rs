//! What is each service doing in each environment, and how did it get there?
//!
//! Two pages: the matrix, service by environment, and one service with its time line, pods, image, scaling and owners.
//! Both only read. What is not known is said to be not known; nothing is shown as fine because nothing was heard.

pub(crate) mod api;
mod line;
mod matrix;
pub(crate) mod page;
mod service;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
