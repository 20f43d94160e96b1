//! How fast is Gatehouse beside the least that could do the same?
//!
//! `cargo xtask bench [NAME]` builds the portal and this for release and runs it. Each ratio is a file in `ratios/`
//! that says what is compared; its reference is in `references/`, reviewed like the product: a reference that does
//! less than it says would flatter nobody but us or it.
//!
//! What is started: the portal as it is shipped, in a process of its own, with its private PostgreSQL, which is as
//! durable as in production; the references in another process, on another database of the same PostgreSQL with the
//! same tables; the twin and the load here. Everything is on loopback and shares the machine's processors, so a ratio
//! says something and an absolute figure does not.
//!
//! Rounds are pairs, ours then the reference's, after a pair that is thrown away; a ratio is the median of the rounds'
//! ratios, so that whatever else the machine does falls on both. One JSON line per ratio on standard output, progress
//! on standard error. A target that is missed is `"met":false` and no failure: only what could not be measured is.

mod load;
mod pairs;
mod ratios;
mod references;
mod report;
mod stats;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::world::World;

const USAGE: &str = "bench --portal PROGRAM [NAME]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let mut given = std::env::args().skip(1).peekable();
    if given.next_if(|word| word == references::COMMAND).is_some() {
        return references::serve(given.collect()).await;
    }
    if given.next_if(|word| word == references::pods::COMMAND).is_some() {
        return references::pods::count(given.collect()).await;
    }
    let (mut portal, mut only) = (None, None);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--portal" => portal = given.next().map(PathBuf::from),
            name if only.is_none() && !name.starts_with('-') => only = Some(name.to_owned()),
            other => bail!("there is no `{other}`: {USAGE}"),
        }
    }
    let portal = portal.with_context(|| format!("`--portal` is needed: {USAGE}"))?;
    ratios::ensure(only.as_deref())?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // Whoever ends this ends what it started: the world stops its programs when it is dropped.
    tokio::select! {
        done = measure(portal, only) => done,
        _ = terminate.recv() => bail!("told to stop"),
        _ = interrupt.recv() => bail!("told to stop"),
    }
}

async fn measure(portal: PathBuf, only: Option<String>) -> anyhow::Result<()> {
    let mut world = World::start(portal).await?;
    for name in ratios::NAMES.into_iter().filter(|name| only.as_deref().is_none_or(|only| only == *name)) {
        eprintln!("{name}");
        let line = ratios::measure(&mut world, name).await.with_context(|| format!("{name} could not be measured"))?;
        println!("{line}");
    }
    world.ensure_honest()
}
