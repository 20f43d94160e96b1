//! Changes as rows of a table, on the home page and in the list.

use super::shape::ChangeRow;
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{moment, relative, waiting};
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// What the first column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The seat that the caller would fill.
    YourSeat,
    /// The change's state.
    Status,
}

/// The table. The number is the link, and where the focus goes with `j` and `k`; the whole row leads there.
pub(crate) fn change_rows(rows: &[ChangeRow], column: Column, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = rows.iter().map(|row| change_row(row, column, as_of)).collect_view();
    view! {
        <table class="rows change-rows">
            <colgroup><col class="col-chip" /><col class="col-number" /><col class="col-where" /><col /><col class="col-when" /></colgroup>
            <thead class="sr-only">
                <tr>
                    <th scope="col">{if column == Column::YourSeat { "Your seat" } else { "Status" }}</th>
                    <th scope="col">"Number"</th>
                    <th scope="col">"Service and environment"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"When"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn change_row(row: &ChangeRow, column: Column, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let chip = match (&row.your_seat, column) {
        (Some(seat), Column::YourSeat) => badge(seat, Tone::Accent).into_any(),
        _ => badge(&row.status.word, row.status.tone).into_any(),
    };
    let href = if row.for_data_protection { paths::data_change(&row.number) } else { paths::change(&row.number) };
    let when = match row.ended_at {
        Some(at) => moment(at, relative(at, as_of)),
        None => moment(row.opened_at, waiting(row.opened_at, as_of)),
    };
    let marked = row.is_marked.then(|| badge("Do not return to", Tone::Bad));
    let in_lane = row.lane.clone().map(|words| view! { <span class="dim">" · " {words}</span> });
    view! {
        <tr>
            <td class="cell-chip">{chip}</td>
            <td class="cell-number">
                // Somebody who hears only the link must know where it leads.
                <a class="mono row-link" data-row href=href>
                    {row.number.clone()}
                    <span class="sr-only">" " {visible(&row.service)} " to " {visible(&row.environment)}</span>
                </a>
            </td>
            <td class="cell-where"><b>{foreign(&row.service)}</b> " → " {foreign(&row.environment)}</td>
            <td class="cell-what">{foreign(&row.title)} <span class="size">" · " {row.size.clone()}</span> {in_lane} {marked}</td>
            <td class="cell-when">{when}</td>
        </tr>
    }
    .into_any()
}
