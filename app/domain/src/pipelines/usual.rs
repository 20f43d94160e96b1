//! How long did it work, and is that usual?
//!
//! The time for which a run waits for people says nothing about the pipeline, so only the time counts in which some job of
//! it ran.

use super::{Job, Phase};
use chrono::{DateTime, Duration, Utc};

/// Fewer than this are no habit.
const FEW: usize = 3;
/// What differs by less is as usual: by time, and by share of the usual.
const SAME: Duration = Duration::seconds(30);
const SAME_SHARE: i32 = 10;

/// For how long at least one of these jobs ran, until `now`.
#[must_use]
pub fn busy(jobs: &[&Job], now: DateTime<Utc>) -> Duration {
    let mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = jobs
        .iter()
        .filter_map(|job| match job.phase {
            Phase::Completed => job.started_at.zip(job.completed_at),
            Phase::Running => job.started_at.map(|start| (start, now)),
            Phase::Queued | Phase::Waiting => None,
        })
        .filter(|(start, end)| start < end)
        .collect();
    spans.sort_unstable();
    let mut total = Duration::zero();
    let mut reached: Option<DateTime<Utc>> = None;
    for (start, end) in spans {
        let from = reached.map_or(start, |reached| reached.max(start));
        if end > from {
            total += end - from;
            reached = Some(end);
        }
    }
    total
}

/// The one in the middle; the lower of two. `None` where there are too few to say.
#[must_use]
pub fn median(mut seconds: Vec<i64>) -> Option<Duration> {
    if seconds.len() < FEW {
        return None;
    }
    seconds.sort_unstable();
    seconds.get((seconds.len() - 1) / 2).map(|middle| Duration::seconds(*middle))
}

/// How far `took` is from what is usual; `None` where it is about that. What still runs can only be found to be longer.
#[must_use]
pub fn against_usual(took: Duration, usual: Duration, is_over: bool) -> Option<Duration> {
    let apart = took - usual;
    let same = SAME.max(usual / SAME_SHARE);
    match () {
        () if apart > same => Some(apart),
        () if is_over && -apart > same => Some(apart),
        () => None,
    }
}
