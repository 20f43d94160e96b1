//! One change, as a function of its shape.

use super::gate::{seats, why_shut};
use super::lane::{emergency, lane};
use super::made::{what_changes, who_made_it};
use super::panel::{ActPanel, Panel};
use super::proof::{Proofs, alarm};
use super::rollback::{going_back, plan};
use super::rules::rules;
use super::shape::{ChangeView, TimelineRow};
use super::signed::{proved, signatures, signed};
use crate::audit::shape::AuditFilter;
use crate::paths;
use crate::policy::diff::difference;
use crate::ui::badge::badge;
use crate::ui::section::Section;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{expiry, moment, relative};
use crate::ui::timeline::{Line, timeline};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page: what stands in the way and the caller's act beside everything that is signed.
pub(crate) fn change(view: &ChangeView, panel: Panel) -> impl IntoView + use<> {
    let proofs = Proofs::of(view);
    let lines = view.timeline.iter().map(line).collect();
    // Other rules are made of no run, no commits and no files of GitHub's.
    let made = match &view.difference {
        Some(differs) => {
            let differs = difference(differs);
            view! { <Section title="What changes" id="what-changes">{differs}</Section> }.into_any()
        }
        None => what_changes(view).into_any(),
    };
    let rollback = plan(&view.rollback, &view.row.number, &view.subject_digest);
    let back = going_back(&view.rollback, &view.row.number, &view.subject_digest, panel);
    // Only where a file says something about data; whoever answers for it is led there from the list.
    let for_data = view.has_data.then(|| {
        let href = paths::data_change(&view.row.number);
        view! { <p class="row-note"><a href=href>"What this does to people's data, in plain words"</a></p> }
    });
    let entries = paths::audit(&AuditFilter { about: Some(view.row.number.clone()), ..AuditFilter::default() });
    view! {
        <Title text=format!("{} {} → {}", view.row.number, visible(&view.row.service), visible(&view.row.environment)) />
        {alarm(proofs)}
        {head(view)}
        <div class="columns">
            <div class="columns-side">
                {seats(&view.gate, view.as_of)}
                {(view.row.ended_at.is_none()).then(|| why_shut(&view.gate))}
                <ActPanel view=view.clone() panel />
                {back}
                {view.emergency.as_ref().map(|shown| emergency(shown, &view.row.number, &view.subject_digest, view.as_of, panel.emergency(), panel.done()))}
                {view.lane.as_ref().map(|in_lane| lane(in_lane, &view.row.number, &view.subject_digest, view.as_of, panel.lane(), panel.done()))}
            </div>
            <div class="columns-main">
                {for_data}
                {made}
                {view.decided.as_ref().map(rules)}
                {proved(view.decided.as_ref().map_or(&[], |it| it.wants.as_slice()), &view.verdicts, view.as_of)}
                {signed(view, proofs)}
                {who_made_it(&view.contributors)}
                {rollback}
                {signatures(&view.approvals, view.as_of, proofs)}
                <Section title="Time line" id="time-line" aside=view! { <a href=entries>"Its entries in the log"</a> }.into_any()>
                    {timeline(lines)}
                </Section>
            </div>
        </div>
    }
    .into_any()
}

pub(super) fn head(view: &ChangeView) -> impl IntoView + use<> {
    let row = &view.row;
    let end = match row.ended_at {
        Some(at) => moment(at, format!("ended {}", relative(at, view.as_of))),
        None => moment(view.expires_at, expiry(view.expires_at, view.as_of)),
    };
    view! {
        <div class="change-head">
            <span class="mono dim">{row.number.clone()}</span>
            {badge(&row.status.word, row.status.tone)}
            {row.is_marked.then(|| badge("Do not return to", Tone::Bad))}
            <span class="change-end">{end}</span>
        </div>
        <h1>{foreign(&row.service)} " → " {foreign(&row.environment)}</h1>
        <p class="lead">{foreign(&row.title)} <span class="dim">" · " {row.size.clone()}</span></p>
    }
    .into_any()
}

fn line(row: &TimelineRow) -> Line {
    Line { at: row.at, actor: row.actor.clone(), what: row.what.clone(), tone: row.tone, quote: row.quote.clone() }
}
