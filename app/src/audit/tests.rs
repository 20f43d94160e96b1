use super::shape::AuditFilter;
use super::view::{audit, heading};
use crate::samples::{HOSTILE, audit as sample, html, words_of};

fn filter(act: Option<&str>, actor: Option<&str>, about: Option<&str>) -> AuditFilter {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    AuditFilter { act: owned(act), actor: owned(actor), about: owned(about), before: None }
}

#[test]
fn the_heading_says_what_is_shown() {
    assert_eq!(heading(&AuditFilter::default()), "Everything that happened");
    assert_eq!(
        heading(&filter(Some("changes.approved"), Some("E-1001"), Some("CHG-2026-000004"))),
        "Every changes.approved by E-1001 about CHG-2026-000004"
    );
}

#[test]
fn every_entry_has_its_exact_bytes_and_leaf_hash() {
    let page = sample();
    let html = html(|| audit(&page, &AuditFilter::default()));
    assert_eq!(html.matches("<details").count(), page.rows.len());
    for row in &page.rows {
        assert!(words_of(&html).contains(&row.leaf_hash));
        assert!(
            html.contains(&row.bytes.replace('"', "&quot;")) || words_of(&html).contains(&row.bytes),
            "{}",
            row.bytes
        );
    }
}

#[test]
fn older_entries_keep_the_filter() {
    let html = html(|| audit(&sample(), &filter(None, Some("github"), None)));
    assert!(html.contains("href=\"/audit?actor=github&amp;before=810\""), "{html}");
    assert!(html.contains("value=\"github\""), "{html}");
}

#[test]
fn hostile_words_are_text() {
    let mut page = sample();
    page.rows.iter_mut().for_each(|row| {
        row.what = HOSTILE.to_owned();
        row.actor = HOSTILE.to_owned();
        row.bytes = HOSTILE.to_owned();
    });
    let html = html(|| audit(&page, &filter(Some(HOSTILE), Some("\"><script>"), None)));
    assert!(!html.contains("<script") && !html.contains('\u{202E}'), "{html}");
}
