//! The matrix, as a function of its shape: trouble on top, then service by environment.

use super::shape::{Cell, Distance, EnvironmentHead, MatrixView, ServiceFilter, ServiceRow, Version};
use crate::paths;
use crate::ui::badge::{badge, tone_class};
use crate::ui::section::empty;
use crate::ui::text::{count, foreign, short_sha, visible};
use crate::ui::time::{ago, exact};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_meta::Title;

/// Heads, filters, rows, and the way on.
pub(crate) fn matrix(view: &MatrixView, filter: &ServiceFilter) -> impl IntoView + use<> {
    let is_filtered = filter.q.is_some() || filter.team.is_some();
    let rows = if view.rows.is_empty() {
        nothing(is_filtered || filter.after.is_some()).into_any()
    } else {
        table(view).into_any()
    };
    let more = view.next.clone().map(|after| {
        let href = paths::services(&ServiceFilter { after: Some(after), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"More services"</a></p> }
    });
    let heads = view.environments.iter().map(|head| environment_head(head, view.as_of)).collect_view();
    view! {
        <Title text="Services" />
        <h1>"Services"</h1>
        <div class="env-heads">{heads}</div>
        {filters(view, filter, is_filtered)}
        {rows}
        {more}
    }
    .into_any()
}

fn environment_head(head: &EnvironmentHead, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let total: u32 = head.shares.iter().map(|(_, services)| services).sum();
    let words = head.shares.iter().map(|(status, services)| {
        view! { <li class=tone_class(status.tone)><span class="share-dot" aria-hidden="true"></span> <span>{services.to_string()} " " {status.word.to_lowercase()}</span></li> }
    });
    let said = match (&head.trouble, head.seen) {
        (Some(trouble), _) => view! { <p class="hint tone-warn toned">{visible(trouble)}</p> }.into_any(),
        (None, Some(seen)) => view! { <p class="hint">"Its cluster last spoke " {ago(seen, as_of)}</p> }.into_any(),
        (None, None) => view! { <p class="hint">"Its cluster has not been heard yet."</p> }.into_any(),
    };
    view! {
        <section class="env-head" aria-label=head.name.clone()>
            <h2><a href=paths::environment(&head.name, "")>{head.name.clone()}</a></h2>
            {shares_bar(head, total)}
            <ul class="shares">{words.collect_view()}</ul>
            {said}
        </section>
    }
    .into_any()
}

/// How much of it is in trouble, as a bar. The words stand below; a reader does not need the picture.
fn shares_bar(head: &EnvironmentHead, total: u32) -> impl IntoView + use<> {
    let mut from = 0.0;
    let parts = head.shares.iter().filter(|_| total > 0).map(|(status, services)| {
        let wide = f64::from(*services) / f64::from(total.max(1)) * 100.0;
        let place = from;
        from += wide;
        // A gap between two parts, so that they are told apart without colour too.
        let shown = (wide - 0.6).max(0.4);
        view! { <rect x=format!("{place:.2}") y="0" width=format!("{shown:.2}") height="6" class=format!("bar-part {}", tone_class(status.tone)) /> }
    });
    view! { <svg class="shares-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{parts.collect_view()}</svg> }
}

fn filters(view: &MatrixView, filter: &ServiceFilter, is_filtered: bool) -> impl IntoView + use<> {
    let team = filter.team.clone().unwrap_or_default();
    let teams = view.teams.iter().map(|name| {
        let is_chosen = *name == team;
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    });
    let by_trouble = filter.sort.as_deref() == Some("trouble");
    view! {
        <form class="filters" method="get" action=paths::services(&ServiceFilter::default()) role="search" aria-label="Filter services">
            <label>"Name" <input type="search" name="q" value=filter.q.clone().unwrap_or_default() maxlength="63" data-filter /></label>
            <label>"Team" <select name="team"><option value="">"Any"</option>{teams.collect_view()}</select></label>
            <label>
                "Order"
                <select name="sort">
                    <option value="name" selected=!by_trouble>"By name"</option>
                    <option value="trouble" selected=by_trouble>"Trouble first"</option>
                </select>
            </label>
            <button type="submit" class="button">"Filter"</button>
            {is_filtered.then(|| view! { <a class="quiet" href=paths::services(&ServiceFilter::default())>"Show all"</a> })}
            <span class="quiet">{count(usize::try_from(view.total).unwrap_or(usize::MAX), "service", "services")}</span>
        </form>
    }
    .into_any()
}

fn nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        let all = paths::services(&ServiceFilter::default());
        empty("No service is like that.", view! { <a href=all>"Show all services"</a> }).into_any()
    } else {
        empty("No service is configured.", view! { "Services are named in the portal’s configuration file." })
            .into_any()
    }
}

fn table(view: &MatrixView) -> impl IntoView + use<> {
    let heads = view.environments.iter().map(|head| view! { <th scope="col">{head.name.clone()}</th> }).collect_view();
    let names: Vec<String> = view.environments.iter().map(|head| head.name.clone()).collect();
    let rows = view.rows.iter().map(|row| service_row(row, &names, view.as_of)).collect_view();
    view! {
        <table class="rows matrix">
            <thead><tr><th scope="col">"Service"</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn service_row(row: &ServiceRow, environments: &[String], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let cells = row.cells.iter().zip(environments).map(|(it, name)| {
        view! {
            <td class="cell-matrix">
                <span class="cell-env" aria-hidden="true">{name.clone()}</span>
                {cell(it, as_of)}
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row" class="cell-service">
                <a class="service-link" data-row href=paths::service(&row.name)>{foreign(&row.name)}</a>
                <span class="dim">{foreign(&row.team)}</span>
            </th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}

/// What one service does in one environment.
pub(super) fn cell(it: &Cell, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let pods = it.replicas.map(|(ready, wanted)| {
        let bounds = it.bounds.map(|(least, most)| format!(", scales {least} to {most}"));
        view! { <span>{format!("{ready} of {wanted} ready")}{bounds}</span> }
    });
    let incidents = (it.incidents > 0).then(|| {
        let words =
            format!("{} live", count(usize::try_from(it.incidents).unwrap_or(usize::MAX), "incident", "incidents"));
        view! { <a href=paths::incidents()>{words}</a> }
    });
    let why = it.why.clone().map(|words| view! { <div class="cell-why">{visible(&words)}</div> });
    view! {
        <div class="cell-top">{badge(&it.status.word, it.status.tone)} " " {it.version.as_ref().map(build)}</div>
        {why}
        <div class="cell-facts">{pods} " " {it.version.as_ref().and_then(|version| version.since).map(|since| view! { <span>" · here for " {length_of(since, as_of)}</span> })} " " {incidents}</div>
        {it.version.as_ref().and_then(released)}
        {it.distance.as_ref().and_then(distance)}
    }
    .into_any()
}

fn length_of(since: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    crate::ui::time::moment(since, crate::ui::time::length(as_of - since))
}

fn build(version: &Version) -> impl IntoView + use<> {
    let digest = version.digest.clone();
    match (&version.commit, &digest) {
        (Some(commit), _) => {
            let title = digest.map_or_else(|| commit.clone(), |digest| format!("{commit}, {digest}"));
            view! { <code title=title>{short_sha(commit)}</code> }.into_any()
        }
        // No commit is known for it: its own address, which nobody can move.
        (None, Some(digest)) => {
            let short: String = digest.chars().take(19).collect();
            view! { <code title=digest.clone()>{short}"…"</code> }.into_any()
        }
        (None, None) => view! { <code class="tone-warn toned" title="Deployed by a tag: nobody can tell which build it is">{visible(&version.image)}</code> }.into_any(),
    }
}

fn released(version: &Version) -> Option<AnyView> {
    let number = version.change.clone()?;
    let names: Vec<&str> = version.by.iter().map(crate::shape::PersonView::shown).collect();
    let by = (!names.is_empty()).then(|| view! { " by " {foreign(&names.join(", "))} });
    Some(
        view! { <div class="cell-facts"><a class="mono" href=paths::change(&number)>{number.clone()}</a>{by}</div> }
            .into_any(),
    )
}

fn distance(it: &Distance) -> Option<AnyView> {
    Some(match it {
        Distance::Level => return None,
        Distance::Ahead { than, commits, titles } => {
            let ahead = count(usize::try_from(*commits).unwrap_or(usize::MAX), "commit", "commits");
            let more = usize::try_from(*commits).unwrap_or(usize::MAX).saturating_sub(titles.len());
            let lines = titles.iter().map(|title| view! { <li>{foreign(title)}</li> }).collect_view();
            let rest = (more > 0).then(|| view! { <li class="dim">{format!("and {more} more")}</li> });
            view! { <details class="cell-distance"><summary>{foreign(than)} " is " {ahead} " ahead"</summary><ul>{lines}{rest}</ul></details> }.into_any()
        }
        Distance::Otherwise { words } => {
            view! { <div class="cell-facts tone-warn toned">{visible(words)}</div> }.into_any()
        }
        Distance::Unknown { why } => view! { <div class="cell-facts dim">{visible(why)}</div> }.into_any(),
    })
}

/// `sha256:…` of a moment's title, to the second; for pictures that have no room for words.
pub(super) fn titled(at: DateTime<Utc>, words: &str) -> String {
    format!("{} · {}", exact(at), visible(words))
}
