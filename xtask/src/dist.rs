//! `cargo xtask dist DIR`: the portal as it is shipped, which is what the Dockerfile runs.
//!
//! `DIR/gatehouse` and `DIR/site` beside it, where the program looks for it. Nothing of the twin is in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::{build, paths, process, say, tools};

/// Builds with optimisation and lays out the directory.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut dir = None;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(value) if dir.is_none() => dir = Some(PathBuf::from(value)),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(dir) = dir.map(|dir| paths::absolute(&dir)) else { bail!("say where to: cargo xtask dist DIR") };
    if fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty; name another directory", dir.display());
    }
    tools::ensure(tools::TO_BUILD)?;
    say::line("building for release (about 25 min on two cores when nothing is built yet)");
    let mut server = build::cargo_host("build");
    process::run(server.args(["--release", "--bins"])).context("the programs do not compile")?;
    let mut site = build::cargo_leptos();
    process::run(site.args(["--release", "--precompress"])).context("the browser's half does not compile")?;
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    fs::copy(paths::target().join("release/gatehouse"), dir.join("gatehouse")).context("no program was built")?;
    copy(&paths::repo().join("target/site"), &dir.join("site"))?;
    say::line(format!("shipped to {}", dir.display()));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} is not there", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
