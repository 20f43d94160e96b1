#![expect(clippy::unwrap_used, reason = "tests")]

use super::shape::{DataChangeView, DataTold};
use super::view::data;
use crate::changes::panel::Panel;
use crate::samples::{HOSTILE, change as sample, html, row, words_of};
use gatehouse_domain::changes::data::{
    Column, DataReport, Dictionary, FactKind, FileVersions, Picture, Said, Step, Table,
};
use leptos::prelude::Callback;
use std::collections::{BTreeMap, BTreeSet};

fn dictionary() -> Dictionary {
    Dictionary::parse(include_str!("../../../../policies/personal-data.json")).unwrap()
}

fn picture(columns: &[&str], facts: &[(FactKind, &str)], unsure: &[&str]) -> Option<Said> {
    let columns = columns.iter().map(|name| ((*name).to_owned(), Column::default())).collect();
    let mut all: BTreeMap<(FactKind, String), BTreeSet<String>> = BTreeMap::new();
    for (kind, text) in facts {
        all.entry((*kind, "features".to_owned())).or_default().insert((*text).to_owned());
    }
    Some(Said::State(Picture {
        tables: BTreeMap::from([("retailers".to_owned(), Table { columns })]),
        facts: all,
        unsure: unsure.iter().map(|why| (*why).to_owned()).collect(),
    }))
}

fn report(before: Option<Said>, now: Option<Said>) -> DataReport {
    DataReport::of(&[FileVersions { path: "dbt/models/schema.yml".to_owned(), before, now }], Ok(&dictionary()))
}

fn shown(told: DataTold) -> String {
    let view = DataChangeView { change: sample(), told };
    html(|| data(&view, Panel::new(Callback::new(|()| ()))))
}

fn of(report: DataReport) -> String {
    let digest = report.digest().to_string();
    shown(DataTold::Report(Box::new(report), digest))
}

/// Everything is new, and the answers come before what they rest on.
#[test]
fn the_answers_come_first_then_tables_then_what_nobody_could_tell_then_one_question() {
    let before = picture(&["id"], &[(FactKind::Purpose, "scoring"), (FactKind::Retention, "18 months")], &[]);
    let now = picture(
        &["id", "phone"],
        &[
            (FactKind::Purpose, "scoring"),
            (FactKind::Purpose, "reminders"),
            (FactKind::Retention, "3 years"),
            (FactKind::Region, "ap-southeast-1"),
            (FactKind::Recipient, "Kaveri Finance"),
        ],
        &["the `bucket` of share is worked out when it runs"],
    );
    let html = of(report(before, now));
    let words = words_of(&html);
    for said in [
        "Does data leave India? Yes features: ap-southeast-1",
        "Is personal data touched? Yes Phone number: retailers.phone",
        "Is there a new purpose? Yes reminders (features)",
        "Does somebody new get it? Yes Kaveri Finance (features)",
        "Is anything kept longer? Yes features: 3 years instead of 18 months",
        "Whose data is it? Retailers",
        "A new column phone",
        "The `bucket` of share is worked out when it runs.",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let at = |id: &str| html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| unreachable!("no {id}"));
    assert!(at("in-short") < at("tables") && at("tables") < at("declared") && at("declared") < at("could-not-tell"));
    assert!(at("could-not-tell") < at("the-question") && at("the-question") < at("your-act"));
    assert_eq!(html.matches("id=\"your-act\"").count(), 1, "one question");
    assert!(html.contains("href=\"/changes/CHG-2026-000004\""), "the whole change is a link away");
    assert!(words.contains("Your key signs what stands under") && html.contains("id=\"what-is-signed\""));
}

/// *No* is said only where everything was read.
#[test]
fn no_is_never_said_while_something_could_not_be_told() {
    let quiet = of(report(picture(&["id"], &[], &[]), picture(&["id"], &[], &[])));
    assert!(words_of(&quiet).contains("Does data leave India? No Every file"), "{}", words_of(&quiet));
    assert!(!quiet.contains("could-not-tell"));
    let unsure = of(report(None, Some(Said::Unknown("it is longer than is read".to_owned()))));
    let words = words_of(&unsure);
    assert_eq!(words.matches("Could not tell What could be read does not say so").count(), 5, "{words}");
    assert!(words.contains("1 thing that nobody could tell") && words.contains("It is longer than is read"));
    assert!(!words.contains(" No Every file"), "{words}");
}

#[test]
fn nothing_and_a_lost_report_say_so() {
    assert!(words_of(&shown(DataTold::Nothing)).contains("No file that changes says anything about data."));
    let lost = words_of(&shown(DataTold::Lost("ab".repeat(32))));
    assert!(lost.contains("Do not sign") && lost.contains(&"ab".repeat(32)), "{lost}");
}

#[test]
fn whatever_stands_in_a_file_is_text() {
    let step = |column: &str| Step::ColumnRenamed {
        table: HOSTILE.to_owned(),
        column: column.to_owned(),
        to: HOSTILE.to_owned(),
    };
    let said = Said::Steps {
        steps: vec![step("phone"), Step::TableRenamed { table: HOSTILE.to_owned(), to: HOSTILE.to_owned() }],
        facts: BTreeMap::from([((FactKind::Recipient, HOSTILE.to_owned()), BTreeSet::from([HOSTILE.to_owned()]))]),
        unsure: BTreeSet::from([HOSTILE.to_owned()]),
    };
    let file = FileVersions { path: HOSTILE.to_owned(), before: None, now: Some(said) };
    let html = of(DataReport::of(&[file], Ok(&dictionary())));
    assert!(!html.contains("<script"), "markup came through");
    assert!(!html.contains('\u{202E}') && !html.contains('\u{200B}'), "a hidden character came through");
}

#[test]
fn a_row_leads_whoever_answers_for_data_to_her_page() {
    use crate::changes::rows::{Column, change_rows};
    let mut hers = row();
    hers.for_data_protection = true;
    let html = html(|| change_rows(&[hers, row()], Column::YourSeat, crate::samples::as_of()));
    assert!(html.contains("href=\"/changes/CHG-2026-000004/data\""), "{html}");
    assert!(html.contains("href=\"/changes/CHG-2026-000004\""), "everybody else is led to the change");
}
