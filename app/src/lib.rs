//! Gatehouse's pages: rendered on the server (`ssr`), brought to life in the browser (`hydrate`).
//!
//! | module | answers |
//! |---|---|
//! | [`backend`] | how do the pages reach the server? |
//! | [`reply`] | what may a page say about its own HTTP answer? |
//! | [`error`] | how does a refusal travel? |
//! | [`paths`] | where is everything? |
//! | [`live`] | what does a page want to hear about? |
//! | [`shape`], `<slice>::shape` | what does a page show? |
//! | `ui` | widgets that know nothing of us |
//! | `shell` | what frames every page, and who may see one |
//! | `home`, `alerts`, `changes`, `environments`, `people`, `pipelines`, `audit` | the pages |
//!
//! A page is whole without JavaScript, except that a security key can be touched only with it. All
//! view state is in the URL. In a slice `api.rs` holds the server functions, `page.rs` fetches,
//! `view.rs` and its neighbours are pure functions of shapes.

pub mod alerts;
#[cfg(feature = "ssr")]
mod api;
mod app;
pub mod audit;
pub mod backend;
pub mod changes;
pub mod environments;
pub mod error;
pub mod home;
pub mod live;
pub mod paths;
pub mod people;
pub mod pipelines;
pub mod policy;
pub mod reply;
pub mod services;
pub mod shape;
mod shell;
mod ui;

#[cfg(all(test, feature = "ssr"))]
mod samples;

pub use app::{App, shell};
#[cfg(feature = "ssr")]
pub use shell::theme::theme_of;
