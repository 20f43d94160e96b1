//! Gatehouse's server: the one way into production.
//!
//! | module | answers |
//! |---|---|
//! | [`app`] | how is all of it put together, run and ended? |
//! | [`cli`] | what can an operator tell the program to do? |
//! | [`config`] | what did the operator decide, and may it be so? |
//! | [`context`] | what does every service need; where do time and randomness come from? |
//! | [`database`] | where is the data, who may do what to it, is it the right one? |
//! | [`live`] | has something changed since a page was read, wherever it was changed? |
//! | [`error`] | what went wrong, for the person who asked, and what exactly, for the log? |
//! | [`policy`] | who must sign this promotion? |
//! | [`postgres`] | how is there a database on a machine where nobody set one up? |
//! | [`rest`] | what can a program ask, and in which form? |
//! | [`router`] | which requests get in, how far, and what do they get back? |
//! | [`telemetry`] | what does the operator read while it runs? |
//!
//! Slices (`alerts`, `audit`, `changes`, `environments`, `people`, `pipelines`) and outside systems (`auth`, `aws`, `github`,
//! `kube`) each say in their own first lines which question they answer; [`jobs`] runs what follows a commit, and [`ui`]
//! binds the pages to their caller.

/// A numbered point of a story, at which a crash test stops the program and kills it. In the product it is nothing.
macro_rules! point {
    ($name:literal) => {
        #[cfg(test)]
        crate::testing::points::reached($name).await;
    };
}

pub mod alerts;
mod apart;
pub mod app;
pub mod audit;
pub mod auth;
pub mod aws;
pub mod changes;
pub mod cli;
pub mod config;
pub mod context;
pub mod database;
pub mod environments;
pub mod error;
pub mod github;
pub mod jobs;
pub mod kube;
pub mod live;
pub mod people;
pub mod pipelines;
pub mod policy;
pub mod postgres;
pub mod rest;
pub mod router;
pub mod services;
pub mod telemetry;
pub mod ui;

#[cfg(test)]
pub mod testing;
