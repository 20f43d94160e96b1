//! The home page, as a function of its shape.

use super::shape::HomeView;
use crate::changes::rows::{Column, change_rows};
use crate::changes::shape::ChangeFilter;
use crate::paths;
use crate::people::rows::request_rows;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, number_word};
use leptos::prelude::*;
use leptos_meta::Title;

/// `Two things need you`.
pub(crate) fn heading(needs_you: usize) -> String {
    match needs_you {
        0 => "Nothing needs you".to_owned(),
        1 => "One thing needs you".to_owned(),
        n => format!("{} things need you", capital(&number_word(n))),
    }
}

/// What else is going on, in a sentence.
pub(crate) fn lead(view: &HomeView) -> String {
    match (view.needs_you.is_empty(), view.waiting.len()) {
        (_, 1) => "One change waits for somebody else.".to_owned(),
        (_, n) if n > 1 => format!("{} changes wait for others.", capital(&number_word(n))),
        (true, _) => "No change is held: every promotion that GitHub asked about has its answer.".to_owned(),
        (false, _) => "Nothing else is held.".to_owned(),
    }
}

/// The page.
pub(crate) fn home(view: &HomeView) -> impl IntoView + use<> {
    let title = heading(view.needs_you.len() + view.endorse.len());
    let table = |rows: &[_], column| change_rows(rows, column, view.as_of);
    let needs_you = (!view.needs_you.is_empty()).then(|| {
        let rows = table(&view.needs_you, Column::YourSeat);
        view! {
            <Section title="Needs you" id="needs-you" aside=view! { <span class="keys-hint"><kbd>"j"</kbd> <kbd>"k"</kbd> " to move, " <kbd>"Enter"</kbd> " to open"</span> }.into_any()>
                {rows}
            </Section>
        }
    });
    let endorse = (!view.endorse.is_empty()).then(|| {
        let rows = request_rows(&view.endorse, view.as_of);
        view! { <Section title="Your word is asked" id="your-word">{rows}</Section> }
    });
    let waiting = (!view.waiting.is_empty()).then(|| {
        let rows = table(&view.waiting, Column::Status);
        view! { <Section title="Waits for others" id="waits-for-others">{rows}</Section> }
    });
    let recent = if view.recent.is_empty() {
        empty(
            "Nothing has ended yet.",
            view! { "A change appears here once GitHub was answered. GitHub asks when a run reaches an environment that Gatehouse protects." },
        )
        .into_any()
    } else {
        table(&view.recent, Column::Status).into_any()
    };
    view! {
        <Title text=title.clone() />
        <h1>{title.clone()}</h1>
        <p class="lead">{lead(view)}</p>
        {needs_you}
        {endorse}
        {waiting}
        <Section
            title="Lately"
            id="lately"
            aside=view! { <a href=paths::changes(&ChangeFilter::default())>"All changes"</a> }.into_any()
        >
            {recent}
        </Section>
    }
    .into_any()
}
