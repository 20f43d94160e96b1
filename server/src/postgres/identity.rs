//! As whom does the server run?

use super::PostgresError;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// `nobody` and `nogroup`, by the number that every Linux has for them. A name would need a passwd
/// file, which minimal images lack.
const NOBODY: u32 = 65534;

/// The user that PostgreSQL runs as: ourselves, or `nobody` when we are root, because `postgres`
/// refuses root, and because a database needs no privilege.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Set only when it differs from our own.
    drop_to: Option<u32>,
    uid: u32,
}

impl Identity {
    /// The identity that fits this process.
    #[must_use]
    pub fn current() -> Self {
        let uid = rustix::process::geteuid().as_raw();
        match uid {
            0 => Self { drop_to: Some(NOBODY), uid: NOBODY },
            uid => Self { drop_to: None, uid },
        }
    }

    /// The numeric user id.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes `command` run as this identity. Supplementary groups of root are dropped with it, which
    /// the standard library does whenever root sets a uid.
    pub(super) fn apply(&self, command: &mut Command) {
        if let Some(id) = self.drop_to {
            command.uid(id).gid(id);
        }
    }

    /// Hands a path that we made to this identity.
    pub(super) fn own(&self, path: &Path) -> Result<(), PostgresError> {
        match self.drop_to {
            Some(id) => std::os::unix::fs::chown(path, Some(id), Some(id))
                .map_err(PostgresError::file(path, "cannot be given to the server's user")),
            None => Ok(()),
        }
    }

    /// The first directory above or at `path` that this identity cannot enter.
    pub(super) fn first_closed<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        self.drop_to?;
        let mut ancestors: Vec<&Path> = path.ancestors().collect();
        ancestors.reverse();
        ancestors.into_iter().find(|dir| std::fs::metadata(dir).is_ok_and(|meta| !self.may_enter(&meta)))
    }

    fn may_enter(&self, meta: &std::fs::Metadata) -> bool {
        let bit = match (meta.uid() == self.uid, meta.gid() == self.uid) {
            (true, _) => 0o100,
            (false, true) => 0o010,
            (false, false) => 0o001,
        };
        meta.mode() & bit != 0
    }
}
