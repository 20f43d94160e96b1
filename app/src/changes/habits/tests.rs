use super::shape::{HabitsView, LoadRow, PairRow, ReadingDot, ShareView};
use super::view::habits;
use crate::samples::{HOSTILE, as_of, before, html, person, words_of};
use chrono::Duration;

fn dot(number: &str, lines: u64, seconds: u64, is_too_quick: bool) -> ReadingDot {
    ReadingDot { number: number.to_owned(), lines, seconds, is_too_quick }
}

fn sample() -> HabitsView {
    HabitsView {
        since: before(Duration::days(90)),
        approvals: 12,
        dots: vec![dot("CHG-2026-000007", 840, 12, true), dot("CHG-2026-000008", 40, 600, false)],
        pairs: vec![PairRow {
            one: person("E-1001", "Asha Rao"),
            other: person("E-1002", HOSTILE),
            of_one: ShareView { approved: 4, all: 4 },
            of_other: ShareView { approved: 3, all: 3 },
            is_habit: true,
        }],
        load: vec![LoadRow {
            role: "Data protection officer".to_owned(),
            holders: 1,
            given: 3,
            hands: 1,
            busiest: 3,
            waiting: 2,
            usually: Some(5_400),
        }],
        as_of: as_of(),
    }
}

#[test]
fn what_is_worth_a_talk_is_said_in_words_and_drawn() {
    let html = html(|| habits(&sample()));
    let words = words_of(&html);
    for word in [
        "One was signed faster than anybody reads.",
        "840 lines, 12 s",
        "4 of 4",
        "Nearly always",
        "3 by 1 of 1; the busiest gave 3",
        "One person",
        "1 h 30 min",
    ] {
        assert!(words.contains(word), "{word} is not in {words}");
    }
    assert_eq!(html.matches("<circle").count(), 2, "{html}");
    assert!(!html.contains("<script") && !html.contains("style="), "{html}");
}

#[test]
fn nothing_known_is_said_and_not_drawn() {
    let html = html(|| habits(&HabitsView { dots: Vec::new(), pairs: Vec::new(), ..sample() }));
    let words = words_of(&html);
    assert!(words.contains("No approval's reading time is known yet.") && words.contains("Nobody approved each other"));
    assert!(!html.contains("<circle"));
}
