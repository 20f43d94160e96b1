//! Node, and what npm installs from the two lock files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Found, Tool, apt};
use crate::{paths, process, say};

/// Tailwind and Playwright ask for it.
const OLDEST: u32 = 20;

pub const NODE: Tool = Tool {
    name: "Node",
    wanted_for: "Tailwind and the browser tests",
    remedy: || format!("install Node {OLDEST} or newer with npm, so that both are on PATH"),
    find: find_node,
    install: || apt::install(&["nodejs", "npm"]),
};

pub const TAILWIND: Tool = Tool {
    name: "Tailwind",
    wanted_for: "the style sheet",
    remedy: || "check the network, then run `npm ci`".into(),
    find: || find_packages(&paths::repo(), "tailwindcss"),
    install: || npm_ci(&paths::repo()),
};

pub const PLAYWRIGHT: Tool = Tool {
    name: "Playwright",
    wanted_for: "the browser tests",
    remedy: || "check the network, then run `npm ci` in end2end".into(),
    find: || find_packages(&end2end(), "playwright"),
    install: || npm_ci(&end2end()),
};

pub const TRUTH: Tool = Tool {
    name: "GitHub's documents",
    wanted_for: "the comparison of the twin with GitHub",
    remedy: || "check the network, then run `npm ci` in end2end/truth".into(),
    find: || find_installed(&truth(), "node_modules/@octokit/openapi/package.json", "@octokit/openapi"),
    install: || npm_ci(&truth()),
};

/// The directory of GitHub's own documents.
pub fn truth() -> PathBuf {
    end2end().join("truth")
}

/// The directory of the browser tests.
fn end2end() -> PathBuf {
    paths::repo().join("end2end")
}

/// A Playwright command, ready for its arguments.
pub fn playwright() -> std::process::Command {
    let mut command = process::command(end2end().join("node_modules/.bin/playwright"));
    command.current_dir(end2end());
    command
}

/// A script of the browser tests, ready for its environment.
pub fn node(script: &str) -> std::process::Command {
    let mut command = process::command("node");
    command.arg(script).current_dir(end2end());
    command
}

fn find_node() -> Found {
    let (Some(path), Some(_)) = (paths::which("node"), paths::which("npm")) else {
        return Found::Missing("node or npm is not on PATH".into());
    };
    let version = process::output(process::command(&path).arg("--version")).unwrap_or_default();
    let major: u32 = version.trim_start_matches('v').split('.').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    if major < OLDEST {
        return Found::Missing(format!("{} is {version}, older than {OLDEST}", path.display()));
    }
    Found::Ready { version, path }
}

fn find_packages(dir: &Path, program: &str) -> Found {
    let package = if program == "playwright" { "@playwright/test" } else { "@tailwindcss/cli" };
    find_installed(dir, &format!("node_modules/.bin/{program}"), package)
}

/// Installed means: from exactly the lock file that is here now.
fn find_installed(dir: &Path, file: &str, package: &str) -> Found {
    let path = dir.join(file);
    let wanted = fs::read(dir.join("package-lock.json")).ok();
    if !path.exists() {
        return Found::Missing("its npm package is not installed".into());
    }
    if wanted.is_none() || wanted != fs::read(stamp(dir)).ok() {
        return Found::Missing("package-lock.json has changed since it was installed".into());
    }
    Found::Ready { version: installed_version(dir, package), path }
}

fn installed_version(dir: &Path, package: &str) -> String {
    let text = fs::read_to_string(dir.join("node_modules").join(package).join("package.json")).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    json.get("version").and_then(|version| version.as_str()).unwrap_or_default().to_owned()
}

fn npm_ci(dir: &Path) -> anyhow::Result<()> {
    let log = paths::log("npm");
    say::line(format!("npm ci in {}; log at {}", dir.display(), log.display()));
    let mut npm = process::command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(dir)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run_logged(&mut npm, &log, |_| {})?;
    fs::copy(dir.join("package-lock.json"), stamp(dir)).context("cannot note what was installed")?;
    Ok(())
}

fn stamp(dir: &Path) -> PathBuf {
    dir.join("node_modules/.gatehouse-lock.json")
}
