//! One run, as a function of its shape.

use super::list::{asked_for, commit, currency, title_of};
use super::shape::{AttemptView, JobView, RunView, StepView};
use super::stages::{duration, part_word, stages, state_word};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::foreign;
use crate::ui::time::{ago, length};
use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page.
pub(crate) fn run(view: &RunView) -> impl IntoView + use<> {
    let row = &view.row;
    let title = format!("Run {} of {}", row.id, row.service);
    let (word, tone) = state_word(row.state);
    let as_of = view.as_of;
    let usual = row.usual_seconds.map(|seconds| format!(" · usually {}", length(Duration::seconds(seconds))));
    let evidence = row.change.clone().map(|change| {
        let href = format!("{}#what-changes", paths::change(&change.number));
        view! { <p>{asked_for(&change)} " · " <a href=href>"What was proved about this build"</a></p> }
    });
    let attempts = view.attempts.iter().map(|one| attempt(one, as_of)).collect_view();
    view! {
        <Title text=title.clone() />
        <h1>{foreign(title_of(row))}</h1>
        <p class="lead">
            {badge(word, tone)} " " <b>{foreign(&row.service)}</b> " · " {commit(row)} " · " {view.event.clone()} " by "
            {foreign(&row.actor)} " · " {ago(row.created_at, as_of)} " · "
            <a href=view.href.clone() rel="noreferrer">"run " {row.id.clone()} " at GitHub"</a>
        </p>
        {currency(&view.currency, as_of)}
        {stages(row.stages)}
        <p class="num">{duration(row.took_seconds, row.usual_seconds, row.state)} {usual}</p>
        {evidence}
        {waits(view)}
        {attempts}
    }
    .into_any()
}

/// Why it waits, in the gate's own words.
fn waits(view: &RunView) -> Option<AnyView> {
    use gatehouse_domain::pipelines::RunState;
    if view.row.state != RunState::Waiting {
        return None;
    }
    let said = match (&view.row.change, view.why.is_empty()) {
        (Some(_), false) => {
            let why = view.why.iter().map(|sentence| view! { <li>{foreign(sentence)}</li> }).collect_view();
            view! { <ul class="reasons">{why}</ul> }.into_any()
        }
        (Some(_), true) => view! { <p>"Nothing in Gatehouse holds it: GitHub gets its answer, or waits for another rule."</p> }.into_any(),
        (None, _) => {
            view! { <p>"It waits at GitHub, and has not asked Gatehouse: for another environment's rule, or for a runner."</p> }.into_any()
        }
    };
    Some(view! { <Section title="Why is it waiting?" id="why-waiting">{said}</Section> }.into_any())
}

fn attempt(attempt: &AttemptView, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let jobs = if attempt.jobs.is_empty() {
        empty(
            "No job of this attempt is known.",
            "GitHub tells jobs once they are asked for, and forgets those of old attempts.",
        )
        .into_any()
    } else {
        attempt.jobs.iter().map(|one| job(one, as_of)).collect_view().into_any()
    };
    let change = attempt.change.as_ref().map(asked_for);
    view! {
        <section class="section attempt">
            <div class="section-head"><h2>"Attempt " {attempt.number}</h2> <div class="section-aside">{change}</div></div>
            {jobs}
        </section>
    }
    .into_any()
}

fn took(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| length(Duration::seconds(seconds)))
}

fn job(job: &JobView, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let (word, tone) = part_word(job.phase, job.outcome);
    let steps = job.steps.iter().map(step).collect_view();
    let began = job.started_at.map(|at| view! { " · began " {ago(at, as_of)} });
    let stage = job.stage.clone().unwrap_or_else(|| "no stage".to_owned());
    let steps = (!job.steps.is_empty()).then(|| {
        view! {
            <table class="rows step-rows">
                <thead class="sr-only"><tr><th scope="col">"State"</th><th scope="col">"Step"</th><th scope="col">"Took"</th></tr></thead>
                <tbody>{steps}</tbody>
            </table>
        }
    });
    view! {
        <article class="job">
            <h3>{badge(word, tone)} " " {foreign(&job.name)}</h3>
            <p class="dim">
                {stage} " · " <span class="num">{took(job.seconds)}</span> {began} " · " <a href=job.log.clone() rel="noreferrer">"Log"</a>
            </p>
            {steps}
        </article>
    }
    .into_any()
}

fn step(step: &StepView) -> impl IntoView + use<> {
    let (word, tone) = part_word(step.phase, step.outcome);
    view! {
        <tr>
            <td class="cell-chip">{badge(word, tone)}</td>
            <td class="cell-what">{foreign(&step.name)}</td>
            <td class="cell-when num">{took(step.seconds)}</td>
        </tr>
    }
    .into_any()
}
