//! What the data protection officer is shown, and when she is asked: by what is in the files, not by their names alone.

use crate::testing::TestPortal;
use gatehouse_app::changes::data::shape::{DataChangeView, DataTold};
use gatehouse_domain::changes::data::{DataReport, FactKind, Says};
use gatehouse_domain::{ChangeNumber, Digest};
use twin::{Edit, PushRun};

const ENGINEERS: [&str; 2] = ["Engineer 1", "Engineer 2"];
const WITH_DPO: [&str; 3] = ["Engineer 1", "Engineer 2", "Data protection officer"];

fn pushing(service: &str, files: &[(&str, &str)]) -> PushRun {
    let edits = files.iter().map(|(path, text)| Edit::Write((*path).to_owned(), (*text).to_owned())).collect();
    PushRun { edits, ..PushRun::of(service, "rohandas") }
}

async fn shown(portal: &TestPortal, number: &ChangeNumber) -> DataChangeView {
    let (status, view) = portal.browser("E-1005").await.get(&format!("/api/ui/data_change?number={number}")).await;
    assert_eq!(status, 200, "{view}");
    serde_json::from_value(view).unwrap()
}

fn report(view: &DataChangeView) -> &DataReport {
    match &view.told {
        DataTold::Report(report, digest) => {
            assert_eq!(report.digest().as_str(), digest);
            report
        }
        other => panic!("no report: {other:?}"),
    }
}

fn seats(view: &DataChangeView) -> Vec<&str> {
    view.change.gate.seats.iter().map(|seat| seat.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_asks_the_dpo_by_what_is_in_it() {
    let portal = TestPortal::start().await;
    for (n, (text, asked)) in [
        ("alter table lenders add column pan_number text;", true),
        ("create index lenders_id on lenders (id);", false),
        ("do $$ begin perform 1; end $$;", true),
        ("alter table lenders add column requests_per_day integer;", false),
        ("delete from lenders;", true),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("services/score-api/migrations/1{n}_x.sql");
        let branch = format!("release/{n}");
        let push = PushRun { branch, ..pushing("score-api", &[(&path, text)]) };
        let held = portal.held_by(&push).await;
        let view = shown(&portal, &held.number).await;
        assert_eq!(seats(&view), if asked { WITH_DPO.to_vec() } else { ENGINEERS.to_vec() }, "{text}");
        assert_eq!(report(&view).personal.contains(&path), asked, "{text}");
        let because =
            view.change.gate.seats.iter().any(|seat| seat.because.contains(&format!("personal data: {path}")));
        assert_eq!(because, asked, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_of_both_versions_and_the_log_names_it() {
    let portal = TestPortal::start().await;
    let path = "services/erp-ingestion/dbt/models/schema.yml";
    let text = "version: 2\nmodels:\n  - name: retailer_features\n    meta: {purpose: [credit scoring, reminders], retention: 3 years, region: ap-southeast-1}\n    columns:\n      - {name: retailer_id, data_type: text}\n      - {name: turnover, data_type: numeric, meta: {pii: turnover}}\n";
    let held = portal.held_by(&pushing("erp-ingestion", &[(path, text)])).await;
    let view = shown(&portal, &held.number).await;
    let told = report(&view);
    assert_eq!(
        (told.leaves_india(), told.keeps_longer(), told.has_new(FactKind::Purpose)),
        (Says::Yes, Says::Yes, Says::Yes)
    );
    assert_eq!(told.has_new(FactKind::Recipient), Says::No);
    let purposes: Vec<&str> = told
        .facts
        .iter()
        .filter(|it| it.kind == FactKind::Purpose)
        .flat_map(|it| &it.come)
        .map(String::as_str)
        .collect();
    assert_eq!(purposes, ["reminders"], "what was there before is no news");
    assert!(told.moves.is_empty(), "{:?}", told.moves);

    let entries = portal.entries().await;
    let named = entries.iter().find_map(|entry| match &entry.event {
        gatehouse_domain::audit::Event::ChangeOpened(e) => e.requirement.decided.as_ref()?.data.clone(),
        _ => None,
    });
    assert_eq!(named, Some(told.digest()));

    // Her list leads her there, and nobody else.
    let (_, home) = portal.signer("E-1005").await.get("/api/ui/home").await;
    assert_eq!(home["needs_you"][0]["for_data_protection"], true, "{home}");
    let (_, home) = portal.signer("E-1001").await.get("/api/ui/home").await;
    assert_eq!(home["needs_you"][0]["for_data_protection"], false, "{home}");
}

/// Bytes under a digest that are others are no report; the page says so instead of showing them.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_lost_is_not_made_up() {
    let portal = TestPortal::start().await;
    let held = portal
        .held_by(&pushing("score-api", &[("services/score-api/migrations/9_x.sql", "drop table lenders;")]))
        .await;
    let digest = report(&shown(&portal, &held.number).await).digest();
    let other = sqlx::query("UPDATE changes_data_reports SET body = 'x'").execute(&portal.db.owner).await;
    assert!(other.is_err(), "the database itself keeps other bytes out");
    sqlx::query("DELETE FROM changes_data_reports").execute(&portal.db.owner).await.unwrap();
    assert_eq!(shown(&portal, &held.number).await.told, DataTold::Lost(digest.to_string()));
    assert_eq!(Digest::of(b"x").as_str().len(), 64);
}

/// GitHub's silence on a file is no answer: everybody is asked until it is read, and then whom it concerns.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_github_does_not_give_is_read_again() {
    let portal = TestPortal::start().await;
    portal.twin.faults().fail("github.contents", 503, 4);
    let push = pushing("score-api", &[("services/score-api/migrations/9_x.sql", "create index i on lenders (id);")]);
    let held = portal.held_by(&push).await;
    assert_eq!(seats(&shown(&portal, &held.number).await).len(), 5, "everybody");
    portal.advance(chrono::Duration::seconds(1)).await;
    portal.let_jobs_try_again().await;
    let view = shown(&portal, &held.number).await;
    assert_eq!(seats(&view), ENGINEERS);
    assert_eq!(report(&view).unsure.len(), 0);
}

/// A file of GitHub's that is no text, or too long, or a folder now, is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_long_is_named_and_asked_about() {
    let portal = TestPortal::start().await;
    let long = format!("-- {}\n", "x".repeat(300 << 10));
    let path = "services/score-api/migrations/9_long.sql";
    let held = portal.held_by(&pushing("score-api", &[(path, &long)])).await;
    let view = shown(&portal, &held.number).await;
    assert_eq!(seats(&view), WITH_DPO);
    let unsure = report(&view).unsure.first().unwrap().clone();
    assert_eq!((unsure.path.as_str(), unsure.why.as_str()), (path, "it is longer than is read"));
}

/// The page is the same change: the same signature counts, and the DPO's seat is hers alone.
#[tokio::test(flavor = "multi_thread")]
async fn two_engineers_and_the_dpo_release_a_data_pipeline() {
    let portal = TestPortal::start().await;
    let path = "services/erp-ingestion/schemas/invoice.avsc";
    let text = r#"{"type":"record","name":"Invoice","fields":[{"name":"phone","type":"string"}]}"#;
    let held = portal.held_by(&pushing("erp-ingestion", &[(path, text)])).await;
    let view = shown(&portal, &held.number).await;
    assert_eq!(seats(&view), WITH_DPO);
    assert_eq!(report(&view).touches_people(), Says::Yes);
    for engineer in ["E-1001", "E-1003"] {
        portal.signer(engineer).await.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "without the data protection officer");
    portal.signer("E-1005").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}
