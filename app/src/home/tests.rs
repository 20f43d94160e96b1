use super::shape::HomeView;
use super::view::{heading, home, lead};
use crate::samples::{HOSTILE, as_of, html, request, row, words_of};

fn view(needs_you: usize, waiting: usize) -> HomeView {
    HomeView {
        needs_you: vec![row(); needs_you],
        endorse: Vec::new(),
        waiting: vec![row(); waiting],
        recent: Vec::new(),
        as_of: as_of(),
    }
}

#[test]
fn the_heading_is_the_answer() {
    assert_eq!(
        [0, 1, 2, 11].map(heading),
        ["Nothing needs you", "One thing needs you", "Two things need you", "11 things need you"]
    );
}

#[test]
fn the_sentence_under_it_says_what_else_is_going_on() {
    assert_eq!(lead(&view(0, 0)), "No change is held: every promotion that GitHub asked about has its answer.");
    assert_eq!(lead(&view(2, 0)), "Nothing else is held.");
    assert_eq!(lead(&view(1, 1)), "One change waits for somebody else.");
    assert_eq!(lead(&view(0, 3)), "Three changes wait for others.");
}

#[test]
fn what_needs_you_comes_first_with_your_seat() {
    let shown = words_of(&html(|| home(&view(1, 1))));
    let (yours, others) = (shown.find("Engineer 2").unwrap_or(usize::MAX), shown.find("Waits for others").unwrap_or(0));
    assert!(yours < others, "{shown}");
    assert!(shown.contains("waiting 2 h 14 min") && shown.contains("3 commits, 6 files"), "{shown}");
}

#[test]
fn an_empty_home_says_what_would_appear() {
    let shown = words_of(&html(|| home(&view(0, 0))));
    assert!(shown.contains("Nothing has ended yet.") && !shown.contains("Needs you"), "{shown}");
}

#[test]
fn a_hostile_title_is_text() {
    let mut view = view(1, 0);
    view.needs_you.iter_mut().for_each(|row| row.title = HOSTILE.to_owned());
    let shown = html(|| home(&view));
    assert!(!shown.contains("<script") && shown.contains("⟨U+202E⟩"), "{shown}");
}

#[test]
fn a_request_for_your_word_is_one_thing_that_needs_you() {
    let view = HomeView { endorse: vec![request().row], ..view(1, 0) };
    let shown = words_of(&html(|| home(&view)));
    assert!(shown.contains("Two things need you") && shown.contains("Nikhil Joshi asks for a security key"), "{shown}");
}
