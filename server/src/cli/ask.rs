//! Who would have to sign for these files? Asked before anything is pushed, of the same policy that will decide.

use super::arguments::Arguments;
use crate::config::Config;
use crate::policy::Policy;
use crate::telemetry::metrics::Stopwatch;
use anyhow::{Context, bail};
use gatehouse_domain::changes::data::DataReport;
use gatehouse_domain::changes::{ChangedFiles, Evidence, Requirement, ValuesMoved};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

/// More than this is no list of files.
const LONGEST: u64 = 16 << 20;

/// Answers for a service and an environment, or measures how long answering takes.
pub(super) async fn ask(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let [service, environment] = arguments.about.as_slice() else { bail!("say which service and environment") };
    let names = |names: Vec<&str>| names.join(", ");
    let service = config.services.iter().find(|row| row.name.as_str() == service).with_context(|| {
        let known = names(config.services.iter().map(|row| row.name.as_str()).collect());
        format!("the configuration has no service {service:?}; it has {known}")
    })?;
    let environment = config.environments.iter().find(|row| row.name.as_str() == environment).with_context(|| {
        let known = names(config.environments.iter().map(|row| row.name.as_str()).collect());
        format!("the configuration has no environment {environment:?}; it has {known}")
    })?;
    let paths = paths()?;
    let changed = ChangedFiles::listed(paths.iter().map(|path| (path.as_str(), None)));
    let policy = Policy::compile(&config.policy);
    // Nothing is built yet, so nothing is proved of it; and only names are asked about, not what is in the files.
    let (unread, evidence, proved_at) = (DataReport::default(), Evidence::default(), BTreeMap::new());
    let decide =
        || async { policy.decide(service, environment, &changed, &unread, &evidence, &proved_at).await.requirement };
    let mut took = Vec::new();
    for _ in 0..arguments.times {
        let watch = Stopwatch::start();
        let requirement = decide().await;
        took.push(watch.took());
        if let Some(fault) = requirement.fault() {
            bail!("the policy gave no answer: {fault}");
        }
    }
    match arguments.times {
        0 => print(&decide().await, paths.len()),
        _ => told(&took, &policy.input(service, environment, &changed, &unread, &evidence))?,
    }
    Ok(())
}

/// Says which classes files belong to, or measures how long that takes.
pub(super) fn classify(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let paths = paths()?;
    let policy = Policy::compile(&config.policy);
    // Only names are asked about.
    let unread = ValuesMoved::new();
    let sorted = || {
        policy
            .classify(paths.iter().map(String::as_str), &unread)
            .map_err(|fault| anyhow::anyhow!("the policy: {fault}"))
    };
    let mut took = Vec::new();
    for _ in 0..arguments.times {
        let watch = Stopwatch::start();
        std::hint::black_box(sorted()?);
        took.push(watch.took());
    }
    if arguments.times > 0 {
        return told(&took, "");
    }
    for (class, paths) in sorted()? {
        paths.iter().for_each(|path| println!("{class}\t{path}"));
    }
    Ok(())
}

/// One path a line; empty lines are none.
fn paths() -> anyhow::Result<Vec<String>> {
    let mut text = String::new();
    std::io::stdin().take(LONGEST).read_to_string(&mut text).context("standard input is no text")?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn print(requirement: &Requirement, files: usize) {
    println!("For {files} files these would have to sign:");
    let mut seats: BTreeMap<_, (usize, &str)> = BTreeMap::new();
    for seat in &requirement.seats {
        seats.entry(seat.role).or_insert((0, &seat.because)).0 += 1;
    }
    for (role, (count, because)) in seats {
        println!("  {count} × {role}: {because}");
    }
    for want in requirement.wants() {
        println!("  to be proved: {}", want.rule);
    }
    for freeze in requirement.freezes() {
        println!("Frozen from {} {freeze}", freeze.from.to_rfc3339());
    }
}

/// Milliseconds, and what the policy was given, as JSON.
fn told(took: &[Duration], input: &str) -> anyhow::Result<()> {
    let milliseconds: Vec<f64> = took.iter().map(|took| took.as_secs_f64() * 1_000.0).collect();
    println!("{}", serde_json::to_string(&json!({ "milliseconds": milliseconds, "input": input }))?);
    Ok(())
}
