//! What waits before it counts, case by case and by property.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::endorse::{decide_ask_key, decide_endorse, decide_withdraw, permit_expire, permit_fall, reasons_against};
use super::events::{EndorsementFell, FounderCodeIssued, KeyAsked, Proof, Refounded};
use super::founding::{decide_found, decide_refound};
use super::request::{Ended, Endorsement, Request, Stand, Wanted};
use super::roles::{permit_roles_moved, permit_roles_trusted};
use super::{Role, Signer};
use crate::act::{Act, SignedDecision};
use crate::audit::Event;
use crate::decision::{Decision, Permit};
use crate::ids::{Digest, KeyId, PersonId, RequestId};
use crate::personal::{Personal, SealRandomness};
use crate::webauthn::PublicKey;
use chrono::{DateTime, Duration, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()
}

fn person(n: u64) -> PersonId {
    format!("E-{n}").parse().unwrap()
}

fn key(n: u64) -> KeyId {
    format!("01890000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn id(n: u64) -> RequestId {
    format!("01890000-0000-7000-9000-{n:012}").parse().unwrap()
}

fn engineer(n: u64) -> Signer {
    Signer {
        person: person(n),
        is_admitted: true,
        admitted_roles: BTreeSet::from([Role::Engineer]),
        group_roles: BTreeSet::from([Role::Engineer]),
        waiting_roles: BTreeSet::new(),
        facts_at: Some(now()),
        github_id: None,
        github_aliases: BTreeSet::new(),
        active_keys: BTreeSet::from([key(n)]),
    }
}

fn wanted() -> Wanted {
    Wanted::Key {
        request: id(1),
        person: person(9),
        key: key(9),
        credential_id: "AAAA".to_owned(),
        public_key: PublicKey::Ed25519 { x: [9; 32] },
        roles: vec![Role::Engineer],
    }
}

/// E-9 asks for a key; these have endorsed it.
fn request(endorsed_by: &[u64]) -> Request {
    let wanted = wanted();
    Request {
        digest: wanted.digest().unwrap(),
        wanted,
        asked_at: now(),
        endorsements: endorsed_by
            .iter()
            .map(|n| Endorsement { endorser: person(*n), key: key(*n), signed_at: now() })
            .collect(),
        counts_from: (endorsed_by.len() >= 2).then(|| now() + Duration::hours(24)),
        ended: None,
    }
}

fn proof(n: u64) -> Proof {
    Proof {
        key: key(n),
        act: String::new(),
        client_data_json: String::new(),
        authenticator_data: String::new(),
        signature: String::new(),
    }
}

fn say(request: &Request, by: &Signer, decision: SignedDecision, at: DateTime<Utc>) -> Decision {
    let n = by.person.as_str()[2..].parse().unwrap();
    decide_endorse(request, by, decision, request.digest.clone(), proof(n), at)
}

fn codes(decision: Decision) -> Vec<String> {
    match decision {
        Decision::Refuse(reasons) => reasons.codes(),
        Decision::Allow(permit) => panic!("allowed: {permit:?}"),
    }
}

fn events(decision: Decision) -> Vec<Event> {
    match decision {
        Decision::Allow(permit) => permit.into_parts().0,
        Decision::Refuse(reasons) => panic!("refused: {:?}", reasons.codes()),
    }
}

fn endorse(request: &Request, by: u64) -> Decision {
    say(request, &engineer(by), SignedDecision::Approve, now())
}

#[test]
fn the_second_yes_says_from_when_it_counts_and_the_first_does_not() {
    let [Event::Endorsed(first)] = &events(endorse(&request(&[]), 1))[..] else { panic!() };
    assert_eq!(first.counts_from, None);
    let [Event::Endorsed(second)] = &events(endorse(&request(&[1]), 2))[..] else { panic!() };
    assert_eq!(second.counts_from, Some(now() + Duration::hours(24)));
}

#[test]
fn it_counts_after_exactly_24_hours() {
    let request = request(&[1, 2]);
    let from = now() + Duration::hours(24);
    assert_eq!(request.stand(from - Duration::seconds(1)), Stand::Waits { counts_from: from });
    assert_eq!(request.stand(from), Stand::Counts);
}

#[test]
fn a_request_that_nobody_endorsed_in_seven_days_is_over() {
    let one = request(&[1]);
    let end = now() + Duration::days(7);
    assert_eq!(one.stand(end - Duration::seconds(1)), Stand::Asked { endorsed: 1 });
    assert!(permit_expire(&one, end - Duration::seconds(1)).is_none());
    assert_eq!(one.stand(end), Stand::Ended(Ended::Expired));
    assert!(permit_expire(&one, end).is_some());
    let fresh = Signer { facts_at: Some(end), ..engineer(2) };
    assert_eq!(codes(say(&one, &fresh, SignedDecision::Approve, end)), ["request_ended"]);
    assert!(permit_expire(&request(&[1, 2]), end).is_none(), "it counts since");
    assert!(permit_expire(&Request { ended: Some(Ended::Expired), ..one }, end).is_none(), "once");
}

#[test]
fn nobody_endorses_themselves_or_twice() {
    assert_eq!(codes(endorse(&request(&[]), 9)), ["endorses_self"]);
    assert_eq!(codes(endorse(&request(&[1]), 1)), ["already_signed"]);
    assert_eq!(codes(endorse(&request(&[1, 2]), 3)), ["request_complete"]);
}

#[test]
fn an_endorser_is_admitted_has_a_key_of_their_own_that_counts_and_a_role_that_signs() {
    let yes = |signer: &Signer| codes(say(&request(&[]), signer, SignedDecision::Approve, now()));
    assert_eq!(yes(&Signer { is_admitted: false, ..engineer(1) }), ["not_admitted"]);
    assert_eq!(yes(&Signer { active_keys: BTreeSet::new(), ..engineer(1) }), ["no_key"]);
    assert_eq!(yes(&Signer { active_keys: BTreeSet::from([key(2)]), ..engineer(1) }), ["key_not_active"]);
    assert_eq!(
        yes(&Signer { waiting_roles: BTreeSet::from([Role::Engineer]), ..engineer(1) }),
        ["endorser_without_role"]
    );
    let auditor = BTreeSet::from([Role::Auditor]);
    let auditor = Signer { admitted_roles: auditor.clone(), group_roles: auditor, ..engineer(1) };
    assert_eq!(yes(&auditor), ["endorser_without_role"]);
    assert_eq!(yes(&Signer { facts_at: Some(now() - Duration::minutes(16)), ..engineer(1) }), ["role_facts_stale"]);
    let nobody = Signer { active_keys: BTreeSet::new(), group_roles: BTreeSet::new(), ..engineer(9) };
    assert_eq!(yes(&nobody), ["endorses_self", "no_key", "endorser_without_role"]);
}

#[test]
fn a_signature_over_another_key_is_worth_nothing() {
    let asked = request(&[]);
    let Wanted::Key { request, person, key, credential_id, roles, .. } = wanted() else { panic!() };
    let public_key = PublicKey::Ed25519 { x: [8; 32] };
    let swapped = Wanted::Key { request, person, key, credential_id, public_key, roles };
    // Signed for the swapped one, and a record that was swapped under its digest.
    let other = swapped.digest().unwrap();
    let signed = decide_endorse(&asked, &engineer(1), SignedDecision::Approve, other, proof(1), now());
    assert_eq!(codes(signed), ["request_replaced"]);
    assert_eq!(codes(endorse(&Request { wanted: swapped, ..asked }, 1)), ["request_replaced"]);
}

#[test]
fn the_same_role_gained_again_is_another_thing_to_sign() {
    let role = |n| Wanted::Role { request: id(n), person: person(9), role: Role::Engineer };
    assert_ne!(role(1).digest().unwrap(), role(2).digest().unwrap());
    assert_eq!((role(1).act(), wanted().act()), (Act::EndorseRole, Act::EndorseKey));
}

#[test]
fn until_it_counts_anybody_fit_may_say_no_and_that_ends_it() {
    for endorsed in [&[][..], &[1], &[1, 2]] {
        for by in [1, 3] {
            let no = say(&request(endorsed), &engineer(by), SignedDecision::Reject, now());
            assert!(matches!(&events(no)[..], [Event::EndorsementRefused(e)] if e.endorser == person(by)));
        }
    }
    let later = now() + Duration::hours(24);
    let fresh = Signer { facts_at: Some(later), ..engineer(3) };
    assert_eq!(codes(say(&request(&[1, 2]), &fresh, SignedDecision::Reject, later)), ["request_ended"]);
    assert_eq!(codes(say(&request(&[1]), &engineer(9), SignedDecision::Reject, now())), ["endorses_self"]);
    let refused = Request { ended: Some(Ended::Refused), ..request(&[1]) };
    assert_eq!(codes(endorse(&refused, 2)), ["request_ended"]);
}

#[test]
fn only_approve_and_reject_are_words_of_an_endorsement() {
    for decision in SignedDecision::ALL {
        let fits = Act::EndorseKey.admits(*decision);
        assert_eq!(reasons_against(&request(&[]), &engineer(1), *decision, now()).is_empty(), fits, "{decision}");
        assert_eq!(Act::EndorseRole.admits(*decision), fits);
    }
}

#[test]
fn who_may_take_a_request_back() {
    let own = engineer(9);
    assert_eq!(events(decide_withdraw(&request(&[1, 2]), &own, now())).len(), 1);
    assert_eq!(codes(decide_withdraw(&request(&[]), &engineer(1), now())), ["request_unknown"]);
    assert_eq!(codes(decide_withdraw(&request(&[1, 2]), &own, now() + Duration::hours(24))), ["request_ended"]);
    let ended = Request { ended: Some(Ended::Refused), ..request(&[]) };
    assert_eq!(codes(decide_withdraw(&ended, &own, now())), ["request_ended"]);
    let role = Request { wanted: Wanted::Role { request: id(1), person: person(9), role: Role::Dpo }, ..request(&[]) };
    assert_eq!(codes(decide_withdraw(&role, &own, now())), ["request_unknown"]);
}

#[test]
fn a_yes_falls_with_its_signers_key_or_admission_and_only_while_it_matters() {
    let fallen = |signers: [Signer; 2], at| {
        let signers: BTreeMap<_, _> = signers.into_iter().map(|s| (s.person.clone(), s)).collect();
        permit_fall(&request(&[1, 2]), &signers, at).map(Permit::into_parts).map(|(events, _)| events)
    };
    assert_eq!(fallen([engineer(1), engineer(2)], now()), None);
    let fell = |n| Event::EndorsementFell(EndorsementFell { request: id(1), person: person(9), endorser: person(n) });
    let no_key = Signer { active_keys: BTreeSet::from([key(7)]), ..engineer(1) };
    let gone = Signer { is_admitted: false, ..engineer(2) };
    assert_eq!(fallen([no_key.clone(), engineer(2)], now()), Some(vec![fell(1)]));
    assert_eq!(fallen([no_key.clone(), gone], now()), Some(vec![fell(1), fell(2)]));
    assert_eq!(fallen([engineer(3), engineer(2)], now()), Some(vec![fell(1)]), "who is not there is nobody");
    assert_eq!(fallen([no_key, engineer(2)], now() + Duration::hours(24)), None);
}

fn asked() -> KeyAsked {
    let wanted = wanted();
    let random = SealRandomness { salt: [0; 32], nonce: [0; 24] };
    KeyAsked {
        subject_digest: wanted.digest().unwrap(),
        wanted,
        name: Personal::seal("E-9", &[1; 32], "blue key", &random).unwrap(),
    }
}

#[test]
fn a_key_is_asked_for_once_by_who_is_admitted_and_has_none() {
    let keyless = Signer { active_keys: BTreeSet::new(), ..engineer(9) };
    assert_eq!(events(decide_ask_key(&keyless, asked(), false, false)).len(), 1);
    let stranger = Signer { is_admitted: false, ..engineer(9) };
    let all = ["not_admitted", "key_already_enrolled", "first_key_must_sign", "request_open"];
    assert_eq!(codes(decide_ask_key(&stranger, asked(), true, true)), all);
}

#[test]
fn a_role_that_appears_waits_and_one_that_goes_is_gone() {
    let moved = |sources: &[Role], standing: &[(Role, u64)]| {
        let standing = standing.iter().map(|(role, n)| (*role, id(*n))).collect();
        let sources = sources.iter().copied().collect();
        let permit = permit_roles_moved(&person(9), &sources, &standing, || id(7)).unwrap();
        permit.map(|permit| permit.into_parts().0.iter().map(Event::act).collect::<Vec<_>>())
    };
    use Role::{Dpo, Engineer, Oncall};
    assert_eq!(moved(&[Engineer], &[]), Some(vec!["people.role_gained"]));
    assert_eq!(moved(&[Engineer], &[(Engineer, 1)]), None, "waiting, counting or refused: as it was");
    assert_eq!(moved(&[], &[(Engineer, 1)]), Some(vec!["people.role_lost"]));
    let swapped = moved(&[Dpo, Oncall], &[(Engineer, 1), (Oncall, 2)]);
    assert_eq!(swapped, Some(vec!["people.role_lost", "people.role_gained"]));
}

#[test]
fn a_founders_roles_count_with_their_key() {
    let code = Digest::of(b"code");
    assert!(permit_roles_trusted(&person(9), &code, &BTreeMap::new()).is_none());
    let waiting = BTreeMap::from([(Role::Engineer, id(1)), (Role::Oncall, id(2))]);
    assert_eq!(permit_roles_trusted(&person(9), &code, &waiting).unwrap().events().len(), 2);
}

#[test]
fn what_waits_is_not_held() {
    let waiting = Signer { waiting_roles: BTreeSet::from([Role::Engineer]), ..engineer(1) };
    assert!(waiting.held_roles().is_empty());
}

fn code(n: u64) -> FounderCodeIssued {
    FounderCodeIssued { person: person(n), code_hash: Digest::of(&n.to_le_bytes()) }
}

#[test]
fn founders_are_let_in_until_two_persons_have_keys() {
    assert_eq!(events(decide_found(vec![code(1), code(2)], 1)).len(), 2);
    assert_eq!(codes(decide_found(vec![code(1)], 2)), ["founding_over"]);
    assert_eq!(codes(decide_found(vec![], 0)), ["no_founder"]);
}

#[test]
fn a_refounding_says_why_and_lets_somebody_in() {
    let random = SealRandomness { salt: [0; 32], nonce: [0; 24] };
    let refounded = |why: &str| Refounded {
        reason: Personal::seal("operator", &[1; 32], why, &random).unwrap(),
        founders: vec![person(1)],
    };
    let try_it = |why: &str, founders| decide_refound(why, refounded(why), vec![], vec![], founders);
    let why = "All three founders lost their keys in the flood of Pune.";
    let events = events(try_it(why, vec![code(1)]));
    assert_eq!(events.iter().map(Event::act).collect::<Vec<_>>(), ["people.refounded", "people.founder_code_issued"]);
    for bad in ["", "lost", "                        ", "because\u{202e} of the flood in Pune"] {
        assert_eq!(codes(try_it(bad, vec![code(1)])), ["text_refused"], "{bad:?}");
    }
    assert_eq!(codes(try_it(why, vec![])), ["no_founder"]);
}

proptest::proptest! {
    /// Whatever people do in whatever order, what counts was endorsed by two others who stood then, a day before.
    #[test]
    fn what_counts_was_endorsed_by_two_others_a_day_before(
        steps in proptest::collection::vec((0_u8..5, 1_u64..5, 0_i64..30), 0..40)
    ) {
        let mut request = Request { wanted: wanted_by(1), digest: wanted_by(1).digest().unwrap(), ..request(&[]) };
        let mut signers: BTreeMap<PersonId, Signer> = (1..5).map(|n| (person(n), engineer(n))).collect();
        let mut at = now();
        for (step, who, hours) in steps {
            let who = person(who);
            match step {
                0 => at += Duration::hours(hours),
                // A lost key comes back as it was: worse than any real one.
                1 => { signers.get_mut(&who).unwrap().active_keys.clear(); }
                2 => { let n = who.as_str()[2..].parse().unwrap(); signers.get_mut(&who).unwrap().active_keys.insert(key(n)); }
                3 => {
                    let signer = Signer { facts_at: Some(at), ..signers[&who].clone() };
                    if let Decision::Allow(permit) = say(&request, &signer, SignedDecision::Approve, at) {
                        fold(&mut request, permit, at);
                    }
                }
                _ => {
                    if let Some(permit) = permit_fall(&request, &signers, at) {
                        fold(&mut request, permit, at);
                    }
                }
            }
            if request.stand(at) == Stand::Counts {
                let others: BTreeSet<_> = request.endorsements.iter().map(|e| &e.endorser).collect();
                proptest::prop_assert!(others.len() == 2 && !others.contains(&person(1)));
                proptest::prop_assert!(request.endorsements.iter().all(|e| at - e.signed_at >= Duration::hours(24)));
            }
        }
    }
}

fn wanted_by(n: u64) -> Wanted {
    Wanted::Role { request: id(n), person: person(n), role: Role::Engineer }
}

/// As the tables do.
fn fold(request: &mut Request, permit: Permit, at: DateTime<Utc>) {
    for event in permit.into_parts().0 {
        match event {
            Event::Endorsed(e) => {
                request.endorsements.push(Endorsement { endorser: e.endorser, key: e.proof.key, signed_at: at });
                request.counts_from = e.counts_from;
            }
            Event::EndorsementFell(e) => {
                request.endorsements.retain(|standing| standing.endorser != e.endorser);
                request.counts_from = None;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The words of the configuration and the log, which never change; whatever else is written there is no role.
#[test]
fn a_role_is_known_by_its_word_and_no_other() {
    let codes = ["engineer", "security", "dpo", "guardrail", "oncall", "auditor", "lead"];
    assert_eq!(Role::ALL.map(Role::code), codes);
    assert_eq!(codes.map(Role::from_code), Role::ALL.map(Some));
    for other in ["", "Engineer", "engineers", "admin", "dpo "] {
        assert_eq!(Role::from_code(other), None);
    }
}
