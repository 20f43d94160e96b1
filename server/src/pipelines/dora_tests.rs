//! Figures from what reached production and what followed, on a real database.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::testing::TestPortal;
use gatehouse_app::pipelines::dora::shape::{DoraFilter, DoraView};
use gatehouse_domain::pipelines::dora::Figure;

/// A run that went to production: so many hours ago, two hours after its commit.
async fn released(portal: &TestPortal, run: i64, hours: i32) {
    for sql in [
        "INSERT INTO pipelines_runs (run_id, attempt, repository_id, service, branch, head_sha, title, event, actor, phase,
             outcome, state, created_at, started_at, updated_at, busy_seconds, settled)
         SELECT $1, 1, 7001, 'score-api', 'main', repeat('a', 40), 'Release', 'push', 'rohandas', 3, 'success', 'success',
             at - interval '2 hours', at, at, 600, true FROM (SELECT gatehouse_now() - $2 * interval '1 hour' AS at) a",
        "INSERT INTO pipelines_jobs (run_id, attempt, job_id, name, phase, outcome, started_at, completed_at, steps)
         SELECT $1, 1, $1, 'production', 3, 'success', at, at, '[]'
         FROM (SELECT gatehouse_now() - $2 * interval '1 hour' AS at) a",
    ] {
        sqlx::query(sql).bind(run).bind(hours).execute(&portal.db.owner).await.unwrap();
    }
}

async fn figures(portal: &TestPortal, service: Option<&str>, days: &str) -> DoraView {
    let filter = DoraFilter { service: service.map(str::to_owned), days: Some(days.into()) };
    super::dora(&portal.ctx, filter).await.unwrap()
}

#[tokio::test]
async fn five_figures_come_from_what_reached_production_and_what_followed() {
    let portal = TestPortal::start().await;
    let none = figures(&portal, None, "30").await;
    assert_eq!((none.chosen.lead_time, none.chosen.fail_rate), (Figure::TooFew(0), Figure::TooFew(0)));
    assert!(!none.currency.unread.is_empty(), "and the page says that nothing was read yet");
    for n in 0..6 {
        released(&portal, 100 + n, 24 * (1 + i32::try_from(n).unwrap())).await;
    }
    released(&portal, 200, 24 * 40).await;
    sqlx::query(
        "INSERT INTO alerts_incidents (incident_id, severity, environment, services, title, declared_by, declared_at, closed_by, closed_at)
         SELECT '01939c00-0000-7000-8000-000000001401', 'p2', 'production', '{score-api}',
             jsonb_build_object('owner', 'E-1001', 'commitment', repeat('0', 64), 'blob', ''), 'E-1001',
             gatehouse_now() - interval '47 hours', 'E-1001', gatehouse_now() - interval '45 hours'",
    )
    .execute(&portal.db.owner)
    .await
    .unwrap();
    let view = figures(&portal, Some("score-api"), "30").await;
    assert_eq!((view.chosen.deployments, view.chosen.lead_time), (6, Figure::Known(7_200)));
    assert_eq!((view.chosen.fail_rate, view.chosen.rework_rate), (Figure::Known((1, 6)), Figure::Known((0, 6))));
    assert_eq!((view.chosen.per_week_hundredths, view.chosen.recovery_time), (Figure::Known(140), Figure::TooFew(1)));
    let failed: Vec<_> = view.deployments.iter().filter(|one| !one.failed.is_empty()).collect();
    assert_eq!(
        failed.iter().map(|one| (one.run.as_str(), one.recovery_seconds)).collect::<Vec<_>>(),
        [("101", Some(3 * 3_600))]
    );
    assert_eq!(figures(&portal, Some("score-api"), "90").await.chosen.deployments, 7);
    assert_eq!(figures(&portal, Some("admin-service"), "30").await.chosen.deployments, 0);
    let all = figures(&portal, None, "30").await;
    assert_eq!(all.chosen.deployments, 6);
    assert_eq!(all.services.iter().map(|row| row.deployments).sum::<usize>(), 6);
}
