//! The lane on a change's page: who is before it, who waits behind, and ending an older one for this one.

use super::act::{Words, carry_out};
use super::shape::{InLaneRow, LaneView, LaneWish};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::live::Live;
use crate::ui::section::Section;
use crate::ui::time::{moment, waiting};
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// The lane. `number` and `subject` are the change whose page this is; `words` outlives it; `after` reads it again.
pub(crate) fn lane(
    lane: &LaneView,
    number: &str,
    subject: &str,
    as_of: DateTime<Utc>,
    words: Words,
    after: Callback<()>,
) -> impl IntoView + use<> {
    let Words { why, progress } = words;
    let newer = (number.to_owned(), subject.to_owned());
    let act = Callback::new(move |(older, older_subject): (String, String)| {
        let (newer, newer_subject) = newer.clone();
        let said = why.get_untracked().trim().to_owned();
        let wish = LaneWish::Supersede { older, older_subject, newer, newer_subject, why: said };
        carry_out(wish, progress, move |is_done| {
            if is_done {
                why.set(String::new());
                after.run(());
            }
        });
    });
    let busy = Signal::derive(move || progress.read().is_busy());
    let may_any = lane.rows.iter().any(|row| row.supersede.as_ref().is_some_and(|(_, may)| may.is_allowed()));
    let rows = lane.rows.iter().enumerate().map(|(place, row)| one(row, place, as_of, busy, act)).collect_view();
    let field = may_any.then(|| {
        view! {
            <div class="field">
                <label for="supersede-why">"Why this one takes an older one's place"</label>
                <input id="supersede-why" type="text" maxlength="500" prop:value=move || why.get() on:input:target=move |event| why.set(event.target().value()) />
                <span class="hint">"It is signed with both changes as they stand here. The older run is rejected at GitHub."</span>
            </div>
        }
    });
    view! {
        <Section title="In the lane" id="in-the-lane">
            <p class="hint">"Changes of one service to one environment go one at a time; whichever is released first moves what the others are compared with, and their approvals fall."</p>
            <ol class="stops">{rows}</ol>
            {field}
            <Live progress />
        </Section>
    }
    .into_any()
}

fn one(
    row: &InLaneRow,
    place: usize,
    as_of: DateTime<Utc>,
    busy: Signal<bool>,
    act: Callback<(String, String)>,
) -> impl IntoView + use<> {
    let (word, tone) = match (place, row.is_executing) {
        (_, true) => ("Answering GitHub", Tone::Running),
        (0, false) => ("Holds the lane", Tone::Accent),
        (_, false) => ("Behind", Tone::Neutral),
    };
    let name = if row.is_this {
        view! { <b class="mono">{row.number.clone()}</b> <span class="dim">" this one"</span> }.into_any()
    } else {
        view! { <a class="mono" href=paths::change(&row.number)>{row.number.clone()}</a> }.into_any()
    };
    let end = row.supersede.as_ref().map(|(subject, may)| {
        let (older, subject, refused) = (row.number.clone(), subject.clone(), may.reasons.clone());
        let on_act = Callback::new(move |()| act.run((older.clone(), subject.clone())));
        view! { <Act label="Take its place" weight=Weight::Danger refused busy on_act /> }
    });
    view! {
        <li class="stop">
            <div class="signature-head">{badge(word, tone)} {name} <span class="dim">{moment(row.since, waiting(row.since, as_of))}</span></div>
            {end}
        </li>
    }
    .into_any()
}
