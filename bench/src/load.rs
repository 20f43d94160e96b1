//! Requests over kept connections, and how long their answers took.
//!
//! The client is hyper's, without anything above it: it shares the processors with what it measures, so it must cost
//! little. Both sides of a ratio are asked by the same code, over as many connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::body::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinSet;

/// A request as it is sent, often.
pub type Ask = Request<Full<Bytes>>;

/// What answers too late is no measurement.
const PATIENCE: Duration = Duration::from_secs(30);

/// One kept connection.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Line {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the sender; an error reaches whoever asks.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string().parse()? })
    }

    /// Several of them.
    ///
    /// # Errors
    /// As [`Line::open`].
    pub async fn open_all(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Self>> {
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(Self::open(address).await?);
        }
        Ok(lines)
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn ask(&mut self, mut ask: Ask) -> anyhow::Result<(StatusCode, Bytes)> {
        ask.headers_mut().insert(HOST, self.host.clone());
        let whole = async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(ask).await?.into_parts();
            anyhow::Ok((head.status, body.collect().await?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, whole).await.context("no answer in time")?
    }

    /// The same, where only this status will do.
    ///
    /// # Errors
    /// As [`Line::ask`], or another status.
    pub async fn expect(&mut self, ask: Ask, status: StatusCode) -> anyhow::Result<Bytes> {
        let (said, body) = self.ask(ask).await?;
        let words = || String::from_utf8_lossy(body.get(..body.len().min(400)).unwrap_or_default()).into_owned();
        ensure!(said == status, "answered {said} instead of {status}: {}", words());
        Ok(body)
    }
}

/// Sends a request every `1/rate` seconds, whether or not earlier ones were answered, and returns how many
/// milliseconds after *its time to be sent* each was answered: waiting for a free connection counts, so a server that
/// stalls is not asked less.
///
/// # Errors
/// When one is not answered with `status`.
pub async fn open_loop(
    lines: Vec<Line>,
    rate: u32,
    count: u32,
    status: StatusCode,
    ask: impl Fn(u32) -> Ask,
) -> anyhow::Result<Vec<f64>> {
    let mut times = pace(rate, count);
    let (free, mut waiting) = mpsc::unbounded_channel();
    for line in lines {
        free.send(line).ok().context("lines are kept")?;
    }
    let mut asked = JoinSet::new();
    while let Some((number, due)) = times.recv().await {
        let (mut line, free, ask) = (waiting.recv().await.context("every line broke")?, free.clone(), ask(number));
        asked.spawn(async move {
            line.expect(ask, status).await?;
            let took = due.elapsed();
            // Nobody waits for it any more only when all is over.
            let _ = free.send(line);
            anyhow::Ok(milliseconds(took))
        });
    }
    asked.join_all().await.into_iter().collect()
}

/// The moments to send at. A thread of its own: the runtime's timer counts in whole milliseconds, which is as long as
/// what is to be measured.
fn pace(rate: u32, count: u32) -> mpsc::UnboundedReceiver<(u32, Instant)> {
    let (tell, times) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let start = Instant::now() + Duration::from_millis(10);
        for number in 0..count {
            let due = start + Duration::from_secs(1) * number / rate;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if tell.send((number, due)).is_err() {
                return;
            }
        }
    });
    times
}

/// Asks over all lines, each again as soon as it was answered, and returns answers per second.
///
/// # Errors
/// When one is not answered with 200.
pub async fn closed_loop(lines: Vec<Line>, time: Duration, ask: impl Fn() -> Ask) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut asking = JoinSet::new();
    for mut line in lines {
        let one = ask();
        asking.spawn(async move {
            let mut answers = 0_u32;
            while start.elapsed() < time {
                line.expect(one.clone(), StatusCode::OK).await?;
                answers += 1;
            }
            anyhow::Ok(answers)
        });
    }
    let answers: Vec<u32> = asking.join_all().await.into_iter().collect::<Result<_, _>>()?;
    Ok(f64::from(answers.iter().sum::<u32>()) / start.elapsed().as_secs_f64())
}

/// Sends all at once, each over a connection of its own that stands already, and returns how many milliseconds after
/// that moment each was answered.
///
/// # Errors
/// When one is not answered with 200.
pub async fn burst(address: SocketAddr, asks: Vec<Ask>) -> anyhow::Result<Vec<f64>> {
    let barrier = Arc::new(Barrier::new(asks.len()));
    let mut asking = JoinSet::new();
    for ask in asks {
        let (mut line, barrier) = (Line::open(address).await?, Arc::clone(&barrier));
        asking.spawn(async move {
            // A connection that was never used is not accepted yet.
            line.ask(Request::get("/healthz").body(Full::default())?).await?;
            barrier.wait().await;
            let start = Instant::now();
            line.expect(ask, StatusCode::OK).await?;
            anyhow::Ok(milliseconds(start.elapsed()))
        });
    }
    asking.join_all().await.into_iter().collect()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
