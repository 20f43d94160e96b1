//! What is happening now, said once to the eye and once to a screen reader.

use super::badge::tone_class;
use super::icon::{Icon, icon};
use super::problem::problem;
use gatehouse_domain::problem::Problem;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// Where an act of the person stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was begun.
    #[default]
    Idle,
    /// Under way, in these words.
    Busy(&'static str),
    /// Done, in these words.
    Done(String),
    /// Stopped by the person or their key: nothing happened, and here is why.
    Stopped(String),
    /// Refused.
    Refused(Problem),
}

impl Progress {
    /// Whether buttons must wait.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

/// The region exists from the beginning, or screen readers would not announce what comes into it.
#[component]
pub(crate) fn Live(
    /// What to say.
    progress: RwSignal<Progress>,
) -> impl IntoView {
    let line = |tone: Tone, words: String| {
        view! { <p class=format!("live-line {}", tone_class(tone))>{icon(Icon::of(tone))} <span>{words}</span></p> }
            .into_any()
    };
    let said = move || match progress.get() {
        Progress::Idle => ().into_any(),
        Progress::Busy(words) => line(Tone::Running, words.to_owned()),
        Progress::Done(words) => line(Tone::Ok, words),
        Progress::Stopped(words) => line(Tone::Unknown, words),
        Progress::Refused(why) => problem(why).into_any(),
    };
    view! { <div class="live" role="status" aria-live="polite">{said}</div> }.into_any()
}
