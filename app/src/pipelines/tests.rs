#![expect(clippy::indexing_slicing, reason = "tests")]

use super::list::{heading, list};
use super::shape::{AskedFor, AttemptView, Currency, JobView, RunFilter, RunPage, RunRow, RunView, StepView};
use super::stages::duration;
use super::view::run;
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use chrono::Duration;
use gatehouse_domain::pipelines::{Outcome, Phase, RunState, StageState};
use gatehouse_domain::tone::Tone;

fn row() -> RunRow {
    RunRow {
        id: "17000000042".into(),
        attempt: 2,
        service: "score-api".into(),
        branch: "main".into(),
        head_sha: "0123456789abcdef0123456789abcdef01234567".into(),
        title: "Tighten lender rate limit".into(),
        actor: "rohandas".into(),
        state: RunState::Waiting,
        stages: [StageState::Passed, StageState::Passed, StageState::Passed, StageState::Waiting, StageState::Pending],
        took_seconds: 14 * 60,
        usual_seconds: Some(12 * 60),
        created_at: before(Duration::minutes(30)),
        change: Some(AskedFor { number: "CHG-2026-000004".into(), word: "Held".into(), tone: Tone::Warn }),
    }
}

fn page(rows: Vec<RunRow>) -> RunPage {
    let services = vec!["score-api".into(), "admin-service".into()];
    RunPage { rows, next: Some("1700-42".into()), services, currency: Currency::default(), as_of: as_of() }
}

fn view() -> RunView {
    let step = StepView {
        name: "unit tests".into(),
        phase: Phase::Completed,
        outcome: Some(Outcome::Success),
        seconds: Some(75),
    };
    let job = JobView {
        name: "commit".into(),
        stage: Some("Commit".into()),
        phase: Phase::Completed,
        outcome: Some(Outcome::Success),
        started_at: Some(before(Duration::minutes(30))),
        seconds: Some(120),
        log: "https://github.com/altscore/services/actions/runs/17000000042/job/7".into(),
        steps: vec![step],
    };
    RunView {
        row: row(),
        repository: "altscore/services".into(),
        event: "push".into(),
        href: "https://github.com/altscore/services/actions/runs/17000000042".into(),
        why: vec!["Engineer 2 has not signed.".into()],
        attempts: vec![
            AttemptView { number: 2, change: row().change, jobs: vec![job] },
            AttemptView { number: 1, change: None, jobs: Vec::new() },
        ],
        currency: Currency::default(),
        as_of: as_of(),
    }
}

#[test]
fn a_run_is_one_line_of_five_stages_in_words_and_pictures() {
    let html = html(|| list(&page(vec![row()]), &RunFilter::default()));
    let words = words_of(&html);
    for said in [
        "score-api",
        "Tighten lender rate limit",
        "main 0123456",
        "by rohandas",
        "attempt 2",
        "Commit passed Build passed Staging passed Approval waiting Production not yet",
        "14 min · 2 min longer than usual",
        "CHG-2026-000004",
        "30 min ago",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(html.contains("href=\"/pipelines/17000000042\"") && html.contains("href=\"/changes/CHG-2026-000004\""));
    assert!(html.contains("/pipelines?after=1700-42"));
    let stages = html.matches("class=\"stage ").count();
    assert_eq!((stages, html.matches("<ol class=\"stages\">").count()), (5, 1));
}

#[test]
fn strangers_words_are_words_everywhere() {
    let hostile = RunRow { title: HOSTILE.into(), branch: HOSTILE.into(), actor: HOSTILE.into(), ..row() };
    let mut one = view();
    one.attempts[0].jobs[0].name = HOSTILE.into();
    one.attempts[0].jobs[0].steps[0].name = HOSTILE.into();
    one.row = hostile.clone();
    for html in [html(move || list(&page(vec![hostile]), &RunFilter::default())), html(move || run(&one))] {
        assert!(!html.contains("<script>") && !html.contains('\u{202E}') && html.contains("⟨U+202E⟩"), "{html}");
    }
}

#[test]
fn an_empty_list_helps_and_a_filter_stays_in_the_form() {
    let none = words_of(&html(|| list(&page(Vec::new()), &RunFilter::default())));
    assert!(none.contains("There is no run yet."), "{none}");
    let filter = RunFilter {
        state: Some("waiting".into()),
        service: Some("score-api".into()),
        branch: Some("release/1".into()),
        ..RunFilter::default()
    };
    assert_eq!(heading(&filter), "Waiting runs of score-api");
    let html = html(move || list(&page(Vec::new()), &filter));
    assert!(words_of(&html).contains("No run is like that."));
    assert!(html.contains("value=\"release/1\""), "{html}");
    assert!(
        html.contains("/pipelines?service=score-api&amp;state=waiting&amp;branch=release%2F1&amp;after=1700-42"),
        "{html}"
    );
}

#[test]
fn what_could_not_be_read_is_said_with_its_age() {
    let mut page = page(vec![row()]);
    page.currency = Currency {
        troubles: vec![(
            "altscore/services".into(),
            "GitHub does not answer.".into(),
            Some(before(Duration::minutes(7))),
        )],
        unread: vec!["altscore/other".into()],
    };
    let words = words_of(&html(move || list(&page, &RunFilter::default())));
    assert!(words.contains("altscore/services : GitHub does not answer. Shown is what it said 7 min ago"), "{words}");
    assert!(words.contains("altscore/other: not read yet."), "{words}");
}

#[test]
fn a_run_says_why_it_waits_and_how_long_everything_took() {
    let html = html(|| run(&view()));
    let words = words_of(&html);
    for said in
        ["Why is it waiting?", "Engineer 2 has not signed.", "usually 12 min", "Attempt 2", "Attempt 1", "1 min"]
    {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(words.contains("No job of this attempt is known."));
    assert!(html.contains("href=\"https://github.com/altscore/services/actions/runs/17000000042/job/7\""));
    assert!(html.contains("/changes/CHG-2026-000004#what-changes"));
    let mut alone = view();
    (alone.row.change, alone.why) = (None, Vec::new());
    assert!(words_of(&super::tests::html(move || run(&alone))).contains("has not asked Gatehouse"));
    let mut over = view();
    over.row.state = RunState::Success;
    assert!(!words_of(&super::tests::html(move || run(&over))).contains("Why is it waiting?"));
}

#[test]
fn a_duration_is_compared_only_with_what_is_known() {
    assert_eq!(duration(0, None, RunState::Queued), "not begun");
    assert_eq!(duration(600, None, RunState::Success), "10 min");
    assert_eq!(duration(600, Some(1200), RunState::Success), "10 min · 10 min shorter than usual");
    assert_eq!(duration(600, Some(1200), RunState::Failure), "10 min");
    assert_eq!(duration(600, Some(1200), RunState::Running), "10 min");
}
