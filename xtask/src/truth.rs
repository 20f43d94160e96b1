//! Does the twin flatter us? GitHub's own documents against our parsers, and against everything that the twin said in
//! the tests; and somebody else's registry, moto, through the client that reads the twin's.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, ensure};

use crate::{build, paths, process, tools};

/// The tests that read GitHub's examples, in the server.
const PARSERS: &str = "github::truth_tests";

/// The test that starts moto, in the server.
const REGISTRY: &str = "aws::moto_tests";

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
    let documents = tools::truth().join("node_modules/@octokit");
    ignored(PARSERS, 2, ("GITHUB_DOCUMENTS", documents)).context("GitHub's examples do not parse")
}

/// moto's registry and the twin's give the same answers.
pub fn registry() -> anyhow::Result<()> {
    tools::ensure(&[tools::PYTHON, tools::MOTO])?;
    ignored(REGISTRY, 1, ("MOTO", tools::moto())).context("moto's registry does not answer as the twin's")
}

/// Runs tests that need what is not in the repository. Tests that are not found pass too, so they are counted.
fn ignored(tests: &str, count: usize, place: (&str, PathBuf)) -> anyhow::Result<()> {
    let mut cargo = build::cargo_host("test");
    cargo.args(["--quiet", "--lib", "--", "--ignored", tests]).env(place.0, place.1);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && told.contains(&format!("ok. {count} passed")), "{told}");
    Ok(())
}
