//! What would be another thing under other rules.

use super::shape::{DifferenceRow, DifferenceView, FileDifferenceView, LineView};
use crate::ui::badge::badge;
use crate::ui::text::{foreign, visible};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// Values in a table, files line by line. Whoever cannot see colours reads `+` and `−`.
pub(crate) fn difference(difference: &DifferenceView) -> impl IntoView + use<> {
    let table = (!difference.rows.is_empty()).then(|| {
        let rows = difference.rows.iter().map(row).collect_view();
        view! {
            <table class="rows rules">
                <thead>
                    <tr><th scope="col">"Value"</th><th scope="col">"In force"</th><th scope="col">"Proposed"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let files = difference.files.iter().map(file).collect_view();
    view! { {table} {files} }.into_any()
}

fn row(row: &DifferenceRow) -> impl IntoView + use<> {
    let (word, tone) = match (&row.before, &row.after) {
        (None, _) => ("Added", Tone::Warn),
        (_, None) => ("Removed", Tone::Warn),
        _ => ("Changed", Tone::Warn),
    };
    let side = |value: &Option<String>| match value {
        Some(value) => foreign(value).into_any(),
        None => view! { <span class="dim">"not there"</span> }.into_any(),
    };
    let (before, after) = (side(&row.before), side(&row.after));
    view! {
        <tr>
            <td class="cell-path"><span class="mono">{foreign(&row.place)}</span> " " {badge(word, tone)}</td>
            <td class="cell-path mono" data-label="in force">{before}</td>
            <td class="cell-path mono" data-label="proposed">{after}</td>
        </tr>
    }
    .into_any()
}

fn file(file: &FileDifferenceView) -> impl IntoView + use<> {
    let lines = file.lines.iter().map(line).collect_view();
    let cut = file.cut.then(|| {
        view! { <p class="row-note">{badge("Cut", Tone::Unknown)} " More lines differ than are shown: read the file itself."</p> }
    });
    view! {
        <h3 class="sub-title mono">{foreign(&file.name)}</h3>
        {cut}
        <pre class="diff"><code>{lines}</code></pre>
    }
    .into_any()
}

fn line(line: &LineView) -> impl IntoView + use<> {
    let (class, sign, text) = match line {
        LineView::Same(text) => ("diff-same", "  ", text.as_str()),
        LineView::Gone(text) => ("diff-gone", "− ", text.as_str()),
        LineView::New(text) => ("diff-new", "+ ", text.as_str()),
        LineView::Skipped => ("diff-skipped", "⋯", ""),
    };
    view! { <span class=class>{sign} {visible(text)} "\n"</span> }.into_any()
}
