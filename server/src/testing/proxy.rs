//! A connection that breaks exactly at a COMMIT: before the database heard it, or after it obeyed and before we heard that.
//!
//! Between sqlx and the test's PostgreSQL stands a TCP proxy that reads the frames of what the portal sends. It lets
//! everything pass until it is armed; then it strikes once, at the n-th COMMIT from there.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::database::testing::TestDatabase;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixStream, unix};
use tokio::task::JoinHandle;

/// Where the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The database never hears the COMMIT.
    OfTheCommit,
    /// It commits, and we never hear that it did.
    OfItsAcknowledgement,
}

/// The proxy; ends when it is dropped.
pub struct CommitProxy {
    plan: Arc<Plan>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Plan {
    armed: Mutex<Option<(Loss, usize)>>,
    struck: AtomicBool,
}

impl Plan {
    /// Called at every COMMIT: whether, and how, it is lost.
    fn at_commit(&self) -> Option<Loss> {
        let mut armed = self.armed.lock().unwrap();
        match &mut *armed {
            Some((loss, 0)) => {
                let loss = *loss;
                *armed = None;
                self.struck.store(true, Ordering::SeqCst);
                Some(loss)
            }
            Some((_, left)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }
}

impl CommitProxy {
    /// Puts a proxy between the application's pool and this database.
    pub async fn before(db: TestDatabase) -> (Self, TestDatabase) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (plan, socket) = (Arc::<Plan>::default(), db.socket().await);
        let served = plan.clone();
        let listening = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(relay(client, socket.clone(), served.clone()));
            }
        });
        (Self { plan, listening }, db.over_tcp(port))
    }

    /// Breaks the connection at the COMMIT after the next `pass`.
    pub fn arm(&self, loss: Loss, pass: usize) {
        self.plan.struck.store(false, Ordering::SeqCst);
        *self.plan.armed.lock().unwrap() = Some((loss, pass));
    }

    /// Whether it broke since it was armed. It breaks no more.
    pub fn struck(&self) -> bool {
        *self.plan.armed.lock().unwrap() = None;
        self.plan.struck.load(Ordering::SeqCst)
    }
}

impl Drop for CommitProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Whichever direction ends first ends both, and with them the connection.
async fn relay(client: TcpStream, socket: PathBuf, plan: Arc<Plan>) {
    let Ok(server) = UnixStream::connect(socket).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let is_lost = AtomicBool::new(false);
    tokio::select! {
        _ = there(from_client, to_server, &plan, &is_lost) => {}
        _ = back(from_server, to_client, &is_lost) => {}
    }
}

/// Frame by frame: a type (but in the first one) and a length that counts itself.
async fn there(
    mut client: OwnedReadHalf,
    mut server: unix::OwnedWriteHalf,
    plan: &Plan,
    is_lost: &AtomicBool,
) -> std::io::Result<()> {
    let mut is_first = true;
    loop {
        let mut frame = Vec::new();
        if !std::mem::take(&mut is_first) {
            frame.push(client.read_u8().await?);
        }
        let length = client.read_u32().await?;
        frame.extend(length.to_be_bytes());
        let head = frame.len();
        frame.resize(head + usize::try_from(length).unwrap() - 4, 0);
        client.read_exact(frame.split_at_mut(head).1).await?;
        if frame.starts_with(b"Q") && frame.ends_with(b"COMMIT\0") {
            match plan.at_commit() {
                Some(Loss::OfTheCommit) => return Ok(()),
                Some(Loss::OfItsAcknowledgement) => is_lost.store(true, Ordering::SeqCst),
                None => {}
            }
        }
        server.write_all(&frame).await?;
    }
}

async fn back(
    mut server: unix::OwnedReadHalf,
    mut client: OwnedWriteHalf,
    is_lost: &AtomicBool,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 14];
    loop {
        let read = server.read(&mut buffer).await?;
        let bytes = buffer.split_at(read).0;
        // ReadyForQuery, idle: what was committed is committed.
        if read == 0 || (is_lost.load(Ordering::SeqCst) && bytes.ends_with(b"Z\0\0\0\x05I")) {
            return Ok(());
        }
        if !is_lost.load(Ordering::SeqCst) {
            client.write_all(bytes).await?;
        }
    }
}
