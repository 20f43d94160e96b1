#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
//! Two portals on one database, over real connections: what is done at one moves the pages that are open at the other.

use crate::app::App;
use crate::audit::{Horizon, list_fresh};
use crate::config::Config;
use crate::context::Entropy;
use crate::database::Database;
use crate::testing::{Browser, TestPortal, read};
use axum::http::{Method, StatusCode};
use chrono::Duration as Span;
use gatehouse_domain::Reason;
use gatehouse_domain::audit::{About, Actor};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than every period of the watch together; a signal that comes at all comes before it.
const LIMIT: Duration = Duration::from_secs(20);

/// A portal of its own, with its jobs and its watch, on `world`'s database.
struct Replica {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), crate::app::AppError>>,
}

impl Replica {
    async fn start(world: &TestPortal, number: u64) -> Self {
        let config = Config { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..world.ctx.config.clone() };
        // Its pool is its own, as another machine's would be; `run_until` closes it in the end.
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(4)
            .connect_lazy_with(world.db.app.connect_options().as_ref().clone());
        let app = App::build_on(config, Database::of_pool(pool), Entropy::from_number(number)).await.unwrap();
        let address = app.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(app.run_until(async move { drop(stopped.await) }));
        Self { address, stop: Some(stop), running }
    }

    async fn listen(&self, browser: &Browser<'_>, topic: &str) -> Stream {
        let (read, mut write) = TcpStream::connect(self.address).await.unwrap().into_split();
        let cookies = browser.cookies();
        let request = format!(
            "GET /live?of={topic} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\nconnection: close\r\ncookie: {cookies}\r\n\r\n"
        );
        write.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(read).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        Stream { lines, status, _write: write }
    }

    async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        timeout(LIMIT, self.running).await.expect("it does not stop").unwrap().unwrap();
    }
}

struct Stream {
    lines: Lines<BufReader<OwnedReadHalf>>,
    status: String,
    _write: OwnedWriteHalf,
}

impl Stream {
    /// The next event that is no heartbeat; `None` when the stream ended.
    async fn next(&mut self) -> Option<String> {
        let next = async {
            let mut event = String::new();
            loop {
                let line = self.lines.next_line().await.unwrap_or_default()?;
                if let Some(name) = line.strip_prefix("event: ") {
                    event = name.to_owned();
                } else if line.strip_prefix("data: ").is_some_and(|data| !data.is_empty()) && event != "beat" {
                    // As a browser does: without data there was no event.
                    return Some(event);
                }
            }
        };
        timeout(LIMIT, next).await.unwrap_or_else(|_| panic!("nothing came on a stream of {}", self.status))
    }

    async fn expect(&mut self, event: &str) {
        assert_eq!(self.next().await.as_deref(), Some(event));
    }

    /// Skips what else moves (a page that has just come hears of its own beginning), until this one.
    async fn until(&mut self, event: &str) {
        while self.next().await.unwrap_or_else(|| panic!("ended before {event}")) != event {}
    }

    async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_open_on_one_portal_moves_when_somebody_decides_on_another() {
    let world = TestPortal::start().await;
    let held = world.held("score-api", "rohandas").await;
    let (asha, leela) = (world.signer("E-1001").await, world.browser("E-1003").await);
    // The one that decides has a watch too: it is who tells.
    let deciding = tokio_util::sync::CancellationToken::new();
    let watch = tokio::spawn(super::run(world.ctx.clone(), deciding.clone()));
    let other = Replica::start(&world, 8).await;
    let mut open = other.listen(&leela, held.number.as_str()).await;
    assert!(open.status.contains("200"), "{}", open.status);
    open.expect("here").await;
    let mut elsewhere = other.listen(&leela, "keys").await;
    elsewhere.expect("here").await;
    asha.approve(&held.number).await.unwrap();
    open.until("page").await;
    elsewhere.until("frame").await;
    // "Look again" says nothing by itself; looking does, on whichever portal.
    assert_eq!(leela.change(&held.number).await.row.status.word, "Held · 1 of 2");
    deciding.cancel();
    watch.await.unwrap();

    // Without anybody's voice, looking every few seconds finds it.
    asha.decide(&held.number, "withdraw").await.unwrap();
    open.until("page").await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_stops_ends_its_streams_first() {
    let world = TestPortal::start().await;
    let asha = world.browser("E-1001").await;
    let replica = Replica::start(&world, 8).await;
    let mut open = replica.listen(&asha, "home").await;
    open.expect("here").await;
    let ended = async {
        replica.stop().await;
        open.ends().await;
    };
    assert!(timeout(LIMIT / 2, ended).await.is_ok(), "it waited for a stream that never ends by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_hears_nothing_more() {
    let world = TestPortal::start().await;
    let (asha, leela) = (world.browser("E-1001").await, world.browser("E-1003").await);
    let replica = Replica::start(&world, 8).await;
    let (mut hers, mut idle) = (replica.listen(&asha, "home").await, replica.listen(&leela, "audit").await);
    hers.expect("here").await;
    idle.expect("here").await;
    let stolen = asha.steal();
    assert_eq!(asha.request(Method::POST, "/auth/logout", None).await.status(), StatusCode::SEE_OTHER);
    hers.ends().await;
    let refused = replica.listen(&stolen, "home").await;
    assert!(refused.status.contains("401"), "{}", refused.status);
    // Listening is not being there: after a quarter of an hour the session is over, stream or not.
    world.advance(Span::minutes(16)).await;
    idle.ends().await;
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_without_a_session_or_to_what_is_not_there() {
    let world = TestPortal::start().await;
    let watch = world.watch().await;
    let (status, body) = read(Browser::anonymous(&world).request(Method::GET, "/live?of=home", None).await).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
    watch.saw_nothing().await;
    let asha = world.browser("E-1001").await;
    for wrong in ["/live", "/live?of=", "/live?of=everything", "/live?of=home&session=1", "/live?of=CHG-1"] {
        assert_eq!(asha.request(Method::GET, wrong, None).await.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(asha.request(Method::GET, "/live?of=home", None).await);
        assert_eq!(open.last().unwrap().status(), StatusCode::OK);
    }
    let (status, body) = read(asha.request(Method::GET, "/live?of=home", None).await).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("too_many_streams")));
    drop(open);
    assert_eq!(asha.request(Method::GET, "/live?of=home", None).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_entry_is_missed_in_whatever_order_transactions_commit() {
    let world = TestPortal::start().await;
    let mut conn = world.ctx.db.acquire().await.unwrap();
    let mut horizon: Option<Horizon> = None;
    assert!(!list_fresh(&mut conn, &mut horizon).await.unwrap().is_all, "at first nobody knows what is new");
    let mut looks = async |what: &str| {
        let fresh = list_fresh(&mut conn, &mut horizon).await.unwrap();
        assert!(fresh.is_all, "{what}");
        fresh.entries.len()
    };
    let refusal = || {
        gatehouse_domain::people::decide::permit_refusal(
            "test.try",
            About::Portal("test".into()),
            &Reason::NotSignedIn.into(),
        )
    };
    let mut slow = world.ctx.db.begin().await.unwrap();
    crate::audit::commit(&mut slow, &world.ctx, &Actor::Portal, refusal()).await.unwrap();
    let mut quick = world.ctx.db.begin().await.unwrap();
    crate::audit::commit(&mut quick, &world.ctx, &Actor::Portal, refusal()).await.unwrap();
    assert_eq!(looks("neither has committed").await, 0);
    quick.commit().await.unwrap();
    assert_eq!(looks("the later one was first").await, 1);
    assert_eq!(looks("it is told once").await, 0);
    slow.commit().await.unwrap();
    assert_eq!(looks("the earlier one is not lost").await, 1);
    assert_eq!(looks("and told once").await, 0);
}
