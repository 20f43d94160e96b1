//! Five stages as five steps: picture, word and tone.

use crate::ui::badge::tone_class;
use crate::ui::icon::{Icon, icon};
use crate::ui::time::length;
use chrono::Duration;
use gatehouse_domain::pipelines::{Outcome, Phase, RunState, Stage, StageState, against_usual};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// The five, in a line.
pub(crate) fn stages(states: [StageState; 5]) -> impl IntoView + use<> {
    let steps = Stage::ALL.into_iter().zip(states).map(|(stage, state)| {
        view! {
            <li class=format!("stage {} stage-{}", tone_class(state.tone()), weight(state)) title=format!("{}: {}", stage.word(), state.word())>
                {icon(sign(state))}
                <span class="stage-name">{stage.word()}</span>
                <span class="stage-state">{state.word()}</span>
            </li>
        }
    });
    view! { <ol class="stages">{steps.collect_view()}</ol> }.into_any()
}

/// Where a line of stages must be short, only what is neither done nor still to come keeps its word in sight.
fn weight(state: StageState) -> &'static str {
    match state {
        StageState::Pending => "ahead",
        StageState::Passed => "done",
        _ => "now",
    }
}

fn sign(state: StageState) -> Icon {
    match state {
        StageState::Pending => Icon::Seat,
        other => Icon::of(other.tone()),
    }
}

/// A run's state, in words.
pub(crate) fn state_word(state: RunState) -> (&'static str, Tone) {
    match state {
        RunState::Queued => ("Queued", Tone::Neutral),
        RunState::Waiting => ("Waiting", Tone::Warn),
        RunState::Running => ("Running", Tone::Running),
        RunState::Success => ("Passed", Tone::Ok),
        RunState::Failure => ("Failed", Tone::Bad),
        RunState::Cancelled => ("Cancelled", Tone::Neutral),
        RunState::Other => ("Ended otherwise", Tone::Unknown),
    }
}

/// The same for a job or a step.
pub(crate) fn part_word(phase: Phase, outcome: Option<Outcome>) -> (&'static str, Tone) {
    match (phase, outcome) {
        (Phase::Queued, _) => ("Queued", Tone::Neutral),
        (Phase::Waiting, _) => ("Waiting", Tone::Warn),
        (Phase::Running, _) => ("Running", Tone::Running),
        (Phase::Completed, Some(Outcome::Success)) => ("Passed", Tone::Ok),
        (Phase::Completed, Some(Outcome::Failure)) => ("Failed", Tone::Bad),
        (Phase::Completed, Some(Outcome::Cancelled)) => ("Cancelled", Tone::Neutral),
        (Phase::Completed, Some(Outcome::Skipped)) => ("Skipped", Tone::Neutral),
        (Phase::Completed, Some(Outcome::Other)) => ("Ended otherwise", Tone::Bad),
        (Phase::Completed, None) => ("Ended, not known how", Tone::Unknown),
    }
}

/// `12 min · 2 min longer than usual`.
pub(crate) fn duration(took: i64, usual: Option<i64>, state: RunState) -> String {
    let took = Duration::seconds(took);
    if took.is_zero() && !state.is_over() {
        return "not begun".to_owned();
    }
    let apart = usual.and_then(|usual| against_usual(took, Duration::seconds(usual), state.is_over()));
    let shown = length(took);
    match apart {
        Some(longer) if longer > Duration::zero() => format!("{shown} · {} longer than usual", length(longer)),
        // What failed early is no quick run.
        Some(shorter) if state == RunState::Success => format!("{shown} · {} shorter than usual", length(-shorter)),
        _ => shown,
    }
}
