//! The registry's page over the real client, the twin's registry and a real database.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{look, view};
use crate::testing::{Held, TestPortal};
use gatehouse_app::pipelines::releases::shape::{ImageRow, ReleaseFilter, ReleasesView};
use std::collections::BTreeSet;

const REPOSITORY: &str = "altscore/score-api";

fn of_score_api() -> ReleaseFilter {
    ReleaseFilter { service: Some("score-api".to_owned()), ..ReleaseFilter::default() }
}

fn only(word: &str) -> ReleaseFilter {
    ReleaseFilter { only: Some(word.to_owned()), ..of_score_api() }
}

async fn shown(portal: &TestPortal, filter: &ReleaseFilter) -> ReleasesView {
    view(&portal.ctx, filter).await.unwrap()
}

async fn looked(portal: &TestPortal, filter: &ReleaseFilter) -> ReleasesView {
    look(&portal.ctx).await.unwrap();
    shown(portal, filter).await
}

async fn released(portal: &TestPortal) -> Held {
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let held = portal.held("score-api", "rohandas").await;
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    held
}

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

fn row(page: &ReleasesView, digest: &str) -> ImageRow {
    page.rows.iter().find(|row| row.digest == digest).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_says_what_the_registry_and_the_changes_say_of_it() {
    let portal = TestPortal::start().await;
    let bare = shown(&portal, &of_score_api()).await;
    assert!(bare.rows.is_empty() && bare.repositories.len() == 1 && bare.repositories[0].as_of.is_none());
    let ecr = portal.twin.ecr();
    ecr.push_image(REPOSITORY, "v1", &digest('a'));
    ecr.set_findings(REPOSITORY, &digest('a'), &[("CVE-1", "LOW"), ("CVE-2", "CRITICAL"), ("CVE-3", "LOW")]);
    ecr.push_image(REPOSITORY, "v2", &digest('b'));
    ecr.set_scan(REPOSITORY, &digest('b'), "FAILED");
    let page = looked(&portal, &of_score_api()).await;
    assert_eq!((page.repositories[0].as_of, &page.repositories[0].trouble), (Some(page.as_of), &None));
    let image = row(&page, &digest('a'));
    let told = (image.services, image.tags, image.scan.word, image.fate.word);
    let expected = (vec!["score-api".to_owned()], vec!["v1".to_owned()], "Scanned", "Never deployed");
    assert_eq!((told.0, told.1, told.2.as_str(), told.3.as_str()), expected);
    assert_eq!(image.findings, [("CRITICAL".to_owned(), 1), ("LOW".to_owned(), 2)]);
    assert!(image.size.unwrap().ends_with(" MB") && image.scanned_at.is_some());
    assert_eq!(row(&page, &digest('b')).scan.word, "Scan failed");
    let unscanned: Vec<_> = shown(&portal, &only("unscanned")).await.rows.into_iter().map(|row| row.digest).collect();
    assert_eq!(unscanned, [digest('b')]);
    // What production runs was let out before there was a portal.
    let running = page.rows.iter().filter(|row| row.fate.word == "Runs, released by no change").count();
    assert_eq!(running, 1, "{page:?}");
    // A change lets one out.
    let held = released(&portal).await;
    let page = looked(&portal, &of_score_api()).await;
    let released: Vec<_> = page.rows.iter().filter_map(|row| row.released.clone()).collect();
    assert_eq!(released.len(), 1, "{page:?}");
    assert_eq!(released[0].0, held.number.to_string());
    let never = shown(&portal, &only("never")).await.rows;
    assert!(never.iter().all(|row| row.fate.word == "Never deployed") && never.len() >= 2);
    assert!(never.iter().all(|row| row.released.is_none() && row.runs_in.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moves_is_noticed_and_one_that_goes_is_not_called_moved() {
    let portal = TestPortal::start().await;
    let ecr = portal.twin.ecr();
    ecr.push_image(REPOSITORY, "v1", &digest('a'));
    ecr.push_image(REPOSITORY, "v2", &digest('c'));
    assert!(looked(&portal, &only("moved")).await.rows.is_empty());
    ecr.move_tag(REPOSITORY, "v1", &digest('b')).unwrap();
    ecr.remove_tag(REPOSITORY, "v2");
    let page = looked(&portal, &only("moved")).await;
    let digests: BTreeSet<_> = page.rows.iter().map(|row| row.digest.clone()).collect();
    assert_eq!(digests, BTreeSet::from([digest('a'), digest('b')]));
    assert_eq!((row(&page, &digest('a')).lost, row(&page, &digest('a')).taken), (vec!["v1".to_owned()], vec![]));
    assert_eq!((row(&page, &digest('b')).lost, row(&page, &digest('b')).taken), (vec![], vec!["v1".to_owned()]));
    // It comes back: both were named, so both have it said.
    ecr.move_tag(REPOSITORY, "v1", &digest('a')).unwrap();
    let page = looked(&portal, &only("moved")).await;
    assert_eq!(row(&page, &digest('a')).tags, ["v1"]);
    assert_eq!(
        (row(&page, &digest('a')).taken, row(&page, &digest('b')).lost),
        (vec!["v1".to_owned()], vec!["v1".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_left_what_a_change_let_out_has_moved_though_nobody_saw_it_there() {
    let portal = TestPortal::start().await;
    let held = released(&portal).await;
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    let was = portal.twin.ecr().digest(REPOSITORY, &sha).unwrap();
    // The registry was never read while the tag was where the change found it.
    portal.twin.ecr().move_tag(REPOSITORY, &sha, &digest('e')).unwrap();
    let page = looked(&portal, &only("moved")).await;
    assert_eq!(row(&page, &was).lost, std::slice::from_ref(&sha));
    // The note of the change is a past one from the first look on; the next look knows both.
    let page = looked(&portal, &only("moved")).await;
    assert_eq!(row(&page, &digest('e')).taken, [sha]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_silent_keeps_its_last_good_data_and_says_why() {
    let portal = TestPortal::start().await;
    portal.twin.ecr().push_image(REPOSITORY, "v1", &digest('a'));
    let good = looked(&portal, &of_score_api()).await;
    portal.twin.ecr().push_image(REPOSITORY, "v2", &digest('b'));
    for (status, says) in [(503, "did not answer"), (429, "asks Gatehouse to wait"), (403, "refused")] {
        portal.twin.faults().fail("ecr.list", status, 100);
        let page = looked(&portal, &of_score_api()).await;
        portal.twin.faults().clear();
        assert_eq!(page.rows, good.rows, "{status}");
        assert_eq!(page.repositories[0].as_of, good.repositories[0].as_of);
        assert!(page.repositories[0].trouble.as_deref().unwrap().contains(says), "{page:?}");
    }
    let page = looked(&portal, &of_score_api()).await;
    assert_eq!((page.rows.len(), &page.repositories[0].trouble), (good.rows.len() + 1, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_double() {
    let portal = TestPortal::start().await;
    for number in 0..120 {
        // Many at one moment: the place in the list is more than a time.
        portal.twin.ecr().push_image(REPOSITORY, &format!("v{number}"), &format!("sha256:{number:064x}"));
    }
    let (mut all, mut filter) = (Vec::new(), of_score_api());
    look(&portal.ctx).await.unwrap();
    loop {
        let page = shown(&portal, &filter).await;
        assert!(page.rows.len() <= 50);
        all.extend(page.rows.into_iter().map(|row| (row.pushed_at, row.digest)));
        let Some(next) = page.next else { break };
        filter.after = Some(next);
    }
    let one = all.iter().collect::<BTreeSet<_>>().len();
    assert!(all.len() >= 120 && one == all.len(), "{} of {}", one, all.len());
    assert!(all.is_sorted_by(|a, b| a > b));
    // A place that is none is the beginning.
    let odd = ReleaseFilter { after: Some("x.y".to_owned()), ..of_score_api() };
    assert_eq!(shown(&portal, &odd).await.rows.len(), 50);
    let unknown = ReleaseFilter { service: Some("no-such".to_owned()), ..ReleaseFilter::default() };
    assert!(shown(&portal, &unknown).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_gone_stays_and_says_so() {
    let portal = TestPortal::start().await;
    portal.twin.ecr().push_image(REPOSITORY, "v1", &digest('a'));
    assert_eq!(row(&looked(&portal, &of_score_api()).await, &digest('a')).gone_at, None);
    portal.twin.ecr().delete_image(REPOSITORY, &digest('a'));
    let page = looked(&portal, &of_score_api()).await;
    assert_eq!(row(&page, &digest('a')).gone_at, Some(page.as_of));
    assert!(row(&page, &digest('a')).tags.is_empty());
}
