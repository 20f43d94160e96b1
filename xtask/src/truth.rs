//! GitHub's own documents against our parsers, and against everything that the twin said in the tests.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, ensure};

use crate::{build, paths, process, tools};

/// The tests that read GitHub's examples, in the server.
const PARSERS: &str = "github::truth_tests";

/// Where the twin writes down what it says while the tests run.
pub fn recordings() -> PathBuf {
    paths::target().join("twin-said")
}

/// Makes room for new recordings; old ones would speak for a twin that is no more.
pub fn begin() -> anyhow::Result<()> {
    let dir = recordings();
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))
}

/// Every published example parses, and every recorded word of the twin is as GitHub documents it.
pub fn check() -> anyhow::Result<()> {
    // Both are told, whichever is wrong.
    let parsed = examples();
    let mut said = process::command("node");
    said.arg(tools::truth().join("check.mjs")).arg(recordings());
    process::run(&mut said).and(parsed)
}

fn examples() -> anyhow::Result<()> {
    let mut cargo = build::cargo_host("test");
    cargo.args(["--quiet", "--lib", "--", "--ignored", PARSERS]);
    cargo.env("GITHUB_DOCUMENTS", tools::truth().join("node_modules/@octokit"));
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    let told = String::from_utf8_lossy(&output.stdout);
    // Tests that are not found pass too.
    ensure!(output.status.success() && told.contains("ok. 2 passed"), "GitHub's examples do not parse:\n{told}");
    Ok(())
}
