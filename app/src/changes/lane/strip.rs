//! Four weeks as days: which of them are free, and which are not, and why.

use super::shape::FreezesView;
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use leptos::prelude::*;

const DAYS: i64 = 28;

/// A day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    /// Which, in UTC.
    pub(crate) date: NaiveDate,
    /// What lies on it, each in a few words; empty: nothing stands against a release.
    pub(crate) marks: Vec<String>,
}

/// The day of `as_of`, and those after it.
pub(crate) fn days(view: &FreezesView) -> Vec<Day> {
    let today = view.as_of.date_naive();
    (0..DAYS)
        .map(|n| {
            let date = today + Duration::days(n);
            let (from, until) = (midnight(date), midnight(date + Duration::days(1)));
            // What is over by now is no reason for the rest of today.
            let from = from.max(view.as_of);
            let stops = view.stops.iter().filter(|stop| stop.stands && stop.until.is_none_or(|end| end > from));
            let stops = stops.map(|stop| format!("{}: stopped by {}", stop.environment, stop.by.shown()));
            let windows = view.windows.iter().filter(|window| window.from < until && window.until > from);
            let windows = windows.map(|window| format!("{}: {}", window.environment, window.because));
            Day { date, marks: stops.chain(windows).collect() }
        })
        .collect()
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// The strip.
pub(crate) fn strip(days: &[Day]) -> impl IntoView + use<> {
    let cells = days.iter().map(|day| {
        let (class, word) = if day.marks.is_empty() { ("day", "free") } else { ("day day-shut", "shut") };
        let title =
            if day.marks.is_empty() { "Nothing stands against a release".to_owned() } else { day.marks.join("; ") };
        view! {
            <li class=class title=title>
                <span class="day-name">{day.date.format("%a").to_string()}</span>
                <span class="day-number num">{day.date.day()}</span>
                <span class="day-word">{word}</span>
            </li>
        }
    });
    let first = days.first().map_or(1, |day| day.date.weekday().number_from_monday());
    view! { <ol class=format!("days days-from-{first}") aria-label="The next four weeks, in UTC">{cells.collect_view()}</ol> }.into_any()
}
