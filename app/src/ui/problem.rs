//! A problem as a person reads it: what is in the way, all of it, and what to quote when asking for help.

use super::icon::{Icon, icon};
use gatehouse_domain::problem::{Problem, ReasonView};
use leptos::prelude::*;

/// Every reason, one a line.
pub(crate) fn reasons(reasons: &[ReasonView]) -> impl IntoView + use<> {
    let lines =
        reasons.iter().map(|r| view! { <li data-reason=r.code.clone()>{r.sentence.clone()}</li> }).collect_view();
    view! { <ul class="reasons">{lines}</ul> }.into_any()
}

/// The problem. A title that only repeats the first reason is not said twice.
pub(crate) fn problem(problem: Problem) -> impl IntoView {
    let further: Vec<_> = problem.reasons.iter().filter(|r| r.sentence != problem.title).cloned().collect();
    view! {
        <div class="problem" role="alert">
            {icon(Icon::Cross)}
            <div>
                <p class="problem-title">{problem.title}</p>
                {(!further.is_empty()).then(|| reasons(&further))}
                {(!problem.request_id.is_empty())
                    .then(|| view! { <p class="problem-id">"Request " <code>{problem.request_id}</code></p> })}
            </div>
        </div>
    }
    .into_any()
}
