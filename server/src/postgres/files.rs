//! Where do the cluster, the socket and the lock live, and are they ours alone?

use super::{Identity, PostgresError};
use gatehouse_domain::Digest;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Only part of the socket's name; nothing listens on a port.
pub(super) const SOCKET_PORT: u16 = 5432;

/// `sockaddr_un.sun_path` holds 108 bytes with the closing zero.
const SOCKET_PATH_LIMIT: usize = 107;

/// The paths under one data directory.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) data_dir: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) log: PathBuf,
}

impl Layout {
    /// Makes the directories that are missing, and refuses those that are somebody else's.
    pub(super) fn prepare(data_dir: &Path, identity: &Identity) -> Result<Self, PostgresError> {
        if !data_dir.exists() {
            let made = DirBuilder::new().recursive(true).create(data_dir);
            made.map_err(PostgresError::file(data_dir, "cannot be made"))?;
            // 0711 whatever the umask: the server's user passes through to its own directories and can list nothing.
            close_to_others(data_dir, 0o711)?;
        }
        let data_dir = data_dir.canonicalize().map_err(PostgresError::file(data_dir, "cannot be resolved"))?;
        if let Some(dir) = identity.first_closed(&data_dir) {
            return Err(PostgresError::Unreachable { dir: dir.to_owned(), uid: identity.uid() });
        }
        let socket = socket_dir(&data_dir);
        private_dir(&socket, identity)?;
        Ok(Self { cluster: data_dir.join("postgres"), log: data_dir.join("postgres.log"), socket, data_dir })
    }

    /// A fresh log for one start, appended to by the server; the previous one is kept beside it.
    pub(super) fn open_log(&self) -> Result<File, PostgresError> {
        // Without a log there is nothing to keep, and that is the first start.
        let _ = std::fs::rename(&self.log, self.log.with_extension("log.1"));
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.log);
        opened.map_err(PostgresError::file(&self.log, "cannot be written"))
    }

    /// PostgreSQL's lock on the socket's name.
    pub(super) fn socket_lock(&self) -> PathBuf {
        self.socket.join(format!(".s.PGSQL.{SOCKET_PORT}.lock"))
    }

    /// The server's last words, the gravest first.
    pub(super) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let grave = text.lines().rev().find(|line| line.contains("FATAL:") || line.contains("PANIC:"));
        grave.or(text.lines().next_back()).unwrap_or("it said nothing").to_owned()
    }
}

/// Inside the data directory, or, where that is too long for a socket address, under `/tmp` by a
/// name that belongs to this data directory alone.
pub(super) fn socket_dir(data_dir: &Path) -> PathBuf {
    let usual = data_dir.join("socket");
    let longest = usual.join(format!(".s.PGSQL.{SOCKET_PORT}"));
    if longest.as_os_str().len() <= SOCKET_PATH_LIMIT {
        return usual;
    }
    let digest = Digest::of(data_dir.as_os_str().as_bytes());
    let short = Path::new("/tmp").join(format!("gatehouse-{}", digest.as_str().get(..16).unwrap_or_default()));
    tracing::info!(socket_dir = %short.display(), "data_dir is too long for a socket address; the socket is under /tmp");
    short
}

/// A 0700 directory of the identity's. One that exists must already be exactly that: under `/tmp`
/// anybody could have made it first.
fn private_dir(dir: &Path, identity: &Identity) -> Result<(), PostgresError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => return identity.own(dir),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(PostgresError::file(dir, "cannot be made")(error)),
    }
    let meta = std::fs::symlink_metadata(dir).map_err(PostgresError::file(dir, "cannot be looked at"))?;
    // Root's own is one that a crash left between making it and handing it over.
    let ours = meta.uid() == identity.uid() || (meta.uid() == 0 && rustix::process::geteuid().is_root());
    if !meta.is_dir() || !ours || meta.mode() & 0o077 != 0 {
        return Err(PostgresError::NotOurs { dir: dir.to_owned() });
    }
    identity.own(dir)
}

/// Closes a file to all but its owner.
pub(super) fn close_to_others(path: &Path, mode: u32) -> Result<(), PostgresError> {
    std::fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(PostgresError::file(path, "cannot be closed to others"))
}

/// Held while a portal lives on the data directory. The kernel gives it up when the process ends,
/// however it ends, so there is no stale lock to explain; the file itself stays.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Lock {
    pub(super) fn take(layout: &Layout) -> Result<Self, PostgresError> {
        let path = layout.data_dir.join("gatehouse.lock");
        let opened = OpenOptions::new().create(true).read(true).write(true).truncate(false).mode(0o600).open(&path);
        let mut file = opened.map_err(PostgresError::file(&path, "cannot be opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                let pid = if pid.trim().is_empty() { "unknown".to_owned() } else { pid.trim().to_owned() };
                return Err(PostgresError::Taken { dir: layout.data_dir.clone(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(PostgresError::file(&path, "cannot be locked")(error)),
        }
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(PostgresError::file(&path, "cannot be written"))?;
        Ok(Self(file))
    }
}
