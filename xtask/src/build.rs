//! Building the portal (server and browser halves) and the twin.
//!
//! Two invocations, and no dependency is ever built twice:
//!
//! * everything for the host in one selection, the workspace without the browser's crate, which the tests and lints ask
//!   for too. Cargo unifies features over the packages that are named, so a second selection may be a second set of
//!   features, and then axum, sqlx and the rest once more. Today `-p gatehouse` and `-p twin` would happen to give the
//!   same features; one selection cannot drift.
//! * the browser's half by `cargo leptos build --frontend-only`, which keeps a target directory of its own (`front`) in
//!   ours, runs Tailwind and lays out `target/site`. Its server build would be another selection.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::tools::{self, Found, Tool};
use crate::{paths, process, say};

/// The host packages, for every cargo command. The browser's crate would turn on `hydrate` beside `ssr`.
pub const HOST: [&str; 3] = ["--workspace", "--exclude", "gatehouse-hydrate"];

/// cargo with our selection of packages.
pub fn cargo_host(verb: &str) -> Command {
    let mut cargo = process::command("cargo");
    cargo.arg(verb).args(HOST);
    cargo
}

/// The twin and the portal's server.
pub fn server_and_twin() -> anyhow::Result<()> {
    say::line("building server and twin (about 8 min on two cores when nothing is built yet, else seconds)");
    process::run(cargo_host("build").arg("--bins")).context("the programs do not compile")
}

/// WASM, style sheet and assets, into `target/site`.
pub fn site() -> anyhow::Result<()> {
    say::line("building the browser's half (about 3 min when nothing is built yet, else half a minute)");
    process::run(&mut cargo_leptos()).context("the browser's half does not compile")
}

/// `cargo leptos build`, with its tools first on `PATH`.
pub fn cargo_leptos() -> Command {
    let mut cargo = process::command("cargo");
    // Its own back trace says nothing about our code, and hides the compiler's message above it.
    cargo.args(["leptos", "build", "--frontend-only"]).env("RUST_BACKTRACE", "0");
    let dirs =
        [tools::CARGO_LEPTOS, tools::WASM_BINDGEN, tools::TAILWIND].iter().filter_map(dir_of).collect::<Vec<_>>();
    let inherited = env::var_os("PATH").unwrap_or_default();
    if let Ok(path) = env::join_paths(dirs.into_iter().chain(env::split_paths(&inherited))) {
        cargo.env("PATH", path);
    }
    cargo
}

fn dir_of(tool: &Tool) -> Option<PathBuf> {
    match (tool.find)() {
        Found::Ready { path, .. } => path.parent().map(PathBuf::from),
        Found::Missing(_) => None,
    }
}

/// What leptos reads when the server starts; cargo-leptos sets the same when it builds.
pub fn leptos_environment(listen: &str) -> [(&'static str, String); 4] {
    [
        ("LEPTOS_OUTPUT_NAME", "gatehouse".into()),
        ("LEPTOS_SITE_ROOT", paths::repo().join("target/site").display().to_string()),
        ("LEPTOS_SITE_PKG_DIR", "pkg".into()),
        ("LEPTOS_SITE_ADDR", listen.into()),
    ]
}
