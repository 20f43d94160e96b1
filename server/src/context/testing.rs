#![expect(clippy::unwrap_used, reason = "tests")]
//! A real context beside the twin, for tests.

use super::{Context, Entropy};
use crate::config::Config;
use crate::database::testing::TestDatabase;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use twin::Twin;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// What browsers of tests type; the port they connect to is another.
pub const PUBLIC_URL: &str = "http://localhost:8080";

/// The demo's configuration for `twin`, listening on any free port. Its secrets are read, so the files
/// are gone when this returns.
pub fn config(twin: &Twin) -> Config {
    let name = format!("gatehouse-files-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let dir = std::env::temp_dir().join(name);
    std::fs::create_dir(&dir).unwrap();
    let file = twin.portal_files(&dir, PUBLIC_URL, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let config = Config::load(&file, true, None).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    config
}

/// A context whose outside world is `twin`, whose database is `database`, and whose randomness is the
/// same every time.
pub async fn context(twin: &Twin, database: &TestDatabase) -> Context {
    Context::new(config(twin), database.app.clone(), Entropy::from_number(7)).await.unwrap()
}
