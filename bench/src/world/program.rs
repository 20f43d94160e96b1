//! A program that runs beside us until we are done.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

const TICK: Duration = Duration::from_millis(50);
/// The portal lets requests and jobs finish, twenty seconds each at most, and stops its PostgreSQL last. Killed before
/// that, it would leave it running.
const GRACE: Duration = Duration::from_secs(70);

/// Dropping it ends it: SIGTERM, a bounded wait, SIGKILL.
pub(super) struct Program {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it, in a process group of its own: Ctrl-C reaches us alone. Its output goes to `log`.
    pub(super) fn start(name: &'static str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).process_group(0);
        let child = command.spawn().with_context(|| format!("the {name} cannot be started"))?;
        Ok(Self { name, child, log: log.to_owned() })
    }

    /// Refuses, with the end of its log, when it is no longer there.
    pub(super) fn still_runs(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the {} ended by itself ({status}): {}", self.name, self.last_words()),
        }
    }

    /// Waits until `ready` says so.
    pub(super) async fn wait_until(
        &mut self,
        limit: Duration,
        mut ready: impl AsyncFnMut() -> bool,
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        while !ready().await {
            self.still_runs()?;
            if start.elapsed() > limit {
                bail!("the {} was not ready within {} s: {}", self.name, limit.as_secs(), self.last_words());
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        if !ended(&mut self.child) {
            // One that ended in between is as ended as it should be.
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let start = Instant::now();
            while start.elapsed() < GRACE && !ended(&mut self.child) {
                std::thread::sleep(TICK);
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
