//! `kube.ingest`: how fast does what is in a cluster become visible, how old is it then, and what does it cost to hold?
//!
//! Ours: `gatehouse watch production`, the portal's own watches of every kind in a process that does nothing else; a pod
//! is visible when the moment that pages read has it, which the process says on a line. Reference: kube's bare watcher of
//! pods alone, which counts. Both are started anew each round against a twin that nobody else asks, with the same pods.
//!
//! - `kube.ingest`: pods listed and events seen, divided by the time from the start of the process until all pods are
//!   there and from the first of a burst of events until the last is there.
//! - `kube.ingest.staleness`: with a thousand events a second for ten seconds, each of another pod, the 99th percentile
//!   from the write to the line that shows it. The reference is the limit, a second.
//! - `kube.ingest.memory`: the most that the process ever had resident in a round, beyond what it has for a cluster
//!   without these pods. The reference is the limit, 120 MB.

use std::cell::Cell;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use twin::{Clock, KubernetesHandle, Options, Ports, Twin};

use super::ROUNDS;
use crate::pairs::{Pair, interleave};
use crate::references::pods;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::World;

/// Namespace of the pods and the beginning of their names.
const FILLER: &str = "filler";
const PODS: usize = 10_000;
/// Fewer than the twin remembers: a watcher that was too slow would begin anew, and that would not be the same work.
const BURST: u32 = 8_000;
const STREAM: u32 = 10_000;
/// Between two events of the stream: a thousand a second.
const PACE: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);
/// What an idle process still reads after the pods: every other kind.
const REST: Duration = Duration::from_secs(3);
const LIMIT_MS: f64 = 1_000.0;
const LIMIT_MB: f64 = 120.0;

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Vec<Line>> {
    let options = Options { seed: 1, week: false, clock: Clock::System, ports: Ports::default() };
    let twin = Twin::start(options).await?;
    let dir = tempfile::tempdir()?;
    let config = twin.portal_files(dir.path(), "http://localhost:9", ([127, 0, 0, 1], 9).into())?;
    let cluster = twin.kubernetes();
    let ours = || {
        let mut command = Command::new(world.program());
        command.args(["watch", "production", "--demo", "--config"]).arg(&config);
        Watcher::start(command)
    };
    let reference = || {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(pods::COMMAND).arg(cluster.url()).arg(dir.path().join("secrets/kube_token"));
        Watcher::start(command)
    };
    let mut idle = ours()?;
    let few = idle.until(|said| said.known).await?.pods;
    tokio::time::sleep(REST).await;
    let base = idle.kilobytes("VmRSS:")?;
    drop(idle);
    cluster.add_pods(FILLER, FILLER, PODS);
    let all = few + PODS;

    // No two events of any round are alike.
    let stamp = Cell::new(1_u32);
    let next = |count: u32| stamp.replace(stamp.get() + count);
    let (mut stale, mut memory) = (Vec::new(), Vec::new());
    let one_of_ours = async |round| {
        let start = Instant::now();
        let mut watcher = ours()?;
        watcher.until(|said| said.pods == all).await?;
        let listed = start.elapsed();
        let first = next(BURST);
        let (made, seen) = tokio::try_join!(write(&cluster, first, BURST, None), watcher.see(first, BURST))?;
        let burst = span(&made, &seen)?;
        let first = next(STREAM);
        let (made, seen) = tokio::try_join!(write(&cluster, first, STREAM, Some(PACE)), watcher.see(first, STREAM))?;
        let ages = made.iter().zip(&seen).map(|(made, seen)| seen.duration_since(*made).as_secs_f64() * 1_000.0);
        let ages: Vec<f64> = ages.collect();
        let (middle, late) = (percentile(&ages, 0.5).context("events")?, percentile(&ages, 0.99).context("events")?);
        let grown = watcher.kilobytes("VmHWM:")?.saturating_sub(base) as f64 * 1_024.0 / 1e6;
        eprintln!(
            "  ours: list {:.3} s, burst {:.3} s, age p50 {middle:.0} ms, p99 {late:.0} ms, grown by {grown:.1} MB",
            listed.as_secs_f64(),
            burst.as_secs_f64()
        );
        if round > 0 {
            stale.push(Pair { ours: late, reference: LIMIT_MS });
            memory.push(Pair { ours: grown, reference: LIMIT_MB });
        }
        Ok(rate(listed + burst))
    };
    let one_of_the_references = async |_| {
        let start = Instant::now();
        let mut watcher = reference()?;
        watcher.until(|said| said.pods == all).await?;
        let listed = start.elapsed();
        let done = async {
            watcher.until(|said| said.events == BURST).await?;
            Ok(vec![Instant::now()])
        };
        let (made, seen) = tokio::try_join!(write(&cluster, next(BURST), BURST, None), done)?;
        let burst = span(&made, &seen)?;
        eprintln!("  reference: list {:.3} s, burst {:.3} s", listed.as_secs_f64(), burst.as_secs_f64());
        Ok(rate(listed + burst))
    };
    let pairs = interleave(ROUNDS, one_of_ours, one_of_the_references).await?;
    let unknown = twin.unknown_routes();
    ensure!(unknown.is_empty(), "the twin was asked what it does not know: {unknown:?}");
    Ok(vec![
        Line::of("kube.ingest", "1/s", Target::AtLeast(0.5), &pairs)?,
        Line::of("kube.ingest.staleness", "ms", Target::AtMost(1.0), &stale)?,
        Line::of("kube.ingest.memory", "MB", Target::AtMost(1.0), &memory)?,
    ])
}

/// Pods and events a second.
fn rate(took: Duration) -> f64 {
    (PODS as f64 + f64::from(BURST)) / took.as_secs_f64()
}

/// From the first that was made until the last that was seen.
fn span(made: &[Instant], seen: &[Instant]) -> anyhow::Result<Duration> {
    let (first, last) = (made.first().context("events were made")?, seen.iter().max().context("events were seen")?);
    Ok(last.duration_since(*first))
}

/// So many events, each of another pod, and when each was made; as fast as can be, or one in so much time.
async fn write(
    cluster: &KubernetesHandle,
    first: u32,
    count: u32,
    pace: Option<Duration>,
) -> anyhow::Result<Vec<Instant>> {
    let cluster = cluster.clone();
    let work = move || {
        let start = Instant::now();
        let mut made = Vec::with_capacity(count as usize);
        for n in 0..count {
            let due = start + pace.unwrap_or_default() * n;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            made.push(Instant::now());
            ensure!(cluster.touch_pod(FILLER, &format!("{FILLER}-{n}"), first + n), "there is no pod {n}");
        }
        Ok(made)
    };
    spawn_blocking(work).await?
}

/// A line of either process.
#[derive(Deserialize)]
struct Said {
    pods: usize,
    known: bool,
    /// The reference's.
    #[serde(default)]
    events: u32,
    /// Ours.
    #[serde(default)]
    changed: Vec<Changed>,
}

#[derive(Deserialize)]
struct Changed {
    namespace: String,
    restarts: u32,
}

/// One of the two processes. Dropping it ends it.
struct Watcher {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watcher {
    fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("a watcher cannot be started")?;
        let lines = BufReader::new(child.stdout.take().context("it is read")?).lines();
        Ok(Self { child, lines })
    }

    async fn next(&mut self) -> anyhow::Result<Said> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.context("a watcher said nothing for a minute")??;
        Ok(serde_json::from_str(&line.context("a watcher ended by itself")?)?)
    }

    async fn until(&mut self, is_so: impl Fn(&Said) -> bool) -> anyhow::Result<Said> {
        loop {
            let said = self.next().await?;
            if is_so(&said) {
                return Ok(said);
            }
        }
    }

    /// Waits for these events, and says when each was visible.
    async fn see(&mut self, first: u32, count: u32) -> anyhow::Result<Vec<Instant>> {
        let mut seen = vec![None; count as usize];
        let mut missing = count;
        while missing > 0 {
            let said = self.next().await?;
            let now = Instant::now();
            for changed in said.changed.iter().filter(|it| it.namespace == FILLER) {
                let at = changed.restarts.checked_sub(first).and_then(|n| seen.get_mut(n as usize));
                if let Some(at @ None) = at {
                    *at = Some(now);
                    missing -= 1;
                }
            }
        }
        Ok(seen.into_iter().flatten().collect())
    }

    /// A line of the kernel's account of the process.
    fn kilobytes(&self, key: &str) -> anyhow::Result<u64> {
        let id = self.child.id().context("the watcher ended by itself")?;
        let text = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(key)).with_context(|| format!("no {key}"))?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }
}
