//! `api.read`: how many programs can be told what waits?
//!
//! Answers per second to `GET /api/v1/changes` with a session, asked over 16 connections without a pause. Ours: every
//! door of the portal, the session, one query. Reference: a bare axum handler that looks the session up and asks the
//! same query with the same SQL, through an sqlx pool of the same size, over copies of the same rows. Both answers are
//! the same bytes, which is checked.

use std::time::Duration;

use anyhow::ensure;
use http::header::COOKIE;
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{ROUNDS, Sides};
use crate::load::{Ask, Line as Connection, closed_loop};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::world::World;

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(4);
const TABLES: [&str; 3] = ["people_sessions", "changes_changes", "changes_readings"];

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    world.hold(crate::world::HELD).await?;
    let cookies = world.reader().await?.cookies();
    world.settle().await?;
    world.copy(&TABLES).await?;
    let sides = Sides::of(world);
    let ask = || -> Ask {
        Request::get("/api/v1/changes").header(COOKIE, &cookies).body(Full::default()).unwrap_or_default()
    };
    let ours = Connection::open(sides.ours).await?.expect(ask(), StatusCode::OK).await?;
    let theirs = Connection::open(sides.reference).await?.expect(ask(), StatusCode::OK).await?;
    ensure!(ours == theirs, "the reference answers something else");
    let turn = async |address| closed_loop(Connection::open_all(address, CONNECTIONS).await?, TIME, ask).await;
    let pairs = interleave(ROUNDS, async |_| turn(sides.ours).await, async |_| turn(sides.reference).await).await?;
    Line::of("api.read", "1/s", Target::AtLeast(0.7), &pairs)
}
