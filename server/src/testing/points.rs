//! Where does a crash test stop the program? At a point that it names, in a portal that it started itself.
//!
//! The test and the portal speak through files in a directory: the test writes `stop`, the portal that comes to that
//! point renames it to `reached` and waits there until `go` lies beside it, or until it is killed. Every other process
//! passes every point at once, and the product has none: see [`crate::point`].

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// Names the directory, in the environment of a portal that a crash test started.
pub const TALK: &str = "GATEHOUSE_CRASH_TEST";

static DIR: OnceLock<Option<PathBuf>> = OnceLock::new();

/// The directory, in a portal that a crash test started.
pub fn talk() -> Option<&'static Path> {
    DIR.get_or_init(|| std::env::var_os(TALK).map(PathBuf::from)).as_deref()
}

/// Called at every point.
pub async fn reached(point: &str) {
    let Some(dir) = talk() else { return };
    let (stop, go) = (dir.join("stop"), dir.join("go"));
    let is_wanted = std::fs::read_to_string(&stop).is_ok_and(|wanted| wanted == point);
    // Two tasks may be here at once: the rename is what one of them does.
    if is_wanted && std::fs::rename(&stop, dir.join("reached")).is_ok() {
        while std::fs::remove_file(&go).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
