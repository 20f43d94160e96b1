//! Tools that cargo builds from crates.io, once a machine, into the cache.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{Found, Tool};
use crate::{paths, process, say};

/// Must be the version of the `wasm-bindgen` crate in Cargo.lock: the two speak an unstable format.
const WASM_BINDGEN_VERSION: &str = "0.2.130";
/// 0.3.11 needs a newer compiler than ours.
const CARGO_LEPTOS_VERSION: &str = "0.3.10";
const CARGO_DENY_VERSION: &str = "0.20.2";
const CARGO_MUTANTS_VERSION: &str = "27.1.0";

pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    wanted_for: "the browser's half of the portal",
    remedy: || by_hand("wasm-bindgen-cli", WASM_BINDGEN_VERSION, "wasm-bindgen"),
    find: || find("wasm-bindgen", WASM_BINDGEN_VERSION),
    install: install_wasm_bindgen,
};

pub const CARGO_LEPTOS: Tool = Tool {
    name: "cargo-leptos",
    wanted_for: "the browser's half of the portal",
    remedy: || by_hand("cargo-leptos", CARGO_LEPTOS_VERSION, "cargo-leptos"),
    find: || find("cargo-leptos", CARGO_LEPTOS_VERSION),
    install: install_cargo_leptos,
};

pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    wanted_for: "licences, bans and layering (deny.toml)",
    remedy: || by_hand("cargo-deny", CARGO_DENY_VERSION, "cargo-deny"),
    find: || find("cargo-deny", CARGO_DENY_VERSION),
    install: install_cargo_deny,
};

pub const CARGO_MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    wanted_for: "whether the tests of the deciding code notice a broken decision",
    remedy: || by_hand("cargo-mutants", CARGO_MUTANTS_VERSION, "cargo-mutants"),
    find: || find_by("cargo-mutants", CARGO_MUTANTS_VERSION, &["mutants", "--version"]),
    install: install_cargo_mutants,
};

fn by_hand(package: &str, version: &str, name: &str) -> String {
    let root = paths::tool(name, version);
    format!("check the network, then run `cargo install {package} --version {version} --root {}`", root.display())
}

/// In the cache by name and version, or on `PATH` when it says the same version.
fn find(name: &str, version: &str) -> Found {
    find_by(name, version, &["--version"])
}

/// The same for a program that says its version only as a command of cargo.
fn find_by(name: &str, version: &str, question: &[&str]) -> Found {
    let cached = paths::tool(name, version).join("bin").join(name);
    let candidates = [Some(cached), paths::which(name)];
    for path in candidates.into_iter().flatten().filter(|path| path.is_file()) {
        let said = process::output(process::command(&path).args(question)).unwrap_or_default();
        if said.split_whitespace().any(|word| word == version) {
            return Found::Ready { version: said, path };
        }
    }
    Found::Missing(format!("version {version} is not here"))
}

fn install_wasm_bindgen() -> anyhow::Result<()> {
    // Without --locked: its own lock file holds crates that our compiler no longer takes.
    install(
        "wasm-bindgen-cli",
        "wasm-bindgen",
        WASM_BINDGEN_VERSION,
        "about 4 min",
        &[],
        &[("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback")],
    )
}

fn install_cargo_leptos() -> anyhow::Result<()> {
    // Its own profile is fat LTO: over 20 minutes on two cores. It only starts other programs, so speed is no loss.
    // `no_downloads`: a missing tool is a clean error instead of a failed download at the end of a build.
    let quick = &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")];
    install(
        "cargo-leptos",
        "cargo-leptos",
        CARGO_LEPTOS_VERSION,
        "about 14 min",
        &["--locked", "--features", "no_downloads"],
        quick,
    )
}

fn install_cargo_deny() -> anyhow::Result<()> {
    // It looks at one graph: unoptimised it takes a second for that, and minutes less to build.
    let quick = &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")];
    install("cargo-deny", "cargo-deny", CARGO_DENY_VERSION, "about 2 min", &["--locked"], quick)
}

fn install_cargo_mutants() -> anyhow::Result<()> {
    // It starts other programs and waits for them: unoptimised it does that as fast.
    let quick = &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")];
    install("cargo-mutants", "cargo-mutants", CARGO_MUTANTS_VERSION, "about 3 min", &["--locked"], quick)
}

fn install(
    package: &str,
    name: &str,
    version: &str,
    time: &str,
    flags: &[&str],
    settings: &[(&str, &str)],
) -> anyhow::Result<()> {
    let log = paths::log(&format!("{name}-{version}"));
    let root = paths::tool(name, version);
    // A place of its own, kept when interrupted: the next try goes on from there.
    let build = paths::cache().join("build").join(format!("{name}-{version}"));
    say::line(format!("{name} {version}: building, {time} on two cores, log at {}", log.display()));
    let mut command = process::command("cargo");
    command
        .args(["install", package, "--version", version, "--root"])
        .arg(&root)
        .args(flags)
        .current_dir("/")
        .env("CARGO_TARGET_DIR", &build)
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .envs(settings.iter().copied());
    let mut next = Duration::from_secs(30);
    process::run_logged(&mut command, &log, |elapsed| {
        if elapsed >= next {
            next += Duration::from_secs(30);
            say::line(format!("{name}: {} so far, {} crates compiled", say::took(elapsed), compiled(&log)));
        }
    })?;
    let _ = fs::remove_dir_all(build);
    Ok(())
}

fn compiled(log: &Path) -> usize {
    fs::read_to_string(log)
        .unwrap_or_default()
        .lines()
        .filter(|line| line.trim_start().starts_with("Compiling "))
        .count()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_wasm_bindgen_tool_has_the_version_of_the_crate() {
        let lock = fs::read_to_string(paths::repo().join("Cargo.lock")).unwrap();
        let entry = format!("name = \"wasm-bindgen\"\nversion = \"{WASM_BINDGEN_VERSION}\"\n");
        assert!(lock.contains(&entry), "change WASM_BINDGEN_VERSION in this file to the version that Cargo.lock has");
    }
}
