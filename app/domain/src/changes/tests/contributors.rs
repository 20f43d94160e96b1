//! Who counts as somebody else?

use super::*;

fn ids(numbers: &[u64]) -> BTreeSet<GithubId> {
    numbers.iter().copied().map(GithubId).collect()
}

#[test]
fn an_account_that_is_listed_for_nobody_shuts_the_gate_and_is_named() {
    let parts = [(Who::Human(GithubId(5)), Part::Triggerer), (Who::Human(GithubId(77)), Part::CoAuthor)];
    let change =
        Change { contributors: Contributors::collect(parts, &ids(&[5])), ..held() }.approved_by(1).approved_by(2);
    assert_eq!(change.contributors.unlisted, ids(&[77]));
    let Decision::Refuse(reasons) = decide_execute(&change, &people(), &policy(), now()) else { panic!("allowed") };
    assert_eq!(reasons.codes(), ["contributor_unlisted"]);
    assert!(reasons.first().sentence().contains("GitHub account 77 "), "{}", reasons.first());
    assert_eq!(codes(sign(&change, 3, SignedDecision::Approve))[0], "contributor_unlisted");
    // Saying no is nobody's to forbid.
    assert!(matches!(sign(&change, 3, SignedDecision::Reject), Decision::Allow(_)));
}

#[test]
fn a_bot_needs_no_listing_and_answers_for_nothing() {
    let bot = |part| (Who::Bot(GithubId(99)), part);
    let all = [Part::Requester, Part::LastPusher, Part::Triggerer, Part::ReRunner, Part::Author].map(bot);
    let alone = Contributors::collect(all, &ids(&[]));
    assert_eq!((alone.unknown, alone.unlisted, alone.bots), (BTreeSet::from([Part::Triggerer]), ids(&[]), ids(&[99])));
    for part in [Part::Requester, Part::LastPusher, Part::Triggerer, Part::ReRunner] {
        let led = Contributors::collect(all.into_iter().chain([(Who::Human(GithubId(5)), part)]), &ids(&[5]));
        assert!(led.unknown.is_empty(), "{part:?}");
    }
    for part in [Part::Author, Part::Committer, Part::CoAuthor, Part::PullRequestAuthor] {
        let led = Contributors::collect(all.into_iter().chain([(Who::Human(GithubId(5)), part)]), &ids(&[5]));
        assert!(!led.unknown.is_empty(), "whoever wrote it did not set it going: {part:?}");
    }
}

#[test]
fn who_asked_is_told_again_as_what_they_were() {
    let asked = [(Who::Bot(GithubId(99)), Part::Requester), (Who::Human(GithubId(5)), Part::Requester)];
    let other = [(Who::Human(GithubId(6)), Part::Author)];
    let found = Contributors::collect(asked.into_iter().chain(other), &ids(&[5, 6]));
    assert_eq!(found.requesters().collect::<Vec<_>>(), [Who::Human(GithubId(5)), Who::Bot(GithubId(99))]);
}

#[test]
fn a_second_account_of_the_signer_excludes_the_signer() {
    let change = held().contributed_by(7, Part::CoAuthor);
    let mut people = people();
    people.get_mut(&person(1)).unwrap().github_aliases = ids(&[7]);
    let against =
        |n: u64| reasons_against(&change, &people[&person(n)], &people, SignedDecision::Approve, &policy(), now());
    assert_eq!(against(1), [Reason::Contributed(vec![Part::CoAuthor])]);
    assert_eq!(against(2), []);
}

#[test]
fn more_accounts_than_an_entry_holds_shut_the_gate() {
    let many = |n: u64| Contributors::collect((1..=n).map(|n| (Who::Human(GithubId(n)), Part::Triggerer)), &ids(&[]));
    let (fits, over) = (many(500), many(501));
    assert!(fits.unknown.is_empty());
    assert_eq!((fits.known.len(), fits.unlisted.len()), (500, 500));
    assert_eq!((over.known.len(), over.unlisted.len(), over.unknown), (500, 500, BTreeSet::from([Part::CoAuthor])));
    // Of what is cut off, nothing is left in the other lists.
    let bots = Contributors::collect((1..=501).map(|n| (Who::Bot(GithubId(n)), Part::Author)), &ids(&[]));
    assert_eq!((bots.bots.len(), bots.bots.last()), (500, Some(&GithubId(500))));
}

/// Entries from before these fields existed are read as they are, and new ones without them are the same bytes.
#[test]
fn what_stands_in_old_entries_reads_the_same() {
    let old = r#"{"known":[{"github_id":"5","parts":["author"]}],"unknown":[]}"#;
    let read: Contributors = serde_json::from_str(old).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
}
