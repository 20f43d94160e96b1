//! Widgets that know nothing of us: they take words, tones and times, and could serve another portal.
//!
//! What all of them keep: a state is icon, word and colour together; hostile text is only ever text;
//! a refused button says why in words; nothing needs an inline style (the content security policy
//! forbids it) or JavaScript to be read.

pub(crate) mod badge;
pub(crate) mod button;
pub(crate) mod chart;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod keyboard;
pub(crate) mod link;
pub(crate) mod listen;
pub(crate) mod live;
pub(crate) mod place;
pub(crate) mod post;
pub(crate) mod problem;
pub(crate) mod section;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod timeline;
pub(crate) mod words;

#[cfg(all(test, feature = "ssr"))]
mod contrast;
#[cfg(all(test, feature = "ssr"))]
mod tests;
