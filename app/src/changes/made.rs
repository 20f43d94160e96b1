//! What changes against what production runs now, and who made it.

use super::shape::{ChangeView, CommitRow, ContributorRow, FileRow};
use crate::ui::badge::badge;
use crate::ui::link::outside;
use crate::ui::section::Section;
use crate::ui::text::{count, foreign, short_sha, visible};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// Files that are shown at once; the rest unfolds.
const SHOWN: usize = 12;

/// Where it comes from, files, commits.
pub(crate) fn what_changes(view: &ChangeView) -> impl IntoView + use<> {
    let origin = &view.origin;
    let from = view! { "against what production runs now, " <span class="mono" title=visible(&origin.base)>{short_if_sha(&origin.base)}</span> };
    let pull_request = origin
        .pull_request
        .as_ref()
        .map(|(number, url)| view! { {outside(url, format!("pull request #{number}"))} " · " });
    let run = outside(&origin.run_url, format!("run {}, attempt {}", origin.run_id, origin.attempt));
    let incomplete = (!view.files_complete).then(|| {
        view! { <p class="row-note">{badge("Incomplete", Tone::Unknown)} " There are more files than GitHub listed."</p> }
    });
    let from_where = view! {
        <p class="origin">
            <span class="mono">{visible(&origin.repository)}</span> " · " {pull_request} {run} " · commit "
            <span class="mono" title=origin.commit_sha.clone()>{short_sha(&origin.commit_sha)}</span>
        </p>
    };
    let (files, commits) = (files(&view.files), commits(&view.commits));
    view! {
        <Section title="What changes" id="what-changes" aside=from.into_any()>
            {from_where} {incomplete} {files} {commits}
        </Section>
    }
    .into_any()
}

/// What production runs is a commit, or a sentence about why that is not known.
fn short_if_sha(base: &str) -> String {
    let is_sha = base.len() == 40 && base.bytes().all(|b| b.is_ascii_hexdigit());
    if is_sha { short_sha(base) } else { visible(base) }
}

fn files(files: &[FileRow]) -> impl IntoView + use<> {
    let (first, rest) = files.split_at(files.len().min(SHOWN));
    let table = |files: &[FileRow]| {
        let rows = files.iter().map(file).collect_view();
        view! {
            <table class="rows files">
                <thead class="sr-only"><tr><th scope="col">"How"</th><th scope="col">"File"</th><th scope="col">"Lines"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    };
    let more = (!rest.is_empty()).then(|| {
        view! { <details class="more"><summary>{format!("and {}", count(rest.len(), "more file", "more files"))}</summary>{table(rest)}</details> }
    });
    let title = (!files.is_empty()).then(|| sub_title(count(files.len(), "file", "files")));
    view! { {title} {(!first.is_empty()).then(|| table(first))} {more} }.into_any()
}

fn file(file: &FileRow) -> impl IntoView + use<> {
    let from = file.previous_path.as_ref().map(|path| view! { <span class="dim">" was " {foreign(path)}</span> });
    view! {
        <tr>
            <td class="cell-how">{visible(&file.status)}</td>
            <td class="cell-path mono">{foreign(&file.path)} {from}</td>
            <td class="cell-lines num"><span class="plus">{format!("+{}", file.additions)}</span> " " <span class="minus">{format!("−{}", file.deletions)}</span></td>
        </tr>
    }
    .into_any()
}

fn commits(commits: &[CommitRow]) -> impl IntoView + use<> {
    let rows = commits.iter().map(|commit| {
        view! {
            <li>
                <span class="mono dim" title=commit.sha.clone()>{short_sha(&commit.sha)}</span>
                <span class="commit-title">{foreign(&commit.title)}</span>
                <span class="dim commit-author">{foreign(&commit.author)}</span>
            </li>
        }
    });
    let (title, rows) = (sub_title(count(commits.len(), "commit", "commits")), rows.collect_view());
    (!commits.is_empty()).then(|| view! { {title} <ul class="commits">{rows}</ul> }).into_any()
}

fn sub_title(words: String) -> impl IntoView {
    view! { <h3 class="sub-title">{words}</h3> }.into_any()
}

/// Everybody who had a part, and so signs nothing here.
pub(crate) fn who_made_it(contributors: &[ContributorRow]) -> impl IntoView + use<> {
    let rows = contributors.iter().map(|person| {
        let unknown = person.doubt.as_ref().map(|why| badge(why, Tone::Unknown));
        view! { <tr><td>{foreign(&person.name)}</td><td class="grow hint">{visible(&person.parts)} " " {unknown}</td></tr> }
    });
    let rows = rows.collect_view();
    view! {
        <Section title="Who made it" id="who-made-it" aside=view! { "so they cannot approve it" }.into_any()>
            <table class="rows people">
                <thead class="sr-only"><tr><th scope="col">"Who"</th><th scope="col">"Part"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Section>
    }
    .into_any()
}
