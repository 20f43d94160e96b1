//! Requests in a list: who asks, for what, where it stands. Home and the people page show the same rows.

use super::shape::RequestRow;
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{moment, waiting};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The table.
pub(crate) fn request_rows(rows: &[RequestRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = rows.iter().map(|request| row(request, as_of)).collect_view();
    view! {
        <table class="rows requests">
            <thead>
                <tr>
                    <th scope="col">"Who, and what for"</th>
                    <th scope="col">"Where it stands"</th>
                    <th scope="col"><span class="sr-only">"Waiting"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(request: &RequestRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let yours = request.is_yours.then(|| view! { <span class="your-word">"your word"</span> });
    view! {
        <tr>
            <td class="grow">
                <a class="row-link" href=paths::request(&request.id)>
                    <b>{foreign(request.person.shown())}</b> " asks for " {visible(&request.what)}
                </a>
            </td>
            <td>{badge(&request.status.word, request.status.tone)} " " {yours}</td>
            <td class="cell-end dim">{moment(request.asked_at, waiting(request.asked_at, as_of))}</td>
        </tr>
    }
    .into_any()
}
