//! The audit page, as a function of its shape and its filter.

use super::shape::{AuditFilter, AuditPage, AuditRow};
use crate::paths;
use crate::ui::badge::tone_class;
use crate::ui::field::Exact;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{exact, moment};
use leptos::prelude::*;
use leptos::tachys::view::keyed::keyed;
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
    match (set(&filter.since), set(&filter.until)) {
        (Some(since), Some(until)) => title.push_str(&format!(" from {since} until {until} UTC")),
        (Some(since), None) => title.push_str(&format!(" since {since} UTC")),
        (None, Some(until)) => title.push_str(&format!(" until {until} UTC")),
        (None, None) => {}
    }
    title
}

/// The actor as the heading says it: by name, where there is one.
fn named(page: &AuditPage, filter: &AuditFilter) -> AuditFilter {
    let known = page.actors.iter().find(|actor| Some(&actor.id) == filter.actor.as_ref());
    AuditFilter {
        actor: known.map(|actor| actor.shown().to_owned()).or_else(|| filter.actor.clone()),
        ..filter.clone()
    }
}

/// Every part of the filter in words, with the filter that is left without it.
fn parts(filter: &AuditFilter) -> Vec<(String, AuditFilter)> {
    // Another filter is another list: where the old one went on means nothing there.
    let all = AuditFilter { before: None, ..filter.clone() };
    let part = |name: &str, value: &Option<String>, without: AuditFilter| {
        value.as_deref().filter(|v| !v.is_empty()).map(|v| (format!("{name} {}", visible(v)), without))
    };
    [
        part("act", &all.act, AuditFilter { act: None, ..all.clone() }),
        part("by", &all.actor, AuditFilter { actor: None, ..all.clone() }),
        part("about", &all.about, AuditFilter { about: None, ..all.clone() }),
        part("from", &all.since, AuditFilter { since: None, ..all.clone() }),
        part("until", &all.until, AuditFilter { until: None, ..all.clone() }),
        part("older than", &filter.before, all.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Says which filter left nothing, and how to leave each part of it out.
fn nothing(page: &AuditPage, filter: &AuditFilter) -> impl IntoView + use<> {
    let parts = parts(filter);
    let why = match &page.unclear {
        Some(sentence) => sentence.clone(),
        None if parts.is_empty() => "Nothing has happened yet.".to_owned(),
        None => "No entry is all of this:".to_owned(),
    };
    let chips = parts.into_iter().map(|(part, without)| {
        let of = part.clone();
        view! { <li>{part} " " <a href=paths::audit(&without)>"leave out" <span class="sr-only">" " {of}</span></a></li> }
    });
    view! {
        <div class="empty">
            <p class="empty-why">{why}</p>
            <ul class="parts">{chips.collect_view()}</ul>
            <p><a href=paths::audit(&AuditFilter::default())>"Show everything"</a></p>
        </div>
    }
    .into_any()
}

/// Filters as a plain form, entries, and the way to older ones.
pub(crate) fn audit(page: &AuditPage, filter: &AuditFilter) -> impl IntoView + use<> {
    let title = heading(&named(page, filter));
    let is_filtered = *filter != AuditFilter::default();
    let older = page.next.clone().map(|before| {
        let href = paths::audit(&AuditFilter { before: Some(before), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"Older"</a></p> }
    });
    let entries = if page.rows.is_empty() {
        nothing(page, filter).into_any()
    } else {
        // By key, because the page moves while somebody reads: what they have unfolded stays that entry's.
        let rows = keyed(page.rows.clone(), |row| row.id.clone(), |_, row| (|_: usize| (), entry(&row)));
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
    let actors =
        page.actors.iter().map(|actor| view! { <option value=actor.id.clone()>{visible(actor.shown())}</option> });
    let actors = actors.collect_view();
    let input = |name: &'static str, value: &Option<String>, example: &'static str, list: Option<&'static str>| {
        view! { <input type="text" name=name value=value.clone().unwrap_or_default() placeholder=example list=list autocomplete="off" spellcheck="false" /> }
    };
    let moment = |name: &'static str, value: &Option<String>| {
        // The browser's own field takes minutes only; a bare day begins at midnight.
        let value = value.as_deref().map(|v| if v.len() == 10 { format!("{v}T00:00") } else { v.to_owned() });
        view! { <input type="datetime-local" name=name value=value.unwrap_or_default() /> }
    };
    view! {
        <form class="filters" method="get" action=paths::audit(&AuditFilter::default()) role="search" aria-label="Filter entries">
            <label>"Act" <select name="act"><option value="">"Any"</option>{acts}</select></label>
            <label>"By" {input("actor", &filter.actor, "E-1001, github", Some("actors"))}</label>
            <datalist id="actors">{actors}</datalist>
            <label>"About" {input("about", &filter.about, "change, key or person", None)}</label>
            <label>"From (UTC)" {moment("since", &filter.since)}</label>
            <label>"Until (UTC)" {moment("until", &filter.until)}</label>
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
    let by = paths::audit(&AuditFilter { actor: Some(row.actor_id.clone()), ..AuditFilter::default() });
    let like = paths::audit(&AuditFilter { act: Some(row.act.clone()), ..AuditFilter::default() });
    view! {
        <li class=format!("entry {}", tone_class(row.tone))>
            <span class="entry-at mono dim">{moment(row.at, row.at.format("%m-%d %H:%M:%S").to_string())}</span>
            <span class="entry-what"><a class="link" href=by><b>{foreign(&row.actor)}</b></a> " " {foreign(&row.what)}</span>
            <span class="entry-act mono dim"><a class="link" href=like>{visible(&row.act)}</a></span>
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
