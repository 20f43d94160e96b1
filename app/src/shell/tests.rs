use super::signin::{is_own_path, sign_in};
use super::theme::Theme;
use super::view::{account, nav_links};
use crate::samples::{HOSTILE, html, shell, words_of};

#[test]
fn the_theme_is_read_from_the_cookie() {
    assert_eq!(Theme::from_cookies("a=b; theme=dark; c=d"), Theme::Dark);
    assert_eq!(Theme::from_cookies("__Host-session=x;theme=light"), Theme::Light);
    for other in ["", "theme=", "theme=<script>", "mytheme=dark", "theme=system"] {
        assert_eq!(Theme::from_cookies(other), Theme::System, "{other}");
    }
    assert_eq!(Theme::Dark.cookie(), "theme=dark; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
}

#[test]
fn navigation_says_where_you_are_and_what_waits() {
    let links = html(|| nav_links(&shell(), "/changes/CHG-2026-000004"));
    assert_eq!(
        words_of(&links),
        "Home 2 need you Services Environments Changes Pipelines Releases Incidents People Keys Policy Audit"
    );
    assert_eq!(links.matches("aria-current=\"page\"").count(), 1);
    let (before, _) = links.split_once("aria-current").unwrap_or_default();
    assert!(before.ends_with("href=\"/changes\" "), "{links}");
}

#[test]
fn whoever_is_not_admitted_is_told_so() {
    let mut shell = shell();
    let mut me = shell.me.take().unwrap_or_else(|| unreachable!("the sample is signed in"));
    assert_eq!(words_of(&html(|| account(&me))), "Asha Rao Engineer · On call Sign out");
    me.is_admitted = false;
    me.person.name = Some(HOSTILE.to_owned());
    let shown = html(|| account(&me));
    assert!(words_of(&shown).contains("not admitted: you can look, not act"), "{shown}");
    assert!(!shown.contains("<script"), "{shown}");
}

#[test]
fn the_way_in_leads_back_to_where_one_was() {
    let shown = html(|| sign_in("/changes?state=held"));
    assert!(shown.contains("href=\"/auth/login?to=%2Fchanges%3Fstate%3Dheld\""), "{shown}");
    assert!(shown.contains("rel=\"external\""), "the router must not keep it inside the page: {shown}");
}

#[test]
fn one_comes_back_only_to_a_path_of_ours() {
    assert!(is_own_path("/") && is_own_path("/changes?state=held"));
    for elsewhere in ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\n"] {
        assert!(!is_own_path(elsewhere), "{elsewhere:?}");
    }
}
