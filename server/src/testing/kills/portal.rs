//! The portal that is killed: the whole program in a process of its own, with points.
//!
//! It is this very test executable, started again for one test; so the product needs no door for tests, and SIGKILL
//! is SIGKILL.

use crate::app::App;
use crate::config::Config;
use crate::testing::points::{TALK, talk};
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const NAME: &str = "testing::kills::portal::portal";

/// Starts one on the files in `dir`; `dir/address` says where it listens, once it does.
pub(super) fn start(dir: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(dir.join("portal.log")).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", NAME])
        .env(TALK, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::from(log.try_clone().unwrap()))
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "no test: the portal that the crash test starts and kills"]
async fn portal() {
    let Some(dir) = talk() else { return };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let config = Config::load(&dir.join("gatehouse.toml"), true, None).unwrap();
    let app = App::build(config).await.unwrap();
    std::fs::write(dir.join("address.new"), app.address().to_string()).unwrap();
    std::fs::rename(dir.join("address.new"), dir.join("address")).unwrap();
    // The pipe closes when the test that started it has ended, however it ended.
    let orphaned = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
    app.run_until(async { drop(orphaned.await) }).await.unwrap();
}
