//! `page.list`: does a list get slower when there is more to list?
//!
//! The 95th percentile of the time in which the list of runs is answered to somebody with a session, one request after
//! another, with ten thousand runs in the table. Reference: the same page of the same portal with a hundred. Every round
//! fills the table anew. The bytes of the two pages are compared as well: the longer may be a tenth longer.

use std::time::Instant;

use anyhow::{Context, ensure};
use http::header::{ACCEPT, COOKIE};
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{ROUNDS, Sides};
use crate::load::{Ask, Line as Connection};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::World;

const ASKED: usize = 300;
const MANY: i32 = 10_000;
const FEW: i32 = 100;

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
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
    Line::of("page.list", "ms", Target::AtMost(2.0), &pairs)
}
