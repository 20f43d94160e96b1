//! The audit page, as a function of its shape and its filter.

use super::shape::{AuditFilter, AuditPage, AuditRow};
use crate::paths;
use crate::ui::badge::tone_class;
use crate::ui::field::Exact;
use crate::ui::section::empty;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{exact, moment};
use leptos::prelude::*;
use leptos_meta::Title;

/// What is shown, as a sentence's beginning.
pub(crate) fn heading(filter: &AuditFilter) -> String {
    let set = |value: &Option<String>| value.as_deref().filter(|v| !v.is_empty()).map(visible);
    let mut title =
        set(&filter.act).map_or_else(|| "Everything that happened".to_owned(), |act| format!("Every {act}"));
    if let Some(actor) = set(&filter.actor) {
        title.push_str(&format!(" by {actor}"));
    }
    if let Some(about) = set(&filter.about) {
        title.push_str(&format!(" about {about}"));
    }
    title
}

/// Filters as a plain form, entries, and the way to older ones.
pub(crate) fn audit(page: &AuditPage, filter: &AuditFilter) -> impl IntoView + use<> {
    let title = heading(filter);
    let is_filtered = *filter != AuditFilter::default();
    let older = page.next.clone().map(|before| {
        let href = paths::audit(&AuditFilter { before: Some(before), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"Older"</a></p> }
    });
    let entries = if page.rows.is_empty() {
        let all = view! { <a href=paths::audit(&AuditFilter::default())>"Show everything"</a> };
        empty("No entry is like that.", all).into_any()
    } else {
        let rows = page.rows.iter().map(entry).collect_view();
        view! { <ol class="entries">{rows}</ol> }.into_any()
    };
    view! {
        <Title text="Audit" />
        <h1>{title}</h1>
        <p class="lead">"Newest first. Every line is one exact entry of the log; nothing in it is ever changed or taken away."</p>
        {filters(page, filter, is_filtered)}
        {entries}
        {older}
    }
    .into_any()
}

fn filters(page: &AuditPage, filter: &AuditFilter, is_filtered: bool) -> impl IntoView + use<> {
    let chosen = filter.act.clone().unwrap_or_default();
    let acts = page.acts.iter().map(|act| {
        let is_chosen = *act == chosen;
        view! { <option value=act.clone() selected=is_chosen>{act.clone()}</option> }
    });
    let acts = acts.collect_view();
    let input = |name: &'static str, value: &Option<String>, example: &'static str| {
        view! { <input type="text" name=name value=value.clone().unwrap_or_default() placeholder=example autocomplete="off" spellcheck="false" /> }
    };
    view! {
        <form class="filters" method="get" action=paths::audit(&AuditFilter::default()) role="search" aria-label="Filter entries">
            <label>"Act" <select name="act"><option value="">"Any"</option>{acts}</select></label>
            <label>"By" {input("actor", &filter.actor, "E-1001, github")}</label>
            <label>"About" {input("about", &filter.about, "CHG-2026-000001")}</label>
            <button type="submit" class="button">"Filter"</button>
            {is_filtered.then(|| view! { <a class="quiet" href=paths::audit(&AuditFilter::default())>"Show everything"</a> })}
        </form>
    }
    .into_any()
}

fn entry(row: &AuditRow) -> impl IntoView + use<> {
    let about = match &row.about_href {
        Some(href) => view! { <a class="mono link" href=href.clone()>{foreign(&row.about)}</a> }.into_any(),
        None => view! { <span class="mono">{foreign(&row.about)}</span> }.into_any(),
    };
    view! {
        <li class=format!("entry {}", tone_class(row.tone))>
            <span class="entry-at mono dim">{moment(row.at, row.at.format("%m-%d %H:%M:%S").to_string())}</span>
            <span class="entry-what"><b>{foreign(&row.actor)}</b> " " {foreign(&row.what)}</span>
            <span class="entry-act mono dim">{visible(&row.act)}</span>
            <span class="entry-about">{about}</span>
            <details class="entry-bytes">
                <summary>"Bytes"</summary>
                <dl>
                    <dt>"Entry"</dt>
                    <dd><Exact name="the entry's id" value=row.id.clone() /> " · " {exact(row.at)}</dd>
                    <dt>"Leaf hash"</dt>
                    <dd><Exact name="the leaf hash" value=row.leaf_hash.clone() /></dd>
                    <dt>"Exact bytes"</dt>
                    <dd><Exact name="the bytes" value=row.bytes.clone() /></dd>
                </dl>
            </details>
        </li>
    }
    .into_any()
}
