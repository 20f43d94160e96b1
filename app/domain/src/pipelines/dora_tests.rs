#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::dora::*;
use crate::ids::RunId;
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

fn at(hours: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap() + Duration::hours(hours)
}

fn deployed(run: u64, hours: i64, kind: Kind) -> Deployment {
    Deployment {
        run: RunId(run),
        number: None,
        service: "score-api".into(),
        committed_at: at(hours) - Duration::minutes(90),
        deployed_at: at(hours),
        kind,
        is_marked: false,
    }
}

fn incident(declared: i64, closed: Option<i64>) -> Trouble {
    Trouble {
        incident: "01939c00-0000-7000-8000-000000001401".parse().unwrap(),
        services: vec!["score-api".into()],
        declared_at: at(declared),
        closed_at: closed.map(at),
    }
}

#[test]
fn too_few_say_so_and_nothing_is_a_zero_that_means_not_known() {
    let none = figures(&[], &[], 30);
    assert_eq!((none.lead_time, none.fail_rate), (Figure::TooFew(0), Figure::TooFew(0)));
    assert_eq!((none.per_week_hundredths, none.recovery_time), (Figure::TooFew(0), Figure::TooFew(0)));
    let three: Vec<_> = (1..4).map(|n| deployed(n, n as i64, Kind::Planned)).collect();
    assert_eq!(figures(&three, &[], 30).rework_rate, Figure::TooFew(3));
}

#[test]
fn five_figures_of_a_month() {
    let mut all: Vec<_> = (0..12).map(|n| deployed(n, n as i64 * 48, Kind::Planned)).collect();
    // One went back after three hours, one was mended through the emergency lane, one is marked and stands.
    all.push(deployed(20, 48 + 3, Kind::GoingBack));
    all.push(deployed(21, 5 * 48 + 2, Kind::Emergency));
    all[11].is_marked = true;
    let troubles = [incident(5 * 48 + 1, Some(5 * 48 + 6)), incident(9 * 48 + 30, Some(9 * 48 + 31))];
    let failed = failures(&all, &troubles);
    let why: Vec<_> = failed.iter().map(|it| (it.deployment, it.causes.len(), it.recovered_at)).collect();
    assert_eq!(why, [(1, 1, Some(at(51))), (5, 1, Some(at(242))), (11, 1, None)]);
    assert_eq!(failed[0].causes, [Cause::WentBack]);
    let five = figures(&all, &failed, 28);
    assert_eq!(five.lead_time, Figure::Known(Duration::minutes(90)));
    assert_eq!(five.per_week_hundredths, Figure::Known(350));
    assert_eq!((five.fail_rate, five.rework_rate), (Figure::Known((3, 14)), Figure::Known((2, 14))));
    assert_eq!(five.recovery_time, Figure::TooFew(2), "the third is not made good");
}

#[test]
fn an_incident_is_put_down_to_what_stood_then() {
    let all = [deployed(1, 0, Kind::Planned), deployed(2, 10, Kind::Planned), deployed(3, 20, Kind::Planned)];
    let blamed = |hours, closed| failures(&all, &[incident(hours, closed)]).first().map(|it| it.deployment);
    assert_eq!((blamed(-1, None), blamed(0, None), blamed(9, None)), (None, Some(0), Some(0)));
    assert_eq!((blamed(10, None), blamed(43, None), blamed(44, None)), (Some(1), Some(2), None));
    let mut elsewhere = incident(0, None);
    elsewhere.services = vec!["admin-service".into()];
    assert!(failures(&all, &[elsewhere]).is_empty());
    let open = failures(&all, &[incident(1, Some(4)), incident(2, None)]);
    assert_eq!(open[0].recovered_at, None, "one of the two is not over");
}

proptest! {
    #[test]
    fn rates_are_parts_of_the_whole_and_order_does_not_matter(
        all in prop::collection::vec((0_i64..700, 0_u8..3, any::<bool>()), 0..30),
        declared in prop::collection::vec((0_i64..800, prop::option::of(0_i64..100)), 0..5),
        seed in any::<prop::sample::Index>(),
    ) {
        let all: Vec<_> = all.into_iter().zip(1..).map(|((hours, kind, is_marked), run)| {
            let kind = [Kind::Planned, Kind::Emergency, Kind::GoingBack][usize::from(kind)];
            Deployment { is_marked, ..deployed(run, hours, kind) }
        }).collect();
        let troubles: Vec<_> = declared.into_iter().map(|(from, long)| incident(from, long.map(|long| from + long))).collect();
        let failed = failures(&all, &troubles);
        let five = figures(&all, &failed, 30);
        for rate in [five.fail_rate, five.rework_rate] {
            match rate {
                Figure::Known((part, whole)) => prop_assert!(part <= whole && whole == all.len()),
                Figure::TooFew(count) => prop_assert!(count == all.len() && count < FEW),
            }
        }
        for failure in &failed {
            prop_assert!(!failure.causes.is_empty());
            if let Some(at) = failure.recovered_at { prop_assert!(at >= all[failure.deployment].deployed_at); }
        }
        prop_assert!(all.iter().enumerate().filter(|(_, one)| one.is_marked)
            .all(|(index, _)| failed.iter().any(|failure| failure.deployment == index)));
        let mut turned = all.clone();
        if !turned.is_empty() { let by = seed.index(turned.len()); turned.rotate_left(by); }
        let again = failures(&turned, &troubles);
        prop_assert_eq!(figures(&turned, &again, 30), five);
    }
}
