use super::{GoBackView, LeftView, RollbackView};
use crate::changes::panel::Panel;
use crate::changes::view::change;
use crate::samples::{HOSTILE, change as whole, html, person, refused, words_of};
use crate::shape::Availability;
use leptos::prelude::Callback;

/// A plan that the machine drafted and nobody has confirmed.
pub(crate) fn drafted(sentence: String) -> RollbackView {
    RollbackView {
        sentence,
        edited_by: None,
        note: None,
        confirmed_by: None,
        plan_digest: Some("5".repeat(64)),
        to: None,
        migrations: "forward_only".to_owned(),
        targets: vec!["CHG-2026-000007".to_owned()],
        edit: Some(Availability::default()),
        confirm: Some(Availability::default()),
        go_back: None,
        left: None,
        marked_by: None,
        marked_on: None,
        mark: None,
    }
}

fn sample() -> RollbackView {
    drafted(
        "Redeploy 9b9b9b9b9b9b (commit 3f9c1d2), which production runs now. Its migrations stay in place.".to_owned(),
    )
}

fn shown(rollback: RollbackView) -> (String, String) {
    let view = crate::changes::shape::ChangeView { rollback, ..whole() };
    let html = html(|| change(&view, Panel::new(Callback::new(|()| ()))));
    let words = words_of(&html);
    (html, words)
}

#[test]
fn the_plan_says_who_stands_for_it_and_offers_to_confirm_it_without_javascript() {
    let (html, words) = shown(sample());
    assert!(words.contains("Not confirmed") && words.contains("Confirm the plan"), "{words}");
    assert!(
        html.contains("action=\"/api/ui/confirm_plan\"") && html.contains(&format!("value=\"{}\"", "5".repeat(64)))
    );
    let by = RollbackView {
        confirmed_by: Some(person("E-1001", "Asha Nair")),
        edited_by: Some(person("E-1003", HOSTILE)),
        note: Some(HOSTILE.to_owned()),
        ..sample()
    };
    let (html, words) = shown(by);
    assert!(words.contains("Confirmed by Asha Nair") && words.contains("Edited by"), "{words}");
    assert!(!html.contains("confirm_plan"), "what is confirmed is confirmed again");
    assert!(!html.contains("<script>alert"), "a person's words became markup");
}

#[test]
fn who_may_not_confirm_is_told_why() {
    let no = refused(&[("role_not_held", "You do not hold the role Engineer.")]);
    let (html, words) = shown(RollbackView { confirm: Some(no.clone()), edit: Some(no), ..sample() });
    assert!(words.contains("You do not hold the role Engineer."), "{words}");
    assert!(html.contains("aria-describedby=\"plan-why\"") && !html.contains("/api/ui/edit_plan"), "{html}");
}

#[test]
fn what_leads_back_has_one_button_that_says_what_it_undoes() {
    let back = |allowed| GoBackView { to: "CHG-2026-000001".into(), undoes: "CHG-2026-000002".into(), allowed };
    let (html, words) = shown(RollbackView { go_back: Some(back(Availability::default())), ..sample() });
    assert!(
        words.contains("This is exactly what CHG-2026-000001 released") && words.contains("does not hold it"),
        "{words}"
    );
    assert!(html.contains(">Go back<"), "{html}");
    let no = refused(&[("rollback_token_used", "The way back was used by CHG-2026-000003.")]);
    let (_, words) = shown(RollbackView { go_back: Some(back(no)), ..sample() });
    assert!(words.contains("The way back was used by CHG-2026-000003."), "{words}");
}

#[test]
fn a_release_says_what_it_left_behind_and_lets_its_version_be_marked() {
    let left = LeftView {
        to: "CHG-2026-000001".into(),
        run_url: "https://github.com/altscore/services/actions/runs/7".into(),
        used_by: None,
        void: None,
    };
    let of = RollbackView {
        left: Some(left.clone()),
        mark: Some(Availability::default()),
        edit: None,
        confirm: None,
        ..sample()
    };
    let (html, words) = shown(of.clone());
    assert!(
        words.contains("Unused One way back to CHG-2026-000001") && html.contains("/api/ui/mark_version"),
        "{words}"
    );
    let used = LeftView { used_by: Some("CHG-2026-000003".into()), ..left };
    let marked = RollbackView { left: Some(used), marked_by: Some(person("E-1004", "Sana Sheikh")), ..of };
    let (html, words) = shown(marked);
    assert!(
        words.contains("used by CHG-2026-000003") && words.contains("Do not return to said Sana Sheikh"),
        "{words}"
    );
    assert!(!html.contains("/api/ui/mark_version"), "what is marked is marked again");
}
