//! Time as what it means: ago, left, waiting. Relative to the page's own `as_of`, so that server and
//! browser write the same text; the exact moment is in the title.

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;

/// A length in its two largest units: `2 d 21 h`, `14 min`, `40 s`.
pub(crate) fn length(duration: Duration) -> String {
    let seconds = duration.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    let pair = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
    };
    match () {
        () if days > 0 => pair(days, "d", hours, "h"),
        () if hours > 0 => pair(hours, "h", minutes, "min"),
        () if minutes > 0 => format!("{minutes} min"),
        () => format!("{seconds} s"),
    }
}

/// `14 min ago`, `in 2 d 21 h`, `just now`.
pub(crate) fn relative(at: DateTime<Utc>, as_of: DateTime<Utc>) -> String {
    let ago = as_of - at;
    match ago.num_seconds() {
        // Two clocks of one database can be this far apart within one page.
        -5..=9 => "just now".to_owned(),
        10.. => format!("{} ago", length(ago)),
        _ => format!("in {}", length(-ago)),
    }
}

/// `waiting 14 min`.
pub(crate) fn waiting(since: DateTime<Utc>, as_of: DateTime<Utc>) -> String {
    format!("waiting {}", length(as_of - since))
}

/// `expires in 2 d 21 h`, or `expired 3 h ago`.
pub(crate) fn expiry(at: DateTime<Utc>, as_of: DateTime<Utc>) -> String {
    if at > as_of {
        format!("expires in {}", length(at - as_of))
    } else {
        format!("expired {} ago", length(as_of - at))
    }
}

/// To the second, in UTC.
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A moment, in words that the caller chose.
pub(crate) fn moment(at: DateTime<Utc>, shown: String) -> impl IntoView {
    let machine = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    view! { <time class="num" datetime=machine title=exact(at)>{shown}</time> }.into_any()
}

/// A moment, relative to the page.
pub(crate) fn ago(at: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    moment(at, relative(at, as_of))
}
