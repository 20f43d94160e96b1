//! The page of images, as a function of its shape and its filter.

use super::shape::{ImageRow, ReleaseFilter, ReleasesView, RepositoryRow};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::empty;
use crate::ui::text::{foreign, short_sha};
use crate::ui::time::{ago, moment, relative};
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

const ONLY: [(&str, &str); 3] = [("never", "Never deployed"), ("moved", "A tag moved"), ("unscanned", "Not scanned")];

/// The page.
pub(crate) fn releases(page: &ReleasesView, filter: &ReleaseFilter) -> impl IntoView + use<> {
    let title = heading(filter);
    let service = filter.service.clone().unwrap_or_default();
    let only = filter.only.clone().unwrap_or_default();
    let services = page.services.iter().map(|name| {
        let is_chosen = *name == service;
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    });
    let looks = ONLY.map(|(code, words)| view! { <option value=code selected=code == only>{words}</option> });
    let is_filtered = filter.service.is_some() || filter.only.is_some();
    let older = page.next.clone().map(|after| {
        let href = paths::releases(&ReleaseFilter { after: Some(after), ..filter.clone() });
        view! { <p class="older"><a class="button" href=href rel="next">"Older"</a></p> }
    });
    let (repositories, as_of) = (read_until(&page.repositories, page.as_of), page.as_of);
    let rows =
        if page.rows.is_empty() { nothing(is_filtered, page).into_any() } else { table(&page.rows, as_of).into_any() };
    view! {
        <Title text=title.clone() />
        <h1>{title.clone()}</h1>
        <form class="filters" method="get" action=paths::releases(&ReleaseFilter::default()) role="search" aria-label="Filter images">
            <label>"Service" <select name="service"><option value="">"Any"</option>{services.collect_view()}</select></label>
            <label>"Only" <select name="only"><option value="">"Everything"</option>{looks.into_iter().collect_view()}</select></label>
            <button type="submit" class="button">"Filter"</button>
            {is_filtered.then(|| view! { <a class="quiet" href=paths::releases(&ReleaseFilter::default())>"Show all"</a> })}
        </form>
        {repositories}
        {rows}
        {older}
    }
    .into_any()
}

pub(crate) fn heading(filter: &ReleaseFilter) -> String {
    let what = ONLY.iter().find(|(code, _)| filter.only.as_deref() == Some(*code));
    let what = what.map_or_else(|| "Images".to_owned(), |(_, words)| format!("Images: {}", words.to_lowercase()));
    match filter.service.as_deref() {
        Some(service) => format!("{what}, of {service}"),
        None => what,
    }
}

/// What stands in trouble comes first and by name; the rest is one line.
fn read_until(repositories: &[RepositoryRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let fine = repositories.iter().filter(|it| it.trouble.is_none());
    let oldest = fine.clone().filter_map(|it| it.as_of).min();
    let unread = fine.filter(|it| it.as_of.is_none()).count();
    let troubled = repositories.iter().filter_map(|it| Some((it, it.trouble.clone()?)));
    let troubled = troubled.map(|(it, why)| {
        let kept = match it.as_of {
            Some(at) => view! { "What is shown of it was read " {ago(at, as_of)} ". " }.into_any(),
            None => view! { "Nothing was ever read of it. " }.into_any(),
        };
        view! {
            <li>{badge("Not read", Tone::Unknown)} " " <b>{foreign(&it.repository)}</b> ": " {kept} {foreign(&why)}</li>
        }
    });
    let troubled = troubled.collect::<Vec<_>>();
    view! {
        <p class="lead">
            {oldest.map(|at| view! { "The registry was read " {ago(at, as_of)} ". " })}
            {(unread > 0).then(|| format!("{unread} of its repositories were not read yet."))}
        </p>
        {(!troubled.is_empty()).then(|| view! { <ul class="parts" role="status">{troubled.into_iter().collect_view()}</ul> })}
    }
    .into_any()
}

fn nothing(is_filtered: bool, page: &ReleasesView) -> impl IntoView + use<> {
    if is_filtered {
        let all = view! { <a href=paths::releases(&ReleaseFilter::default())>"Show all images"</a> };
        return empty("No image is like that.", all).into_any();
    }
    let why = if page.repositories.iter().any(|it| it.as_of.is_some()) {
        "The registry holds no image of any configured service."
    } else {
        "The registry was not read yet."
    };
    empty(why, "A run of a configured workflow pushes one; the registry is read each minute.").into_any()
}

fn table(rows: &[ImageRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = rows.iter().map(|row| image(row, as_of)).collect_view();
    view! {
        <table class="rows keys images">
            <thead>
                <tr>
                    <th scope="col">"Image"</th>
                    <th scope="col">"What became of it"</th>
                    <th scope="col">"Scan"</th>
                    <th scope="col">"Size"</th>
                    <th scope="col">"Pushed"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn image(row: &ImageRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let services = if row.services.is_empty() { row.repository.clone() } else { row.services.join(", ") };
    let short = row.digest.get(..19).unwrap_or(&row.digest).to_owned();
    let tags = if row.tags.is_empty() {
        view! { <span class="dim">"no tag"</span> }.into_any()
    } else {
        // A commit's SHA is read by its beginning; any other tag is somebody's word, whole.
        let is_sha = |tag: &str| tag.len() == 40 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
        let shown = |tag: &String| if is_sha(tag) { short_sha(tag) } else { tag.clone() };
        let tags = row.tags.iter().map(|tag| view! { <code title=tag.clone()>{foreign(&shown(tag))}</code> " " });
        tags.collect_view().into_any()
    };
    let released = row.released.clone().map(|(number, at)| {
        let href = paths::change(&number);
        view! { " " <a class="mono" href=href>{number}</a> " " {ago(at, as_of)} }
    });
    let runs = (!row.runs_in.is_empty()).then(|| format!(" Runs in {}.", row.runs_in.join(", ")));
    let gone = row.gone_at.map(|at| {
        view! { <div>{badge("Not in the registry any more", Tone::Neutral)} " since " {ago(at, as_of)}</div> }
    });
    let findings = row.findings.iter().map(|(severity, count)| format!("{count} {}", severity.to_lowercase()));
    let findings = findings.collect::<Vec<_>>().join(", ");
    let scanned = row.scanned_at.map(|at| view! { <div class="dim">{ago(at, as_of)}</div> });
    view! {
        <tr>
            <td class="grow">
                <b>{foreign(&services)}</b> " " {tags}
                <div class="mono dim" title=row.digest.clone()>{short}</div>
            </td>
            <td data-label="what became of it">
                {badge(&row.fate.word, row.fate.tone)} {released} {runs}
                {moved(&row.lost, "Its tag moved", "names another image now")}
                {moved(&row.taken, "Tag moved here", "named another image before")}
                {gone}
            </td>
            <td data-label="scan">{badge(&row.scan.word, row.scan.tone)} " " {foreign(&findings)} {scanned}</td>
            <td data-label="size" class="num">{row.size.clone().unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="pushed">{moment(row.pushed_at, relative(row.pushed_at, as_of))}</td>
        </tr>
    }
    .into_any()
}

fn moved(tags: &[String], word: &'static str, what: &'static str) -> impl IntoView + use<> {
    let tags = tags.join(", ");
    (!tags.is_empty()).then(|| view! { <div>{badge(word, Tone::Bad)} " " {foreign(&tags)} " " {what}</div> })
}
