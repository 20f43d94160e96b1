//! What the commands need on a machine, how it is found, and how it is got.
//!
//! One [`Tool`] per thing: `find` looks and changes nothing (the doctor uses it), `ensure` installs what is missing,
//! under a lock so that two runs never build the same tool at once. Whatever fails ends in one sentence that says
//! what to do by hand.

mod apt;
mod cargo_tools;
mod lock;
mod node;
mod postgres;
mod python;
mod rust;

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::say;

pub use node::{node, playwright, truth};
pub use postgres::bin_dir as postgres_bin;
pub use python::{moto, verifying};

/// The result of looking for a tool.
pub enum Found {
    /// It is there.
    Ready {
        /// What it says about itself.
        version: String,
        /// Where it is.
        path: PathBuf,
    },
    /// It is not, or not in a version that will do.
    Missing(String),
}

/// One thing that a machine must have.
pub struct Tool {
    /// As the doctor's table calls it.
    pub name: &'static str,
    /// What needs it.
    pub wanted_for: &'static str,
    /// How one gets it without us.
    pub remedy: fn() -> String,
    /// Looks for it.
    pub find: fn() -> Found,
    /// Gets it.
    install: fn() -> anyhow::Result<()>,
}

/// Compiles the browser's half.
pub const WASM_TARGET: Tool = rust::WASM_TARGET;
/// Look at the sources, in the tests.
pub const COMPONENTS: Tool = rust::COMPONENTS;
/// Runs Tailwind and Playwright.
pub const NODE: Tool = node::NODE;
/// Tailwind, from `package-lock.json`.
pub const TAILWIND: Tool = node::TAILWIND;
/// Playwright, from `end2end/package-lock.json`.
pub const PLAYWRIGHT: Tool = node::PLAYWRIGHT;
/// GitHub's own documents, from `end2end/truth/package-lock.json`.
pub const TRUTH: Tool = node::TRUTH;
/// Ties the wasm file to its JavaScript.
pub const WASM_BINDGEN: Tool = cargo_tools::WASM_BINDGEN;
/// Builds the browser's half, the style sheet and the site directory.
pub const CARGO_LEPTOS: Tool = cargo_tools::CARGO_LEPTOS;
/// `initdb` and `postgres`.
pub const POSTGRES: Tool = postgres::POSTGRES;
/// The browser of the end-to-end tests.
pub const CHROMIUM: Tool = apt::CHROMIUM;
/// Verifies an approval of the browser tests a second time.
pub const SECOND_VERIFIER: Tool = python::SECOND_VERIFIER;
/// A registry that is not the twin's.
pub const MOTO: Tool = python::MOTO;
/// Licences, bans and layering, from the dependency graph.
pub const CARGO_DENY: Tool = cargo_tools::CARGO_DENY;

/// Breaks the deciding code, to see whether a test notices.
pub const CARGO_MUTANTS: Tool = cargo_tools::CARGO_MUTANTS;

/// Runs what comes from PyPI.
pub const PYTHON: Tool = python::PYTHON;
/// Lints the Dockerfile.
pub const HADOLINT: Tool = python::HADOLINT;

/// The real client of the twin's clusters.
pub const KUBECTL: Tool = python::KUBECTL;

/// What building it takes, as it is shipped.
pub const TO_BUILD: &[Tool] = &[WASM_TARGET, NODE, TAILWIND, WASM_BINDGEN, CARGO_LEPTOS];
/// What running the portal takes.
pub const TO_RUN: &[Tool] = &[WASM_TARGET, NODE, TAILWIND, POSTGRES, WASM_BINDGEN, CARGO_LEPTOS];
/// What driving it in a browser takes beyond that.
pub const TO_DRIVE: &[Tool] = &[PLAYWRIGHT, CHROMIUM];
/// What comparing the twin with GitHub takes.
pub const TO_COMPARE: &[Tool] = &[NODE, TRUTH];

/// What looking again at what the browser did takes.
pub const TO_VERIFY: &[Tool] = &[SECOND_VERIFIER];

/// What `cargo xtask test` takes without a browser.
pub const TO_TEST: &[Tool] = &[COMPONENTS, CARGO_DENY, POSTGRES, PYTHON, HADOLINT, KUBECTL];

/// Every tool once, PostgreSQL being in two lists.
pub fn all() -> impl Iterator<Item = &'static Tool> {
    let once = TO_TEST.iter().filter(|tool| tool.name != POSTGRES.name);
    once.chain(TO_RUN).chain(TO_DRIVE).chain(TO_VERIFY).chain([&TRUTH, &MOTO])
}

/// Makes sure that every one of `tools` is there.
pub fn ensure(tools: &[Tool]) -> anyhow::Result<()> {
    for tool in tools {
        if let Found::Ready { .. } = (tool.find)() {
            continue;
        }
        let _lock = lock::take(tool.name)?;
        // Another run may have got it while this one waited.
        let Found::Missing(why) = (tool.find)() else { continue };
        say::line(format!("{}: {why}; getting it", tool.name));
        (tool.install)().with_context(|| format!("{} could not be installed: {}", tool.name, (tool.remedy)()))?;
        if let Found::Missing(why) = (tool.find)() {
            bail!("{} was installed but {why}: {}", tool.name, (tool.remedy)());
        }
    }
    Ok(())
}
