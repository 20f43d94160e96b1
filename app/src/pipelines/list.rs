//! The list of runs, as a function of its shape and its filter.

use super::dora::shape::DoraFilter;
use super::shape::{AskedFor, Currency, RunFilter, RunPage, RunRow};
use super::stages::{duration, stages, state_word};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::empty;
use crate::ui::text::{foreign, short_sha, visible};
use crate::ui::time::{ago, exact, moment, relative};
use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::RunState;
use leptos::prelude::*;
use leptos_meta::Title;

/// `Waiting runs of score-api`.
pub(crate) fn heading(filter: &RunFilter) -> String {
    let state = filter.state.as_deref().and_then(RunState::from_code);
    let what = state.map_or_else(|| "Pipelines".to_owned(), |state| format!("{} runs", state_word(state).0));
    match filter.service.as_deref() {
        Some(service) => format!("{what} of {}", visible(service)),
        None => what,
    }
}

/// Filters as a plain form, rows, and the way to older ones.
pub(crate) fn list(page: &RunPage, filter: &RunFilter) -> impl IntoView + use<> {
    let title = heading(filter);
    let is_filtered = *filter != RunFilter::default();
    let chosen = |value: &Option<String>| value.clone().unwrap_or_default();
    let (state, service) = (chosen(&filter.state), chosen(&filter.service));
    let states = RunState::ALL.map(|one| {
        view! { <option value=one.code() selected=one.code() == state>{state_word(one).0}</option> }
    });
    let services = page.services.iter().map(|name| {
        let is_chosen = *name == service;
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    });
    let older = page.next.clone().map(|after| {
        let href = paths::runs(&RunFilter { after: Some(after), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"Older"</a></p> }
    });
    let rows = if page.rows.is_empty() {
        nothing(page, is_filtered).into_any()
    } else {
        rows(&page.rows, page.as_of).into_any()
    };
    view! {
        <Title text=title.clone() />
        <h1>{title.clone()}</h1>
        {currency(&page.currency, page.as_of)}
        <form class="filters" method="get" action=paths::runs(&RunFilter::default()) role="search" aria-label="Filter runs">
            <label>"Service" <select name="service"><option value="">"Any"</option>{services.collect_view()}</select></label>
            <label>"State" <select name="state"><option value="">"Any"</option>{states.into_iter().collect_view()}</select></label>
            <label>"Branch" <input type="text" name="branch" maxlength="250" value=chosen(&filter.branch) /></label>
            <label>"Commit or run" <input type="search" name="find" maxlength="40" value=chosen(&filter.find) /></label>
            <button type="submit" class="button">"Filter"</button>
            {is_filtered.then(|| view! { <a class="quiet" href=paths::runs(&RunFilter::default())>"Show all"</a> })}
            <a class="quiet" href=paths::dora(&DoraFilter::default())>"How releases go"</a>
        </form>
        {rows}
        {older}
    }
    .into_any()
}

/// What could not be read, and since when.
pub(crate) fn currency(currency: &Currency, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let troubles = currency.troubles.iter().map(|(repository, why, since)| {
        let since = match since {
            Some(at) => view! { " Shown is what it said " {moment(*at, relative(*at, as_of))} ", and what webhooks told since." }.into_any(),
            None => view! { " Nothing of it is known yet but what webhooks told." }.into_any(),
        };
        view! { <p class="trouble" role="status"><b>{foreign(repository)}</b> ": " {why.clone()} {since}</p> }
    });
    let unread = (!currency.unread.is_empty()).then(|| {
        let names = currency.unread.join(", ");
        view! { <p class="trouble" role="status">{visible(&names)} ": not read yet. Runs appear within a minute or two."</p> }
    });
    view! { {troubles.collect_view()} {unread} }.into_any()
}

fn rows(rows: &[RunRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = rows.iter().map(|one| row(one, as_of)).collect_view();
    view! {
        <table class="rows run-rows">
            <thead class="sr-only">
                <tr>
                    <th scope="col">"State"</th>
                    <th scope="col">"Run"</th>
                    <th scope="col">"What, and its stages"</th>
                    <th scope="col">"Took"</th>
                    <th scope="col">"When"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(row: &RunRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let (word, tone) = state_word(row.state);
    let attempt = (row.attempt > 1).then(|| format!(" · attempt {}", row.attempt));
    view! {
        <tr>
            <td class="cell-chip">{badge(word, tone)}</td>
            <td class="cell-where">
                <a class="row-link" data-row href=paths::run(&row.id)>
                    <b>{foreign(&row.service)}</b>
                    <span class="sr-only">" run " {row.id.clone()}</span>
                </a>
                {row.change.as_ref().map(change_of)}
            </td>
            <td class="cell-what">
                <span class="run-title">{foreign(title_of(row))}</span>
                <span class="from">" · " {commit(row)} " by " {foreign(&row.actor)} {attempt}</span>
                {stages(row.stages)}
            </td>
            <td class="cell-took num">{duration(row.took_seconds, row.usual_seconds, row.state)}</td>
            <td class="cell-when">{ago(row.created_at, as_of)}</td>
        </tr>
    }
    .into_any()
}

/// A title can be empty.
pub(crate) fn title_of(row: &RunRow) -> &str {
    if row.title.trim().is_empty() { "without a title" } else { &row.title }
}

/// Branch and commit.
pub(crate) fn commit(row: &RunRow) -> impl IntoView + use<> {
    let branch = if row.branch.is_empty() { view! { "no branch" }.into_any() } else { foreign(&row.branch).into_any() };
    view! { {branch} " " <span class="mono" title=row.head_sha.clone()>{short_sha(&row.head_sha)}</span> }.into_any()
}

/// The change alone: the stages beside it say how it stands.
fn change_of(change: &AskedFor) -> impl IntoView + use<> {
    view! {
        <a class="asked-for mono" href=paths::change(&change.number) title=change.word.clone()>{change.number.clone()}</a>
    }
    .into_any()
}

/// The change, as a link with its state.
pub(crate) fn asked_for(change: &AskedFor) -> impl IntoView + use<> {
    view! {
        <span class="asked-for">
            <a class="mono" href=paths::change(&change.number)>{change.number.clone()}</a> " " {badge(&change.word, change.tone)}
        </span>
    }
    .into_any()
}

fn nothing(page: &RunPage, is_filtered: bool) -> impl IntoView + use<> {
    if is_filtered {
        empty("No run is like that.", view! { <a href=paths::runs(&RunFilter::default())>"Show all runs"</a> })
            .into_any()
    } else {
        let read = format!("Gatehouse shows the runs of every configured workflow, as of {}.", exact(page.as_of));
        empty("There is no run yet.", read).into_any()
    }
}
