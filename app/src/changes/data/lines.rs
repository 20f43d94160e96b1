//! What becomes of tables, of what is declared, and what could not be told: a line each, with its file.

use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, count, foreign, visible};
use gatehouse_domain::changes::data::{DataReport, FactChange, Move, Step};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// A step in plain words; the table stands above it.
pub(crate) fn words(step: &Step) -> String {
    match step {
        Step::TableComes { .. } => "A new table".to_owned(),
        Step::TableGoes { .. } => "The table is removed, with everything in it".to_owned(),
        Step::TableRenamed { to, .. } => format!("It is called {to} from now on"),
        Step::ColumnComes { column, kind, .. } if kind.is_empty() => format!("A new column {column}"),
        Step::ColumnComes { column, kind, .. } => format!("A new column {column}, which holds: {kind}"),
        Step::ColumnGoes { column, .. } => format!("Column {column} is removed, with what is in it"),
        Step::ColumnRenamed { column, to, .. } => format!("Column {column} is called {to} from now on"),
        Step::ColumnRetyped { column, from: Some(from), to, .. } if from == to => {
            format!("Column {column} is declared to hold another kind of data")
        }
        Step::ColumnRetyped { column, from: Some(from), to, .. } => {
            format!("Column {column} holds {to} instead of {from}")
        }
        Step::ColumnRetyped { column, from: None, to, .. } => format!("Column {column} holds {to} from now on"),
        Step::RowsRewritten { column, .. } => format!("Values of {column} are written anew"),
    }
}

/// Tables and columns, table by table.
pub(crate) fn moves(report: &DataReport) -> impl IntoView + use<> {
    let tables: BTreeSet<&str> = report.moves.iter().map(|it| it.step.table()).collect();
    let one = |table: &str| {
        let rows = report.moves.iter().filter(|it| it.step.table() == table).map(row).collect_view();
        view! {
            <h3 class="sub-title">"Table " <b>{foreign(table)}</b></h3>
            <table class="rows data-moves">
                <thead class="sr-only">
                    <tr><th scope="col">"What"</th><th scope="col">"Personal data"</th><th scope="col">"File"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    };
    let list = tables.into_iter().map(one).collect_view();
    let nothing = report.moves.is_empty().then(|| {
        empty(
            "No table or column comes, goes or becomes another.",
            "As far as could be read; what could not is listed below.",
        )
    });
    view! { <Section title="Tables and columns" id="tables">{list} {nothing}</Section> }.into_any()
}

fn row(it: &Move) -> impl IntoView + use<> {
    let classes = it.classes.iter().map(|class| badge(&visible(class), Tone::Warn)).collect_view();
    view! {
        <tr>
            <td class="data-what"><bdi>{visible(&words(&it.step))}</bdi></td>
            <td>{classes}</td>
            <td class="cell-path mono dim">{foreign(&it.path)}</td>
        </tr>
    }
    .into_any()
}

/// Purposes, terms, recipients and regions that are others than before.
pub(crate) fn facts(report: &DataReport) -> impl IntoView + use<> {
    let rows = report.facts.iter().map(fact).collect_view();
    let table = (!report.facts.is_empty()).then(|| {
        view! {
            <table class="rows data-facts">
                <thead><tr><th scope="col">"What"</th><th scope="col">"Of"</th><th scope="col">"Before"</th><th scope="col">"From now on"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let nothing = report
        .facts
        .is_empty()
        .then(|| empty("Purposes, terms, recipients and regions are what they were.", "As far as files declare them."));
    view! { <Section title="Purpose, retention, recipients, regions" id="declared">{table} {nothing}</Section> }
        .into_any()
}

fn fact(it: &FactChange) -> impl IntoView + use<> {
    let list = |texts: &BTreeSet<String>, nothing: &'static str| match texts.is_empty() {
        true => view! { <span class="dim">{nothing}</span> }.into_any(),
        false => texts.iter().map(|text| view! { <div>{foreign(text)}</div> }).collect_view().into_any(),
    };
    view! {
        <tr>
            <td>{capital(&it.kind.to_string())}</td>
            <td>{foreign(&it.of)} <div class="cell-path mono dim">{foreign(&it.path)}</div></td>
            <td>{list(&it.gone, "not said")}</td>
            <td>{list(&it.come, "no longer said")}</td>
        </tr>
    }
    .into_any()
}

/// What nobody could tell: never passed over, and asked of a person.
pub(crate) fn unsure(report: &DataReport) -> impl IntoView + use<> {
    let rows = report.unsure.iter().map(|it| {
        view! { <li><b class="mono">{foreign(&it.path)}</b> <div><bdi>{visible(&capital(&it.why))}"."</bdi></div></li> }
    });
    let rows = rows.collect_view();
    let many = count(report.unsure.len(), "thing", "things");
    (!report.unsure.is_empty())
        .then(|| {
            view! {
                <Section title="Could not tell" id="could-not-tell" aside=view! { {many} }.into_any()>
                    <div class="data-unsure">
                        <p>{badge("Could not tell", Tone::Unknown)} " Gatehouse read these files and does not know what they mean for people's data. Ask whoever made the change before you sign."</p>
                        <ul>{rows}</ul>
                    </div>
                </Section>
            }
        })
        .into_any()
}
