//! `changes.decide_hot`: how long does one wait when everybody signs at once?
//!
//! 64 persons, each with a session, a key and an assertion that was made before, finish their approval of one change at
//! the same moment; the change asks for 64 seats, so that all of them are taken. The figure is the p99 of their waits,
//! which with 64 of them is the longest. Ours: the request that a page sends, with every door, both verifiers of
//! WebAuthn, the decision, and the job that each approval asks for. Reference: a bare axum handler that makes the same
//! statements in the same two transactions, under the same row lock, over copies of the same rows, with entries of the
//! same size; no WebAuthn, no domain, no sealing.
//!
//! No door of the product asks for 64 seats: the requirement is put on the change's row by the database's superuser.

use anyhow::{Context, ensure};
use axum::body::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http_body_util::Full;
use twin::Visitor;

use super::{ROUNDS, Sides};
use crate::load::{Ask, burst};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::{HELD, World};

/// Everything that the statements touch but the log, which both sides only add to.
const TABLES: [&str; 13] = [
    "people_persons",
    "people_accounts",
    "people_role_facts",
    "people_requests",
    "people_keys",
    "people_key_uses",
    "people_sessions",
    "people_ceremonies",
    "audit_person_keys",
    "changes_changes",
    "changes_subjects",
    "changes_readings",
    "changes_approvals",
];

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    let mut crowd = world.crowd().await?;
    world.hold(HELD + ROUNDS + 1).await?;
    let sides = Sides::of(world);
    let origin = world.origin();
    // What is prepared for our turn is what the reference is sent in its own.
    let prepared = std::cell::RefCell::new(Vec::new());
    let pairs = interleave(
        ROUNDS,
        async |round| {
            let held = world.held();
            let number = held.get(HELD + round).context("a change for every round")?;
            world.settle().await?;
            world.require(number, crowd.len()).await?;
            let asks = prepare(&mut crowd, number, &origin).await?;
            world.copy(&TABLES).await?;
            prepared.replace(asks.clone());
            let waits = burst(sides.ours, asks).await?;
            ensure!(world.approvals(number).await? == crowd.len(), "not everybody's approval of {number} is there");
            world.settle().await?;
            percentile(&waits, 0.99).context("nobody signed")
        },
        async |_| {
            let waits = burst(sides.reference, prepared.take()).await?;
            percentile(&waits, 0.99).context("nobody signed")
        },
    )
    .await?;
    Line::of("changes.decide_hot", "ms", Target::AtMost(3.0), &pairs)
}

/// Everybody's last request of an approval, not sent yet.
async fn prepare(crowd: &mut [Visitor], number: &str, origin: &str) -> anyhow::Result<Vec<Ask>> {
    let mut asks = Vec::with_capacity(crowd.len());
    for visitor in crowd {
        let body = visitor.prepare(number, "approve", "Read it.").await?;
        let ask = Request::post("/api/ui/finish_decision")
            .header(COOKIE, visitor.cookies())
            .header(ORIGIN, origin)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        asks.push(ask);
    }
    Ok(asks)
}
