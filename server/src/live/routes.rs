//! The address at which a page listens.

use super::hub::{Moved, Seat};
use crate::context::Context;
use crate::error::{Error, problem, problem_response, request_id};
use crate::people::Caller;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::Stream;
use futures::stream::unfold;
use gatehouse_app::live::Topic;
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// A page that hears nothing for three of these looks for another connection.
const BEAT: Duration = Duration::from_secs(10);

/// How soon a browser comes again when a stream ended.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Browsers keep an event without data to themselves.
const NOTHING: &str = "-";

/// The route, without what the house puts around all of them.
pub fn routes() -> Router<Context> {
    Router::new().route("/live", get(listen))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The page's topic.
    of: Topic,
}

async fn listen(
    State(ctx): State<Context>,
    caller: Caller,
    params: Result<Query<Params>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Error> {
    let who = caller.signed_in()?;
    let Ok(Query(Params { of })) = params else { return Err(Error::NotFound) };
    let Some(seat) = ctx.live.join(who.session_id) else {
        let title = "Too many pages of this session listen for changes. This one can be read, and reloaded by hand.";
        return Ok(problem_response(&problem(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", title, &request_id())));
    };
    // A proxy that waits until a buffer is full would make "now" mean "later".
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events(seat, of))).into_response())
}

/// The stream's state: its place, and the heartbeat.
struct Listening {
    seat: Seat,
    beat: Interval,
    is_new: bool,
}

fn events(seat: Seat, of: Topic) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    unfold((Listening { seat, beat, is_new: true }, of), |(mut listening, of)| async move {
        let event = next(&mut listening, &of).await?;
        Some((Ok(event), (listening, of)))
    })
}

async fn next(listening: &mut Listening, of: &Topic) -> Option<Event> {
    if std::mem::take(&mut listening.is_new) {
        return Some(Event::default().event("here").data(NOTHING).retry(COME_AGAIN));
    }
    loop {
        tokio::select! {
            moved = listening.seat.next() => {
                if let Some(event) = told(&moved?, of) {
                    return Some(event);
                }
            }
            _ = listening.beat.tick() => return Some(Event::default().event("beat").data(NOTHING)),
        }
    }
}

/// `page`: look at the page again, and at the frame; `frame`: only what frames it has moved.
fn told(moved: &Moved, of: &Topic) -> Option<Event> {
    let name = match (moved.concerns(of), moved.concerns(&Topic::Home)) {
        (true, _) => "page",
        (false, true) => "frame",
        (false, false) => return None,
    };
    Some(Event::default().event(name).data(&moved.version))
}
