//! Debian packages, and the browser that comes as one.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Context, bail};

use super::{Found, Tool};
use crate::{paths, process, say};

pub const CHROMIUM: Tool = Tool {
    name: "Chromium",
    wanted_for: "the browser tests",
    remedy: || "run `apt-get install chromium` as root, or set CHROMIUM to a Chromium or Chrome program".into(),
    find: find_chromium,
    install: || install(&["chromium"]),
};

fn find_chromium() -> Found {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from).filter(|file| file.is_file());
    let Some(path) =
        named.or_else(|| ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| paths::which(name)))
    else {
        return Found::Missing("not on PATH".into());
    };
    match process::output(process::command(&path).arg("--version")) {
        Some(version) => Found::Ready { version, path },
        None => Found::Missing(format!("{} does not start", path.display())),
    }
}

/// Installs Debian packages. Needs root and apt; says so otherwise.
pub fn install(packages: &[&str]) -> anyhow::Result<()> {
    if paths::which("apt-get").is_none() {
        bail!("this machine has no apt-get");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("only root may use apt-get");
    }
    let log = paths::log("apt");
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        say::line(format!("apt-get update; log at {}", log.display()));
        process::run_logged(apt().args(["update", "-q"]), &log, |_| {})
            .context("apt-get update found no network or no package source")?;
        let _ = UPDATED.set(());
    }
    say::line(format!("apt-get install {} (about half a minute)", packages.join(" ")));
    process::run_logged(apt().args(["install", "-y", "-q", "--no-install-recommends"]).args(packages), &log, |_| {})
}

fn apt() -> std::process::Command {
    let mut command = process::command("apt-get");
    // Another apt on a new machine is usually the image's own first update; it ends by itself.
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=300"]);
    command
}
