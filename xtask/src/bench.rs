//! `cargo xtask bench [NAME]`: how fast is Gatehouse beside the least that could do the same? (`bench/src/main.rs`)
//!
//! Standard output is one JSON line per ratio and nothing else. It fails when something could not be measured, not when
//! a target was missed: on a machine that does other things a figure is news, not a verdict.

use std::fs;

use anyhow::{Context, bail};

use crate::{build, paths, process, say, tools};

/// Builds portal and bench for release, with one selection and so with the same profile, and measures.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut name = None;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(word) if name.is_none() => name = Some(word.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    // Before the long build: a wrong name should not be told after twenty minutes.
    let names = names()?;
    if let Some(name) = name.as_ref().filter(|name| !names.contains(name)) {
        bail!("there is no bench `{name}`; there are {}", names.join(", "));
    }
    tools::ensure(&[tools::POSTGRES])?;
    say::line("building for release (about 20 min on two cores when nothing is built yet)");
    process::run(build::cargo_host("build").args(["--release", "--bins"])).context("the programs do not compile")?;
    let programs = paths::target().join("release");
    let mut bench = process::command(programs.join("bench"));
    bench.arg("--portal").arg(programs.join("gatehouse")).args(&name);
    if let Some(bin) = tools::postgres_bin() {
        bench.env("GATEHOUSE_POSTGRES_BIN", bin);
    }
    process::run(&mut bench)
}

/// Every ratio is a file: `webhook_accept.rs` measures `webhook.accept`. The bench's own tests hold it to that.
fn names() -> anyhow::Result<Vec<String>> {
    let dir = paths::repo().join("bench/src/ratios");
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        names.extend(file.strip_suffix(".rs").filter(|name| *name != "mod").map(|name| name.replacen('_', ".", 1)));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_name_that_is_none_is_one_sentence_with_those_that_are() {
        assert!(names().unwrap().contains(&"webhook.accept".to_owned()));
        let told = run(lexopt::Parser::from_args(["nothing"])).unwrap_err().to_string();
        assert!(
            told.starts_with("there is no bench `nothing`; there are ") && told.contains("webhook.accept"),
            "{told}"
        );
    }
}
