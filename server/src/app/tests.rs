#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::testing::TestPortal;
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

async fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The configuration of a portal beside `world`'s twin, on any free port.
fn config(world: &TestPortal) -> Config {
    Config { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..world.ctx.config.clone() }
}

#[tokio::test]
async fn a_portal_answers_on_a_free_port_until_it_is_told_to_stop() {
    let world = TestPortal::start().await;
    let database = Database::of_pool(world.db.app.clone());
    let app = App::build_on(config(&world), database, Entropy::from_number(1)).await.unwrap();
    let address = app.address();
    assert_ne!(address.port(), 0);
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(app.run_until(async move {
        let _ = stopped.await;
    }));
    let answer = ask(address, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_busy_port_is_one_sentence_and_nothing_was_started() {
    let world = TestPortal::start().await;
    let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let config = Config { listen: busy.local_addr().unwrap(), ..config(&world) };
    let error = App::build(config.clone()).await.err().unwrap();
    let words = error.to_string();
    assert!(words.starts_with(&format!("cannot listen on {}", config.listen)) && !words.contains('\n'), "{words}");
    assert!(!config.data_dir.exists(), "the database was not touched");
}
