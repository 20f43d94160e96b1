//! Runs the twin as a program: for the demo.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use twin::{Clock, Options, Ports, Twin};

const USAGE: &str =
    "twin --dir DIR --portal-url http://localhost:8080 --listen 127.0.0.1:8080 [--ports 9100] [--seed N] [--week]
  --dir         where gatehouse.toml and the secrets for the portal are written
  --portal-url  the portal's public address
  --listen      the address the portal listens on
  --ports       the first of seven ports (control, GitHub, OIDC, Kubernetes, AWS, staging, development); 0 takes any
  --week        play a whole week, with people in it
  --seed        the same seed gives the same secrets and GUIDs; each start takes another where absent";

struct Arguments {
    dir: PathBuf,
    portal_url: String,
    listen: SocketAddr,
    ports: u16,
    seed: u64,
    week: bool,
}

/// Another seed for each start, so that a portal that kept its database does not take new deliveries for old ones.
#[expect(clippy::disallowed_methods, reason = "a seed, not a time")]
fn another_seed() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(|age| age.as_micros() as u64).unwrap_or_default()
}

fn arguments() -> anyhow::Result<Option<Arguments>> {
    let (mut dir, mut portal_url, mut listen, mut ports, mut seed) =
        (None, "http://localhost:8080".to_owned(), "127.0.0.1:8080".to_owned(), 9100, None);
    let mut week = false;
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        if name == "--help" || name == "-h" {
            return Ok(None);
        }
        if name == "--week" {
            week = true;
            continue;
        }
        let value = given.next().with_context(|| format!("`{name}` needs a value\n{USAGE}"))?;
        match name.as_str() {
            "--dir" => dir = Some(PathBuf::from(value)),
            "--portal-url" => portal_url = value,
            "--listen" => listen = value,
            "--ports" => ports = value.parse().context("--ports is a port")?,
            "--seed" => seed = Some(value.parse().context("--seed is a number")?),
            _ => bail!("there is no `{name}`\n{USAGE}"),
        }
    }
    Ok(Some(Arguments {
        dir: dir.with_context(|| format!("`--dir` is needed\n{USAGE}"))?,
        portal_url,
        listen: listen.parse().context("--listen is an address and port")?,
        ports,
        seed: seed.unwrap_or_else(another_seed),
        week,
    }))
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // One sentence for a person, without the backtrace that anyhow would add.
        Err(error) => {
            eprintln!("twin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .init();
    let Some(arguments) = arguments()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let Arguments { seed, week, .. } = arguments;
    let twin = Twin::start(Options { seed, week, clock: Clock::System, ports: Ports::from(arguments.ports) }).await?;
    twin.github().tell_of_runs();
    let file = twin.portal_files(&arguments.dir, &arguments.portal_url, arguments.listen)?;
    let urls = twin.urls();
    println!(
        "twin ready: github {} oidc {} kubernetes {} aws {} control {} config {} seed {}",
        urls.github,
        urls.oidc,
        urls.kubernetes,
        urls.aws,
        urls.control,
        file.display(),
        arguments.seed
    );
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    twin.shutdown().await;
    Ok(())
}
