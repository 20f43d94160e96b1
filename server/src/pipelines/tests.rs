//! Runs as pages show them: told by webhooks in any order, repaired by reading, quick at any number.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::store::{self, Filter};
use super::view::{list, show};
use crate::testing::{Browser, TestPortal};
use axum::http::StatusCode;
use chrono::TimeDelta;
use gatehouse_app::pipelines::shape::{RunFilter, RunPage};
use gatehouse_domain::pipelines::{RunState, StageState};
use serde_json::{Value, json};
use sqlx::Row as _;
use twin::{Fault, PushRun, RunId};

const ROHAN: &str = "rohandas";

async fn all(portal: &TestPortal) -> RunPage {
    list(&portal.ctx, RunFilter::default()).await.unwrap()
}

/// What is shown of one run.
async fn line(portal: &TestPortal, run: RunId) -> Option<(RunState, [StageState; 5], Option<String>)> {
    let page = all(portal).await;
    let row = page.rows.into_iter().find(|row| row.id == run.to_string())?;
    Some((row.state, row.stages, row.change.map(|change| change.number)))
}

fn push(portal: &TestPortal, title: &str) -> RunId {
    portal.twin.github().push_run(&PushRun { title: title.into(), ..PushRun::of("score-api", ROHAN) }).unwrap()
}

async fn tell(portal: &TestPortal, run: RunId) {
    for delivery in portal.twin.github().build_told(run).unwrap() {
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
    }
    portal.run_jobs().await;
}

use StageState::{Passed, Pending, Waiting};

#[tokio::test]
async fn a_run_appears_with_its_webhooks_and_waits_on_its_change() {
    let portal = TestPortal::start().await;
    let run = push(&portal, "Tighten lender rate limit");
    assert_eq!(line(&portal, run).await, None);
    tell(&portal, run).await;
    let waits = [Passed, Passed, Passed, Waiting, Pending];
    assert_eq!(line(&portal, run).await, Some((RunState::Waiting, waits, None)));
    let number = portal.ask(run).await;
    assert_eq!(line(&portal, run).await, Some((RunState::Waiting, waits, Some(number.to_string()))));

    let asha = Browser::sign_in(&portal, "E-1001").await;
    let (status, seen) = asha.get(&format!("/api/ui/run?run={run}")).await;
    assert_eq!(status, StatusCode::OK, "{seen}");
    let why: Vec<&str> = seen["why"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(why.iter().any(|why| why.contains("has not signed")), "{why:?}");
    assert_eq!(seen["attempts"][0]["jobs"][0]["steps"][0]["name"], "unit tests");
    // Links are built here; the payload's own point elsewhere.
    let log = seen["attempts"][0]["jobs"][0]["log"].as_str().unwrap();
    assert!(
        log.contains(&format!("/altscore/services/actions/runs/{run}/job/"))
            && !log.contains("github.altscore.example"),
        "{log}"
    );
    let (status, _) = asha.get("/api/ui/run?run=1").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn late_doubled_and_shuffled_webhooks_never_take_a_run_back() {
    let portal = TestPortal::start().await;
    let github = portal.twin.github();
    let run = push(&portal, "Tighten");
    let early = github.build_told(run).unwrap();
    github.cancel(run).unwrap();
    let late = github.build_told(run).unwrap();
    // A job's word comes first: the run is read, because nothing is known of it.
    for delivery in late.iter().rev().chain(&early).chain(&late).chain(early.iter().rev()) {
        portal.deliver(delivery).await;
        portal.run_jobs().await;
    }
    let (state, stages, _) = line(&portal, run).await.unwrap();
    assert_eq!((state, stages[4]), (RunState::Cancelled, StageState::Cancelled));

    let again = github.rerun(run, ROHAN).unwrap();
    tell(&portal, run).await;
    for delivery in early.iter().chain(&late) {
        portal.deliver(delivery).await;
        portal.run_jobs().await;
    }
    let (state, ..) = line(&portal, run).await.unwrap();
    assert_eq!((state, again), (RunState::Waiting, 2), "what is told of the first attempt is history");
    let who = Browser::sign_in(&portal, "E-1001").await.who().await;
    let view = show(&portal.ctx, &who.person, &run.to_string()).await.unwrap();
    let told: Vec<_> = view.attempts.iter().map(|attempt| (attempt.number, attempt.jobs.len())).collect();
    assert_eq!(told, [(2, 4), (1, 4)]);
}

#[tokio::test]
async fn what_never_came_is_found_by_reading_and_reading_again_is_free() {
    let portal = TestPortal::start().await;
    let github = portal.twin.github();
    let run = push(&portal, "Tighten");
    super::sweep(&portal.ctx).await.unwrap();
    let page = all(&portal).await;
    assert!(page.rows.len() > 10, "the history is there: {}", page.rows.len());
    assert!(page.currency.troubles.is_empty() && page.currency.unread.is_empty(), "{:?}", page.currency);
    assert_eq!(line(&portal, run).await.unwrap().0, RunState::Waiting);
    let failed: Vec<_> = page.rows.iter().filter(|row| row.state == RunState::Failure).collect();
    assert!(
        failed.iter().any(|row| row.title == "Batch notification templates" && row.stages[2] == StageState::Failed)
    );
    // Everything that is over is settled, and asked for no more.
    let open: i64 = sqlx::query_scalar("SELECT count(*) FROM pipelines_runs WHERE NOT settled")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap();
    assert_eq!(open, page.rows.iter().filter(|row| !row.state.is_over()).count() as i64);
    // Compared with its own history: score-api went out more than twice.
    assert!(
        page.rows.iter().any(|row| row.service == "score-api" && row.usual_seconds == Some(720 + 17 * 60)),
        "{:?}",
        page.rows[0]
    );

    let before = github.not_modified();
    super::sweep(&portal.ctx).await.unwrap();
    let free = github.not_modified() - before;
    assert!(free >= 2, "the list and the jobs of what waits: {free}");
    github.cancel(run).unwrap();
    super::sweep(&portal.ctx).await.unwrap();
    assert_eq!(line(&portal, run).await.unwrap().0, RunState::Cancelled, "no webhook told it");
}

#[tokio::test]
async fn while_github_cannot_be_read_the_last_good_data_stays_and_says_why() {
    let portal = TestPortal::start().await;
    let run = push(&portal, "Tighten");
    super::sweep(&portal.ctx).await.unwrap();
    let shown = all(&portal).await.rows;
    portal.twin.github().leave_requests(0, TimeDelta::minutes(20));
    let _ = super::sweep(&portal.ctx).await;
    super::sweep(&portal.ctx).await.unwrap_err();
    let page = all(&portal).await;
    assert_eq!(
        page.rows.iter().map(|row| &row.id).collect::<Vec<_>>(),
        shown.iter().map(|row| &row.id).collect::<Vec<_>>()
    );
    assert!(!page.currency.troubles.is_empty());
    for (name, why, since) in &page.currency.troubles {
        assert!(why.contains("GitHub asks us to wait") && since.is_some(), "{name}: {why}");
    }
    assert!(line(&portal, run).await.is_some());
}

#[tokio::test]
async fn what_is_not_ours_or_cannot_be_read_leaves_nothing() {
    let portal = TestPortal::start().await;
    let run = push(&portal, "Tighten");
    let told = portal.twin.github().build_told(run).unwrap();
    type Edit = (&'static str, fn(&mut Value));
    let edits: [Edit; 5] = [
        ("ignored", |it| it["installation"]["id"] = json!(1)),
        ("ignored", |it| it["repository"]["full_name"] = json!("mallory/services")),
        ("ignored", |it| it["workflow_run"]["path"] = json!(".github/workflows/other.yml")),
        ("unreadable", |it| it["workflow_run"]["head_sha"] = json!("HEAD")),
        ("unreadable", |it| it["workflow_run"] = json!(null)),
    ];
    for (index, (outcome, edit)) in edits.into_iter().enumerate() {
        let mut delivery = told[0].clone();
        let mut body: Value = serde_json::from_slice(&delivery.body).unwrap();
        edit(&mut body);
        delivery.guid = format!("{}-{index}", delivery.guid);
        delivery.body = serde_json::to_vec(&body).unwrap().into();
        let signature = twin::sign(&portal.twin.secrets().webhook, &delivery.body);
        for (name, value) in &mut delivery.headers {
            match name.as_str() {
                "X-GitHub-Delivery" => value.clone_from(&delivery.guid),
                "X-Hub-Signature-256" => value.clone_from(&signature),
                _ => {}
            }
        }
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
        portal.run_jobs().await;
        assert_eq!(portal.outcome(&delivery.guid).await, outcome, "{index}");
        assert_eq!(line(&portal, run).await, None, "{index}");
    }
    portal.deliver(&told[0]).await;
    portal.run_jobs().await;
    assert!(line(&portal, run).await.is_some(), "the same, as GitHub sent it");
    let kept: i64 = sqlx::query_scalar("SELECT coalesce(sum(octet_length(body)), 0)::bigint FROM github_deliveries")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap();
    assert_eq!(kept, 0, "names and addresses are not kept");
}

#[tokio::test]
async fn a_deliverys_words_are_kept_short_and_as_words() {
    let portal = TestPortal::start().await;
    let title = format!("<script>\u{202E}\u{0}{}", "x".repeat(9_000));
    let run = push(&portal, &title);
    super::sweep(&portal.ctx).await.unwrap();
    let page = all(&portal).await;
    let row = page.rows.iter().find(|row| row.id == run.to_string()).unwrap();
    assert!(row.title.starts_with("<script>\u{202E}x") && row.title.chars().count() == 300);
}

#[tokio::test]
async fn lists_are_filtered_and_turned_by_their_addresses() {
    let portal = TestPortal::start().await;
    super::sweep(&portal.ctx).await.unwrap();
    fill(&portal, 500).await;
    let of = |filter: RunFilter| {
        let ctx = portal.ctx.clone();
        async move { list(&ctx, filter).await.unwrap() }
    };
    let mut seen = Vec::new();
    let mut filter = RunFilter { service: Some("score-api".into()), ..RunFilter::default() };
    loop {
        let page = of(filter.clone()).await;
        assert!(page.rows.len() <= 50 && page.rows.iter().all(|row| row.service == "score-api"));
        seen.extend(page.rows.iter().map(|row| row.id.clone()));
        let Some(next) = page.next else { break };
        assert!(seen.len() < 1_000, "a page leads back to itself");
        filter.after = Some(next);
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM pipelines_runs WHERE service = 'score-api'")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap();
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len() as i64, distinct.len()), (count, seen.len()), "every one once");
    let one = of(RunFilter { find: Some(seen[3].clone()), ..RunFilter::default() }).await;
    assert_eq!(one.rows.iter().map(|row| &row.id).collect::<Vec<_>>(), [&seen[3]]);
    let sha = one.rows[0].head_sha[..10].to_owned();
    assert!(
        of(RunFilter { find: Some(sha.clone()), ..RunFilter::default() })
            .await
            .rows
            .iter()
            .all(|row| row.head_sha.starts_with(&sha))
    );
    for nothing in [
        RunFilter { find: Some("%".into()), ..RunFilter::default() },
        RunFilter { find: Some("' OR true --".into()), ..RunFilter::default() },
        RunFilter { state: Some("gone".into()), ..RunFilter::default() },
        RunFilter { branch: Some("no/such".into()), ..RunFilter::default() },
    ] {
        assert!(of(nothing.clone()).await.rows.is_empty(), "{nothing:?}");
    }
    let failed = of(RunFilter { state: Some("failure".into()), ..RunFilter::default() }).await;
    assert!(!failed.rows.is_empty() && failed.rows.iter().all(|row| row.state == RunState::Failure));
}

/// So many runs of the past, with four jobs each.
async fn fill(portal: &TestPortal, count: i32) {
    for sql in [
        "INSERT INTO pipelines_runs (run_id, attempt, repository_id, service, branch, head_sha, title, event, actor, phase,
             outcome, state, created_at, started_at, updated_at, busy_seconds, settled)
         SELECT 900000000000 + n, 1, 7001, (ARRAY['score-api','scoring-engine','consent-service','admin-service'])[1 + n % 4],
             CASE WHEN n % 5 = 0 THEN 'release/' || n % 50 ELSE 'main' END, substr(md5(n::text) || md5('x' || n), 1, 40),
             'Change ' || n, 'push', 'rohandas', 3, 'success',
             CASE WHEN n % 9 = 0 THEN 'failure' ELSE 'success' END,
             timestamptz '2026-11-01' - n * interval '1 minute', timestamptz '2026-11-01' - n * interval '1 minute',
             timestamptz '2026-11-01', 600 + n % 100, true
         FROM generate_series(1, $1) n",
        "INSERT INTO pipelines_jobs (run_id, attempt, job_id, name, phase, outcome, started_at, completed_at, steps)
         SELECT 900000000000 + n, 1, n * 10 + j, (ARRAY['commit','build','staging','production'])[j], 3, 'success',
             timestamptz '2026-11-01', timestamptz '2026-11-01 00:02', '[]'
         FROM generate_series(1, $1) n, generate_series(1, 4) j",
    ] {
        sqlx::query(sql).bind(count).execute(&portal.db.owner).await.unwrap();
    }
    sqlx::query("ANALYZE pipelines_runs, pipelines_jobs, changes_changes").execute(&portal.db.owner).await.unwrap();
}

/// No list sorts or reads more than a page, whatever stands in the table.
async fn plans_read_a_page_from_an_index(portal: &TestPortal) {
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let after = Some((portal.now(), 5));
    let filters = [
        Filter::default(),
        Filter { after, ..Filter::default() },
        Filter { service: Some("score-api"), after, ..Filter::default() },
        Filter { state: Some(RunState::Failure), ..Filter::default() },
        Filter { state: Some(RunState::Waiting), ..Filter::default() },
        Filter { branch: Some("release/5"), ..Filter::default() },
        Filter { service: Some("score-api"), state: Some(RunState::Failure), ..Filter::default() },
    ];
    for filter in filters {
        let rows = store::query("EXPLAIN (ANALYZE) ", &filter, 51).build().fetch_all(&mut *conn).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(
            plan.contains("Index Scan") && !plan.contains("Seq Scan") && !plan.contains("Sort"),
            "{filter:?}\n{plan}"
        );
        // Where every fourth run is a service's, reading past the others' is quicker than that service's own index.
        let removed: usize = plan
            .split("Rows Removed by Filter: ")
            .skip(1)
            .filter_map(|rest| rest.lines().next()?.trim().parse::<usize>().ok())
            .sum();
        assert!(removed < 1_000, "{filter:?}\n{plan}");
    }
}

#[tokio::test]
async fn every_list_is_read_from_an_index_and_no_further_than_a_page() {
    let portal = TestPortal::start().await;
    fill(&portal, 20_000).await;
    plans_read_a_page_from_an_index(&portal).await;
}

#[tokio::test]
#[ignore = "a quarter of a million runs take a minute to make"]
async fn a_quarter_of_a_million_runs_stay_quick() {
    let portal = TestPortal::start().await;
    fill(&portal, 100).await;
    let (few, _) = timed(&portal).await;
    sqlx::query("TRUNCATE pipelines_jobs, pipelines_runs").execute(&portal.db.owner).await.unwrap();
    fill(&portal, 250_000).await;
    plans_read_a_page_from_an_index(&portal).await;
    let (many, rows) = timed(&portal).await;
    assert_eq!(rows, 50);
    assert!(many < few * 2 + TimeDelta::milliseconds(2), "{many:?} at 250,000, {few:?} at 100");
}

/// The middle of forty, by the database's own clock.
async fn timed(portal: &TestPortal) -> (TimeDelta, usize) {
    let mut took = Vec::new();
    let mut rows = 0;
    let clock = async || -> chrono::DateTime<chrono::Utc> {
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&portal.db.owner).await.unwrap()
    };
    for _ in 0..40 {
        let start = clock().await;
        rows = all(portal).await.rows.len();
        took.push(clock().await - start);
    }
    took.sort_unstable();
    (took[20], rows)
}

#[tokio::test]
async fn the_way_of_a_question_is_not_in_the_way_of_what_is_told() {
    let portal = TestPortal::start().await;
    portal.twin.faults().arm("webhook.runs", Fault::Drop, 5);
    let run = push(&portal, "Tighten");
    let number = portal.ask(run).await;
    super::sweep(&portal.ctx).await.unwrap();
    assert_eq!(line(&portal, run).await.unwrap().2, Some(number.to_string()));
    portal.twin.faults().clear();
}
