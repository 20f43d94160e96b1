//! `cargo xtask mutants`: breaks the deciding code in every way that cargo-mutants knows, one at a time, and counts how
//! often the domain's own tests notice.
//!
//! It takes an hour or two on two cores, so `cargo xtask test` does not run it. What is broken and what is left out, with
//! the reason, is in `.cargo/mutants.toml`.

use std::fs;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::tools::{self, Found};
use crate::{paths, process, say};

/// Of a hundred broken decisions so many must be noticed. What is left was looked at: see the missed ones that it prints.
const WANTED: f64 = 90.0;

/// Runs it; `--list` says what would be broken.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut list = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("list") => list = true,
            other => return Err(other.unexpected().into()),
        }
    }
    tools::ensure(&[tools::CARGO_MUTANTS])?;
    let Found::Ready { path, .. } = (tools::CARGO_MUTANTS.find)() else { bail!("cargo-mutants is gone again") };
    let mut command = process::command(path);
    // A copy of the tree has no warm build: only the domain and what it needs is built in it, and only once.
    command.args(["mutants", "--package", "gatehouse-domain", "--no-shuffle", "--colors", "never"]);
    if list {
        return process::run(command.arg("--list"));
    }
    let output = paths::target().join("mutants");
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
    command.arg("--output").arg(&output).env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
    // It fails when one mutant survives; how many did is what we want to know.
    let ran = process::run(&mut command);
    let outcomes = output.join("mutants.out/outcomes.json");
    let text = fs::read_to_string(&outcomes).with_context(|| format!("cannot read {}", outcomes.display()));
    let Ok(text) = text else { return ran.and(text.map(drop)) };
    let figure = Figure::of(&serde_json::from_str(&text).context("outcomes.json is no JSON")?)?;
    println!("{figure}");
    if figure.percent() < WANTED {
        bail!(
            "fewer than {WANTED} % were noticed; the missed ones are in {}",
            output.join("mutants.out/missed.txt").display()
        );
    }
    say::line("which ones were missed: target/mutants/mutants.out/missed.txt");
    Ok(())
}

/// How it ended, for all mutants that compile.
#[derive(Debug, PartialEq, Eq)]
struct Figure {
    caught: u64,
    missed: u64,
    timeout: u64,
    unviable: u64,
}

impl Figure {
    fn of(outcomes: &Value) -> anyhow::Result<Self> {
        let count = |key: &str| outcomes[key].as_u64().with_context(|| format!("outcomes.json has no {key}"));
        let figure = Self {
            caught: count("caught")?,
            missed: count("missed")?,
            timeout: count("timeout")?,
            unviable: count("unviable")?,
        };
        if figure.all() == 0 {
            bail!("nothing was broken, so nothing was noticed");
        }
        Ok(figure)
    }

    fn all(&self) -> u64 {
        self.caught + self.timeout + self.missed
    }

    /// A test that never ends has noticed, too.
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    fn percent(&self) -> f64 {
        (self.caught + self.timeout) as f64 * 100.0 / self.all() as f64
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "mutants: {} of {} noticed ({:.1} %), {} missed; {} did not compile",
            self.caught + self.timeout,
            self.all(),
            self.percent(),
            self.missed,
            self.unviable
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_test_has_noticed_and_what_does_not_compile_does_not_count() {
        let outcomes = serde_json::json!({"total_mutants": 14, "caught": 8, "missed": 1, "timeout": 1, "unviable": 4});
        let figure = Figure::of(&outcomes).map_err(|error| error.to_string());
        assert_eq!(
            figure.map(|f| f.to_string()),
            Ok("mutants: 9 of 10 noticed (90.0 %), 1 missed; 4 did not compile".into())
        );
    }

    #[test]
    fn nothing_broken_is_a_failure() {
        let none = serde_json::json!({"caught": 0, "missed": 0, "timeout": 0, "unviable": 9});
        assert!(Figure::of(&none).is_err());
        assert!(Figure::of(&serde_json::json!({})).is_err());
    }
}
