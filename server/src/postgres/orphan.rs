//! What is left of an earlier run, and how is it ended?
//!
//! A portal that was killed could not stop its server. We hold the data directory's lock, so no
//! other portal wants that server: it is stopped and a new one started, rather than adopted, because
//! only a child of ours can be waited for, and because its settings may be those of an older version.
//!
//! Processes are known by their working directory: every PostgreSQL process works in its data
//! directory. A process id in a file alone proves nothing, since ids are used again.

use super::PostgresError;
use super::files::Layout;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a process that was told to end is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Ends every process that still works in the cluster, the postmaster first and gently, and removes
/// lock files that would keep the next server from starting.
///
/// A lock file is removed only when its process id exists as something else: a stranger that got the
/// number, or a corpse that nobody has collected (in a container, perhaps never). PostgreSQL cannot
/// tell these from a living server. In every other case it judges its lock files better than we could.
pub(super) async fn stop_survivors(layout: &Layout, limit: Duration) -> Result<(), PostgresError> {
    let cluster = layout.cluster.as_path();
    let locks = [cluster.join("postmaster.pid"), layout.socket_lock()];
    let [pid_file, _] = &locks;
    let postmaster = read_pid(pid_file);
    let survivors = working_in(cluster);
    if let Some(pid) = postmaster.filter(|pid| survivors.contains(pid)) {
        tracing::warn!(pid = pid.as_raw_nonzero().get(), "stopping a PostgreSQL that outlived its portal");
        // Fast, then immediate: both leave data that the next start can use.
        for (signal, limit) in [(Signal::INT, limit), (Signal::QUIT, limit / 4)] {
            let _ = kill_process(pid, signal);
            if gone(cluster, limit).await {
                break;
            }
        }
    }
    // Backends whose postmaster died notice by themselves, within moments.
    if !gone(cluster, limit / 4).await {
        let pid = working_in(cluster).first().map_or(0, |pid| pid.as_raw_nonzero().get());
        return Err(PostgresError::Survivor(pid));
    }
    for lock in locks {
        if read_pid(&lock).is_some_and(|pid| Path::new("/proc").join(pid.as_raw_nonzero().to_string()).exists()) {
            tracing::warn!(file = %lock.display(), "a lock file names a process that is no living PostgreSQL of ours; removing it");
            std::fs::remove_file(&lock).map_err(PostgresError::file(&lock, "cannot be removed"))?;
        }
    }
    Ok(())
}

/// The first line of a lock file.
fn read_pid(path: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(path).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// Waits, bounded, until nothing works in `cluster` any more.
async fn gone(cluster: &Path, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if working_in(cluster).is_empty() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
}

/// The processes whose working directory is `dir`. Where there is no `/proc`, none are seen, and
/// PostgreSQL's own lock file is what keeps a second server out.
pub(super) fn working_in(dir: &Path) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let cwd = std::fs::read_link(entry.path().join("cwd")).ok()?;
            (cwd == dir).then_some(pid)
        })
        .collect()
}
