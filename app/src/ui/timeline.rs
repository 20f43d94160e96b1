//! What happened, in order. Each line says in words what its dot says in colour.

use super::badge::tone_class;
use super::text::{foreign, visible_lines};
use super::time::moment;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// A line.
pub(crate) struct Line {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Who.
    pub(crate) actor: String,
    /// The rest of the sentence.
    pub(crate) what: String,
    /// Its tone.
    pub(crate) tone: Tone,
    /// Words that a person wrote beside it.
    pub(crate) quote: Option<String>,
}

/// The lines, oldest first. The date is said where the day changes, the time on every line.
pub(crate) fn timeline(lines: Vec<Line>) -> impl IntoView {
    let mut day = None;
    let lines = lines.into_iter().map(|line| {
        let is_new_day = day.replace(line.at.date_naive()) != Some(line.at.date_naive());
        let date = is_new_day.then(|| view! { <li class="timeline-day">{line.at.format("%-d %B %Y").to_string()}</li> });
        view! {
            {date}
            <li class=format!("timeline-line {}", tone_class(line.tone))>
                <span class="timeline-text"><b>{foreign(&line.actor)}</b> " " {foreign(&line.what)}</span>
                " " {moment(line.at, line.at.format("%H:%M:%S").to_string())}
                {line.quote.map(|words| view! { <blockquote class="quote"><bdi>{visible_lines(&words)}</bdi></blockquote> })}
            </li>
        }
    });
    view! { <ol class="timeline">{lines.collect_view()}</ol> }.into_any()
}
