use super::shape::{DeploymentRow, DoraFilter, DoraView, FigureRow};
use super::view::dora;
use crate::pipelines::shape::Currency;
use crate::samples::{HOSTILE, as_of, before, html, words_of};
use chrono::Duration;
use gatehouse_domain::pipelines::dora::Figure;

fn figures(service: Option<&str>, is_known: bool) -> FigureRow {
    FigureRow {
        service: service.map(str::to_owned),
        deployments: if is_known { 14 } else { 3 },
        lead_time: if is_known { Figure::Known(5_400) } else { Figure::TooFew(3) },
        per_week_hundredths: if is_known { Figure::Known(326) } else { Figure::TooFew(3) },
        recovery_time: Figure::TooFew(1),
        fail_rate: if is_known { Figure::Known((3, 14)) } else { Figure::TooFew(3) },
        rework_rate: if is_known { Figure::Known((0, 14)) } else { Figure::TooFew(3) },
    }
}

fn view() -> DoraView {
    let one = DeploymentRow {
        run: "42".into(),
        number: Some("CHG-2026-000004".into()),
        service: "score-api".into(),
        title: HOSTILE.into(),
        deployed_at: before(Duration::days(2)),
        lead_seconds: 5_400,
        unplanned: None,
        failed: Vec::new(),
        recovery_seconds: None,
    };
    let failed = DeploymentRow {
        run: "43".into(),
        failed: vec!["its version was marked".into()],
        recovery_seconds: Some(600),
        ..one.clone()
    };
    let rework = DeploymentRow { run: "44".into(), unplanned: Some("went back".into()), ..one.clone() };
    DoraView {
        days: 30,
        chosen: figures(None, true),
        services: vec![figures(Some("score-api"), true), figures(Some("admin-service"), false)],
        names: vec!["score-api".into(), "admin-service".into()],
        deployments: vec![one, failed, rework],
        is_cut: false,
        currency: Currency::default(),
        as_of: as_of(),
    }
}

#[test]
fn five_figures_each_with_its_list_and_a_picture() {
    let html = html(|| dora(&view(), &DoraFilter::default()));
    let words = words_of(&html);
    for said in [
        "Change lead time 1 h 30 min",
        "Deployment frequency 3.2 a week",
        "Failed deployment recovery time 1 recovery is too few to say",
        "Change fail rate 3 of 14 (21 %)",
        "Deployment rework rate 0 of 14 (0 %)",
        "3 releases are too few to say",
        "its version was marked; made good after 10 min",
        "went back",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(html.matches("<circle").count(), 3);
    assert!(!html.contains("<script>") && html.contains("⟨U+202E⟩"));
    assert!(html.contains("/pipelines/dora?service=score-api&amp;days=30"), "{html}");
}

#[test]
fn where_nothing_is_known_nothing_is_a_zero() {
    let mut none = view();
    none.chosen = FigureRow {
        deployments: 0,
        lead_time: Figure::TooFew(0),
        per_week_hundredths: Figure::TooFew(0),
        recovery_time: Figure::TooFew(0),
        fail_rate: Figure::TooFew(0),
        rework_rate: Figure::TooFew(0),
        service: None,
    };
    (none.deployments, none.services) = (Vec::new(), Vec::new());
    let words = words_of(&html(move || dora(&none, &DoraFilter::default())));
    assert_eq!(words.matches("is known, so there is nothing to say").count(), 5, "{words}");
    assert!(!words.contains("0 %") && words.contains("No release is known in this time."), "{words}");
}
