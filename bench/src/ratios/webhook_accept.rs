//! `webhook.accept`: how long does GitHub wait for its 202?
//!
//! p99 of the time from when a delivery was to be sent until it was answered, at 200 deliveries a second: each a real
//! `deployment_protection_rule` with a GUID of its own. Ours: every door of the portal, the signature, the delivery
//! stored and its job enqueued in one transaction, while the job loop reads deliveries as fast as it does in
//! production, asking the twin each time. Reference: a bare axum handler that checks the same signature over the same
//! bytes and does one durable INSERT into the same table.
//!
//! Deliveries that were not read when our turn ends are forgotten, so that the reference's turn is not disturbed.

use axum::body::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{ROUNDS, Sides};
use crate::load::{Ask, Line as Connection, open_loop};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::World;

const RATE: u32 = 200;
/// Five seconds' worth: the tenth worst is the p99.
const COUNT: u32 = 1000;
/// More than ever wait at once, so that what queues does so in the server.
const CONNECTIONS: usize = 64;

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    let (body, signature) = world.delivery().await?;
    let sides = Sides::of(world);
    let ask = |who: &str, round: usize, number: u32| -> Ask {
        let request = Request::post("/webhooks/github")
            .header("x-github-event", "deployment_protection_rule")
            .header("x-github-delivery", format!("bench-{who}-{round}-{number}"))
            .header("x-hub-signature-256", &signature)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::clone(&body)));
        request.unwrap_or_default()
    };
    let turn = async |address, who: &str, round: usize| {
        let lines = Connection::open_all(address, CONNECTIONS).await?;
        let times = open_loop(lines, RATE, COUNT, StatusCode::ACCEPTED, |number| ask(who, round, number)).await?;
        percentile(&times, 0.99).ok_or_else(|| anyhow::anyhow!("nothing was sent"))
    };
    world.settle().await?;
    let pairs = interleave(
        ROUNDS,
        async |round| {
            let p99 = turn(sides.ours, "ours", round).await?;
            world.forget_deliveries().await?;
            world.settle().await?;
            Ok(p99)
        },
        async |round| turn(sides.reference, "reference", round).await,
    )
    .await?;
    Line::of("webhook.accept", "ms", Target::AtMost(2.0), &pairs)
}
