//! The page for data protection, as a function of its shape.

use super::lines::{facts, moves, unsure};
use super::shape::{DataChangeView, DataTold};
use super::short::short;
use crate::changes::gate::seats;
use crate::changes::panel::{ActPanel, Panel};
use crate::changes::proof::{Proofs, alarm};
use crate::changes::signed::signed;
use crate::changes::view::head;
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{count, visible};
use gatehouse_domain::changes::data::DataReport;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// The answers, what they rest on, and the one question.
pub(crate) fn data(view: &DataChangeView, panel: Panel) -> impl IntoView + use<> {
    let change = &view.change;
    let proofs = Proofs::of(change);
    let whole = paths::change(&change.row.number);
    let told = match &view.told {
        DataTold::Nothing => nothing(),
        DataTold::Lost(_) => lost(),
        DataTold::Report(report, _) => told(report),
    };
    let digest = match &view.told {
        DataTold::Nothing => None,
        DataTold::Report(_, digest) | DataTold::Lost(digest) => Some(view! {
            <p class="hint">"The log names this report by its digest, " <span class="mono data-digest">{digest.clone()}</span></p>
        }),
    };
    view! {
        <Title text=format!("{} for data protection", change.row.number) />
        {alarm(proofs)}
        {head(change)}
        <p class="lead">"What this does to people's data, in plain words. " <a href=whole>"The whole change"</a></p>
        <div class="columns">
            // The answers first, also where there is room for one column only; then the question, then the small print.
            <div class="columns-main">{told}</div>
            <div class="columns-side">
                <Section title="The one question" id="the-question">
                    <p class="prose">"May this be done with people's data? Your signature as data protection officer says that it may. If you cannot tell, do not sign: reject it with a word of what is missing."</p>
                </Section>
                <ActPanel view=change.clone() panel />
                {seats(&change.gate, change.as_of)}
            </div>
            <div class="columns-rest">
                {signed(change, proofs)}
                {digest}
            </div>
        </div>
    }
    .into_any()
}

fn told(report: &DataReport) -> AnyView {
    let (short, moves, facts, unsure) = (short(report), moves(report), facts(report), unsure(report));
    let doubts = (!report.unsure.is_empty()).then(|| {
        let many = count(report.unsure.len(), "thing", "things");
        view! {
            <p class="row-note">{badge("Could not tell", Tone::Unknown)} " " <a href="#could-not-tell">{many} " that nobody could tell"</a></p>
        }
    });
    let files = format!("read in {}", count(report.files.len(), "file", "files"));
    view! {
        <Section title="In short" id="in-short" aside=view! { {visible(&files)} }.into_any()>{doubts} {short}</Section>
        {moves}
        {facts}
        {unsure}
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <Section title="In short" id="in-short">
            {empty(
                "No file that changes says anything about data.",
                "Gatehouse reads migrations, dbt, schemas and pipelines. The whole change says which files there are, and why you were asked.",
            )}
        </Section>
    }
    .into_any()
}

fn lost() -> AnyView {
    view! {
        <Section title="In short" id="in-short">
            <p class="row-note">{badge("Unknown", Tone::Unknown)} " The report on people's data that belongs to this change is not here any more, or is not the one that the log names. Do not sign; ask whoever runs Gatehouse."</p>
        </Section>
    }
    .into_any()
}
