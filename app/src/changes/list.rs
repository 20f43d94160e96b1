//! The list of changes, as a function of its shape and its filter.

use super::rows::{Column, change_rows};
use super::shape::{ChangeFilter, ChangePage};
use crate::paths;
use crate::ui::section::empty;
use crate::ui::text::capital;
use gatehouse_domain::changes::State;
use leptos::prelude::*;
use leptos_meta::Title;

/// `Held changes of score-api`.
pub(crate) fn heading(filter: &ChangeFilter) -> String {
    let state = filter.state.as_deref().filter(|s| !s.is_empty());
    let what = state.map_or_else(|| "Changes".to_owned(), |state| format!("{} changes", capital(state)));
    match filter.service.as_deref().filter(|s| !s.is_empty()) {
        Some(service) => format!("{what} of {service}"),
        None => what,
    }
}

/// Filters as a plain form, rows, and the way to older ones.
pub(crate) fn list(page: &ChangePage, filter: &ChangeFilter) -> impl IntoView + use<> {
    let title = heading(filter);
    let is_filtered = *filter != ChangeFilter::default();
    let state = filter.state.clone().unwrap_or_default();
    let service = filter.service.clone().unwrap_or_default();
    let states = State::ALL.map(State::code).map(|code| {
        view! { <option value=code selected=code == state>{capital(code)}</option> }
    });
    let services = page.services.iter().map(|name| {
        let is_chosen = *name == service;
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    });
    let older = page.next.clone().map(|after| {
        let href = paths::changes(&ChangeFilter { after: Some(after), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"Older"</a></p> }
    });
    let rows = if page.rows.is_empty() {
        nothing(is_filtered).into_any()
    } else {
        change_rows(&page.rows, Column::Status, page.as_of).into_any()
    };
    view! {
        <Title text=title.clone() />
        <h1>{title.clone()}</h1>
        <form class="filters" method="get" action=paths::changes(&ChangeFilter::default()) role="search" aria-label="Filter changes">
            <label>"State" <select name="state"><option value="">"Any"</option>{states.into_iter().collect_view()}</select></label>
            <label>"Service" <select name="service"><option value="">"Any"</option>{services.collect_view()}</select></label>
            <button type="submit" class="button">"Filter"</button>
            {is_filtered.then(|| view! { <a class="quiet" href=paths::changes(&ChangeFilter::default())>"Show all"</a> })}
            <a class="quiet" href=paths::freezes()>"Freezes"</a>
        </form>
        {rows}
        {older}
        {page.sees_habits.then(|| view! { <p class="older"><a href=paths::habits()>"How signatures are given"</a></p> })}
    }
    .into_any()
}

fn nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        empty(
            "No change is like that.",
            view! { <a href=paths::changes(&ChangeFilter::default())>"Show all changes"</a> },
        )
        .into_any()
    } else {
        empty(
            "There is no change yet.",
            view! { "Gatehouse opens one when a run of a configured workflow reaches a protected environment and GitHub asks." },
        )
        .into_any()
    }
}
