//! `page.ssr`: how many people can read a change?
//!
//! Pages per second of one waiting change, rendered on the server for somebody with a session, asked over 16 connections
//! without a pause and without compression. Ours: every door of the portal, the session, every query that the page and
//! its frame make, the rendering. Reference: a bare axum handler that has the bytes of one such page in memory and
//! returns them: no session, no query, no rendering.

use std::time::Duration;

use anyhow::{Context, ensure};
use http::header::{ACCEPT, COOKIE};
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{ROUNDS, Sides};
use crate::load::{Ask, Line as Connection, closed_loop};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::world::{HELD, World};

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(4);

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    let number = world.hold(HELD).await?.pop().context("a change waits")?;
    let cookies = world.reader().await?.cookies();
    world.settle().await?;
    let sides = Sides::of(world);
    let ask = || -> Ask {
        let request = Request::get(format!("/changes/{number}")).header(COOKIE, &cookies).header(ACCEPT, "text/html");
        request.body(Full::default()).unwrap_or_default()
    };
    let page = Connection::open(sides.ours).await?.expect(ask(), StatusCode::OK).await?;
    let text = String::from_utf8_lossy(&page);
    ensure!(text.contains(&number) && text.contains("</html>"), "that is not the page of {number}");
    eprintln!("  a page is {} bytes", page.len());
    let put = Request::put("/page").body(Full::new(page.clone()))?;
    Connection::open(sides.reference).await?.expect(put, StatusCode::OK).await?;
    let theirs = Connection::open(sides.reference).await?.expect(ask(), StatusCode::OK).await?;
    ensure!(page == theirs, "the reference returns something else");
    let turn = async |address| closed_loop(Connection::open_all(address, CONNECTIONS).await?, TIME, ask).await;
    let pairs = interleave(ROUNDS, async |_| turn(sides.ours).await, async |_| turn(sides.reference).await).await?;
    Line::of("page.ssr", "1/s", Target::AtLeast(0.1), &pairs)
}
