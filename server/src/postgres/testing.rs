//! What a crash test does to a server that is not its own child: kills it.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::orphan;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// SIGKILL to the postmaster alone. Its backends notice by themselves, within moments.
pub(crate) fn kill_postmaster(data_dir: &Path) {
    let file = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    let pid = Pid::from_raw(file.lines().next().unwrap().trim().parse().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

/// SIGKILL to every process of the server, the postmaster first.
pub(crate) fn kill_everything(data_dir: &Path) {
    kill_postmaster(data_dir);
    for pid in orphan::working_in(&data_dir.join("postgres")) {
        // One that ended by itself in between is as dead as it should be.
        let _ = kill_process(pid, Signal::KILL);
    }
}
