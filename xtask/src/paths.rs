//! Where things are: the repository, cargo's target directory, the cache that outlives a checkout.

use std::env;
use std::path::{Path, PathBuf};

/// The repository this xtask was started from.
///
/// Read at run time, not compiled in: two checkouts may share one target directory and so one xtask binary.
pub fn repo() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    match manifest.as_deref().and_then(Path::parent) {
        Some(root) => root.to_path_buf(),
        None => env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
    }
}

/// Cargo's target directory: `CARGO_TARGET_DIR` when set, else `target` in the repository.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| repo().join("target"), |dir| absolute(&dir.into()))
}

/// A program that cargo built in the dev profile.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Tools, logs and locks that one machine builds once and every checkout uses.
pub fn cache() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    base.unwrap_or_else(env::temp_dir).join("gatehouse")
}

/// The directory that holds `name-version/bin`.
pub fn tool(name: &str, version: &str) -> PathBuf {
    cache().join("tools").join(format!("{name}-{version}"))
}

/// The log of one installation.
pub fn log(name: &str) -> PathBuf {
    cache().join("logs").join(format!("{name}.log"))
}

/// First program of that name on `PATH`.
pub fn which(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// `dir` made independent of the current directory.
pub fn absolute(dir: &PathBuf) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.clone())
}
