//! One installation of a tool at a time on this machine.

use std::fs::{self, File, TryLockError};

use anyhow::{Context, bail};

use crate::{interrupt, paths, say};

/// Waits until no other run installs `tool`; the lock goes with the returned file, or with the process.
pub fn take(tool: &str) -> anyhow::Result<File> {
    let dir = paths::cache().join("locks");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let path = dir.join(format!("{}.lock", tool.replace(' ', "-")));
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    say::line(format!("{tool}: another run is installing it; waiting for that"));
                    told = true;
                }
                if interrupt::caught() {
                    bail!("interrupted");
                }
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}
