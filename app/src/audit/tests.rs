use super::shape::AuditFilter;
use super::view::{audit, heading};
use crate::samples::{HOSTILE, audit as sample, html, words_of};

fn filter(act: Option<&str>, actor: Option<&str>, about: Option<&str>) -> AuditFilter {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    AuditFilter { act: owned(act), actor: owned(actor), about: owned(about), ..AuditFilter::default() }
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
fn a_span_of_time_is_in_the_heading() {
    let since = AuditFilter { since: Some("2026-11-22".to_owned()), ..filter(Some("people.met"), None, None) };
    assert_eq!(heading(&since), "Every people.met since 2026-11-22 UTC");
    let both = AuditFilter { until: Some("2026-11-23".to_owned()), ..since };
    assert_eq!(heading(&both), "Every people.met from 2026-11-22 until 2026-11-23 UTC");
}

#[test]
fn an_empty_page_says_which_filter_left_nothing_and_how_to_leave_each_out() {
    let mut page = sample();
    page.rows.clear();
    let wanted = AuditFilter {
        since: Some("2026-11-22".to_owned()),
        before: Some("9-1".to_owned()),
        ..filter(Some("people.met"), Some("E-1001"), None)
    };
    let html = html(|| audit(&page, &wanted));
    assert!(
        words_of(&html).contains("No entry is all of this: act people.met leave out act people.met by E-1001 leave out by E-1001 from 2026-11-22 leave out from 2026-11-22 older than 9-1 leave out older than 9-1 Show everything"),
        "{}",
        words_of(&html)
    );
    assert!(
        html.contains("href=\"/audit?act=people.met&amp;since=2026-11-22\""),
        "without the actor, from the newest: {html}"
    );
    page.unclear = Some("“From” is no moment.".to_owned());
    assert!(words_of(&crate::samples::html(|| audit(&page, &wanted))).contains("“From” is no moment."));
}

#[test]
fn people_are_offered_by_name_and_found_by_id() {
    let html = html(|| audit(&sample(), &filter(None, Some("E-1001"), None)));
    assert!(words_of(&html).contains("Everything that happened by Asha Rao"), "{}", words_of(&html));
    assert!(html.contains("<datalist id=\"actors\"><option value=\"E-1001\">Asha Rao</option>"), "{html}");
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
