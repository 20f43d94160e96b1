//! Running other programs: one that is waited for, or a service that runs until it is stopped.
//!
//! Every child is the leader of its own process group, so whatever it started can be ended with it.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use crate::{interrupt, paths};

const TICK: Duration = Duration::from_millis(50);
/// PostgreSQL's fast shutdown with a checkpoint stays well below this on a busy two-core machine.
const GRACE: Duration = Duration::from_secs(20);

/// A command in the repository, without what `cargo run` put into our own environment.
///
/// Left in, `CARGO_PKG_*` and `CARGO_MANIFEST_*` make build scripts that watch them (ring's among them) run again,
/// and everything above is built twice.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let leaked = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|start| text.starts_with(start));
        if leaked || text == "LD_LIBRARY_PATH" || text == "CARGO_CRATE_NAME" {
            command.env_remove(&name);
        }
    }
    if std::env::var_os("CARGO_TARGET_DIR").is_some() {
        command.env("CARGO_TARGET_DIR", paths::target());
    }
    command.current_dir(paths::repo()).stdin(Stdio::null()).process_group(0);
    command
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let words = command.get_args().map(|arg| {
        let word = arg.to_string_lossy();
        if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.into_owned() }
    });
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end; refuses when it fails or someone pressed Ctrl-C.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let what = shown(command);
    let mut child = spawn(command)?;
    let status = wait(&mut child, |_| {})?;
    if !status.success() {
        bail!("`{what}` failed ({status})");
    }
    Ok(())
}

/// Runs a command with its output in `log`; `tick` is called about twenty times a second while it runs.
pub fn run_logged(command: &mut Command, log: &Path, tick: impl FnMut(Duration)) -> anyhow::Result<()> {
    let (out, err) = open_log(log)?;
    let mut child = spawn(command.stdout(out).stderr(err))?;
    let status = wait(&mut child, tick)?;
    if !status.success() {
        bail!("it failed ({status}); the log is {}", log.display());
    }
    Ok(())
}

/// Standard output of a short command, `None` when it cannot run or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn spawn(command: &mut Command) -> anyhow::Result<Child> {
    command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))
}

/// Waits for the end of `child`; on Ctrl-C ends it and everything in its group.
pub fn wait(child: &mut Child, mut tick: impl FnMut(Duration)) -> anyhow::Result<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupt::caught() {
            stop(child, GRACE);
            bail!("interrupted");
        }
        tick(started.elapsed());
        sleep(TICK);
    }
}

/// A background program with its log.
pub struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts it; its output goes to `log`.
    pub fn start(name: &'static str, command: &mut Command, log: PathBuf) -> anyhow::Result<Self> {
        let (out, err) = open_log(&log)?;
        let child = spawn(command.stdout(out).stderr(err))?;
        Ok(Self { name, child, log })
    }

    /// Refuses, with the end of its log, when the program is no longer there.
    pub fn still_runs(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!(
                "the {} ended by itself ({status}); the end of {}:\n{}",
                self.name,
                self.log.display(),
                tail(&self.log)
            ),
        }
    }

    /// Waits for its own end, and shows what it wrote; refuses when it failed.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let status = wait(&mut self.child, |_| {})?;
        // What cannot be shown is still in the log.
        eprint!("{}", fs::read_to_string(&self.log).unwrap_or_default());
        if !status.success() {
            bail!("it failed ({status}); what it wrote stands above");
        }
        Ok(())
    }

    /// Waits until `ready` says so: bounded, and over at once when the program dies or someone presses Ctrl-C.
    pub fn wait_until(&mut self, what: &str, limit: Duration, ready: impl Fn() -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !ready() {
            self.still_runs()?;
            if interrupt::caught() {
                bail!("interrupted");
            }
            if started.elapsed() > limit {
                bail!(
                    "the {} did not {what} within {} s; the end of {}:\n{}",
                    self.name,
                    limit.as_secs(),
                    self.log.display(),
                    tail(&self.log)
                );
            }
            sleep(TICK);
        }
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        stop(&mut self.child, GRACE);
    }
}

/// SIGTERM to the leader, a bounded wait, then SIGKILL to whatever is left of the group.
///
/// Only the leader is asked: the portal stops its own PostgreSQL, which would take a SIGTERM as "wait for all clients".
fn stop(child: &mut Child, grace: Duration) {
    let group = Pid::from_child(child);
    if matches!(child.try_wait(), Ok(None)) {
        let _ = kill_process(group, Signal::TERM);
        let started = Instant::now();
        while started.elapsed() < grace && matches!(child.try_wait(), Ok(None)) {
            sleep(TICK);
        }
    }
    // A leader that died without cleaning up: SIGINT is PostgreSQL's fast shutdown.
    if test_kill_process_group(group).is_ok() {
        let _ = kill_process_group(group, Signal::INT);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(3) && test_kill_process_group(group).is_ok() {
            let _ = child.try_wait();
            sleep(TICK);
        }
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

fn open_log(log: &Path) -> anyhow::Result<(File, File)> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    Ok((file.try_clone()?, file))
}

/// The last lines of a log, enough to see what went wrong.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(20);
    lines.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn stopping_a_service_ends_what_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", pid.display());
        let mut service = Service::start("shell", command("sh").args(["-c", &script]), dir.path().join("log")).unwrap();
        service
            .wait_until("write its pid", Duration::from_secs(10), || {
                fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n'))
            })
            .unwrap();
        let grandchild: i32 = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
        drop(service);
        let started = Instant::now();
        // The grandchild is reaped by whoever inherits it; a zombie counts as ended.
        let gone = || fs::read_to_string(format!("/proc/{grandchild}/stat")).map_or(true, |stat| stat.contains(") Z"));
        while !gone() {
            assert!(started.elapsed() < Duration::from_secs(10), "process {grandchild} outlived its service");
            sleep(TICK);
        }
    }

    #[test]
    fn a_service_that_dies_is_told_with_the_end_of_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let mut service =
            Service::start("shell", command("sh").args(["-c", "echo no licence; exit 3"]), dir.path().join("log"))
                .unwrap();
        let error = service.wait_until("answer", Duration::from_secs(10), || false).unwrap_err().to_string();
        assert!(error.contains("ended by itself") && error.contains("no licence"), "{error}");
    }
}
