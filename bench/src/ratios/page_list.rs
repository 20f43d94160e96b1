//! `page.list`: does a list get slower when there is more to list?
//!
//! The 95th percentile of the time in which the list of runs is answered to somebody with a session, one request after
//! another, with ten thousand runs in the table. Reference: the same page of the same portal with a hundred. Every round
//! fills the table anew. The bytes of the two pages are compared as well: the longer may be a tenth longer.
//!
//! `page.list.matrix` asks the same of services by environments, of a portal with ten thousand services and one with a
//! hundred, each beside a twin of its own whose production runs them all.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use http::header::{ACCEPT, COOKIE};
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{ROUNDS, Sides};
use crate::load::{Ask, Line as Connection};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::{Portal, World};

const ASKED: usize = 300;
const MANY: i32 = 10_000;
const FEW: i32 = 100;
/// What a row says of a service whose cluster was heard.
const READY: &[u8] = b"1 of 1 ready";
/// Ten thousand Deployments with a pod each, beside everything else.
const HEARD_LIMIT: Duration = Duration::from_secs(120);

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Vec<Line>> {
    let cookies = world.reader().await?.cookies();
    world.settle().await?;
    let sides = Sides::of(world);
    let world = &*world;
    let ask = || -> Ask {
        let request = Request::get("/pipelines").header(COOKIE, &cookies).header(ACCEPT, "text/html");
        request.body(Full::default()).unwrap_or_default()
    };
    let mut connection = Connection::open(sides.ours).await?;
    let mut bytes = Vec::new();
    for rows in [FEW, MANY] {
        world.fill_runs(rows).await?;
        bytes.push(connection.expect(ask(), StatusCode::OK).await?.len());
    }
    let [few, many] = bytes.as_slice() else { anyhow::bail!("two pages were read") };
    eprintln!("  a page is {few} bytes of {FEW} runs and {many} of {MANY}");
    ensure!(many * 10 <= few * 11, "the page of many is longer than a tenth more: {many} against {few} bytes");
    let turn = async |rows| {
        world.fill_runs(rows).await?;
        let mut connection = Connection::open(sides.ours).await?;
        let mut took = Vec::with_capacity(ASKED);
        for _ in 0..ASKED {
            let start = Instant::now();
            connection.expect(ask(), StatusCode::OK).await?;
            took.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        percentile(&took, 0.95).context("it was asked")
    };
    let pairs = interleave(ROUNDS, async |_| turn(MANY).await, async |_| turn(FEW).await).await?;
    Ok(vec![Line::of("page.list", "ms", Target::AtMost(2.0), &pairs)?, matrix(world).await?])
}

/// The same of the matrix: a portal with ten thousand services beside one with a hundred.
async fn matrix(world: &World) -> anyhow::Result<Line> {
    let mut few = Side::start(world, FEW).await?;
    let mut many = Side::start(world, MANY).await?;
    let (bytes, of_many) = (few.bytes().await?, many.bytes().await?);
    eprintln!("  a page is {bytes} bytes of {FEW} services and {of_many} of {MANY}");
    ensure!(
        of_many * 10 <= bytes * 11,
        "the matrix of many is longer than a tenth more: {of_many} against {bytes} bytes"
    );
    let pairs = interleave(ROUNDS, async |_| many.turn().await, async |_| few.turn().await).await?;
    few.portal.ensure_honest()?;
    many.portal.ensure_honest()?;
    Line::of("page.list.matrix", "ms", Target::AtMost(2.0), &pairs)
}

/// One of the two portals, with somebody who reads.
struct Side {
    portal: Portal,
    cookies: String,
}

impl Side {
    async fn start(world: &World, services: i32) -> anyhow::Result<Self> {
        let portal = world.with_services(usize::try_from(services)?).await?;
        let cookies = portal.reader().await?.cookies();
        let side = Self { portal, cookies };
        let start = Instant::now();
        // The clusters are read after the start; what is measured is a page that has them.
        while !side.page().await?.windows(READY.len()).any(|words| words == READY) {
            ensure!(start.elapsed() < HEARD_LIMIT, "no service was seen within {} s", HEARD_LIMIT.as_secs());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(side)
    }

    fn ask(&self) -> Ask {
        let request = Request::get("/services?q=many").header(COOKIE, &self.cookies).header(ACCEPT, "text/html");
        request.body(Full::default()).unwrap_or_default()
    }

    async fn page(&self) -> anyhow::Result<Vec<u8>> {
        let mut connection = Connection::open(self.portal.at()).await?;
        Ok(connection.expect(self.ask(), StatusCode::OK).await?.to_vec())
    }

    async fn bytes(&self) -> anyhow::Result<usize> {
        Ok(self.page().await?.len())
    }

    async fn turn(&self) -> anyhow::Result<f64> {
        let mut connection = Connection::open(self.portal.at()).await?;
        let mut took = Vec::with_capacity(ASKED);
        for _ in 0..ASKED {
            let start = Instant::now();
            connection.expect(self.ask(), StatusCode::OK).await?;
            took.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        percentile(&took, 0.95).context("it was asked")
    }
}
