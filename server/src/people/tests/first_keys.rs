//! A first or replacement key: two others and a day, and every way around them.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::codes;
use super::strict::{Player, engineer, founded, later, open, rebuilds, saw_one_refusal};
use crate::auth::testing::SoftKey;
use crate::people::service;
use crate::people::testing::{ORIGIN, Stage, named, options};
use chrono::Duration;
use gatehouse_app::people::shape::{EndorseRequest, EnrolStep};

const KEY: &str = "a security key";
const ROLE: &str = "the role Engineer";

#[tokio::test]
async fn founders_and_the_roles_they_came_with_count_at_once() {
    let (stage, asha, rohan) = founded().await;
    assert_eq!((asha.signer(&stage).await.active_keys.len(), rohan.signer(&stage).await.held_roles()), (1, engineer()));
    assert_eq!(stage.entries().await.iter().filter(|act| *act == "people.role_trusted").count(), 3);
    assert!(service::people(&stage.ctx, &asha.who).await.unwrap().requests.is_empty());
}

#[tokio::test]
async fn a_first_key_and_a_role_count_a_day_after_two_others_endorsed_them() {
    let (stage, mut asha, mut rohan) = founded().await;
    let mut leela = Player::asks(&stage, "u-1003").await;
    let (key, role) = (open(&stage, &asha, "E-1003", KEY).await, open(&stage, &asha, "E-1003", ROLE).await);
    assert_eq!(service::inbox(&stage.ctx, &asha.who).await.unwrap().len(), 2);
    for request in [&key, &role] {
        assert_eq!(asha.says(&stage, request, "approve").await.unwrap(), "Endorsed. One more person must endorse it.");
        let said = rohan.says(&stage, request, "approve").await.unwrap();
        assert!(said.starts_with("Endorsed. It counts from 2026-11-23 10:00 UTC"), "{said}");
    }
    assert!(service::inbox(&stage.ctx, &asha.who).await.unwrap().is_empty());
    // A minute too early it signs nothing, and no seat is hers.
    later(&stage, Duration::hours(24) - Duration::minutes(1)).await;
    leela.comes_back(&stage).await;
    asha.comes_back(&stage).await;
    let early = leela.signer(&stage).await;
    assert!(early.active_keys.is_empty() && early.held_roles().is_empty());
    assert_eq!(early.waiting_roles, engineer());
    assert!(service::keys(&stage.ctx, &leela.who).await.unwrap().keys.first().unwrap().waits.is_some());
    later(&stage, Duration::minutes(1)).await;
    let now = leela.signer(&stage).await;
    assert_eq!((now.active_keys.len(), now.held_roles()), (1, engineer()));
    // And it really signs: for a further key of her own, which counts at once.
    let second = SoftKey::new("second");
    let request = service::begin_enrol(&stage.ctx, &leela.who, named("second")).await.unwrap();
    let credential = second.register(&options(&request), ORIGIN).to_string();
    let step = service::finish_enrol(&stage.ctx, &leela.who, &request.ceremony, &credential).await.unwrap();
    let EnrolStep::SignWithExisting(asked) = step else { unreachable!("the first must sign: {step:?}") };
    let assertion = leela.key.sign(&options(&asked), ORIGIN).to_string();
    service::finish_enrol_signature(&stage.ctx, &leela.who, &asked.ceremony, &assertion).await.unwrap();
    assert_eq!(leela.signer(&stage).await.active_keys.len(), 2);
    // And she can endorse others.
    rohan.comes_back(&stage).await;
    Player::asks(&stage, "u-1006").await;
    let vikram = open(&stage, &asha, "E-1006", KEY).await;
    leela.says(&stage, &vikram, "approve").await.unwrap();
    rebuilds(&stage).await;
}

/// ATK-07: whoever asks is not who says yes, in no way.
#[tokio::test]
async fn atk_07_nobody_endorses_themselves_or_twice() {
    let (stage, asha, rohan) = founded().await;
    Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    saw_one_refusal(&stage, "people.endorse", "already_signed", async || asha.says(&stage, &request, "approve").await)
        .await;
    // Asha revokes her key: now hers is a replacement, and her own word for it is worth nothing.
    asha.revokes(&stage).await;
    let again = Player::asks(&stage, "u-1001").await;
    let own = open(&stage, &rohan, "E-1001", KEY).await;
    saw_one_refusal(&stage, "people.endorse", "endorses_self, no_key", async || {
        again.begins(&stage, &own, "approve").await
    })
    .await;
}

/// ATK-07: two ceremonies begun before either ended.
#[tokio::test]
async fn atk_07_two_ceremonies_of_one_person_are_one_yes() {
    let (stage, asha, _) = founded().await;
    Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    let (one, two) = (
        asha.begins(&stage, &request, "approve").await.unwrap(),
        asha.begins(&stage, &request, "approve").await.unwrap(),
    );
    let (first, second) = futures::future::join(asha.finishes(&stage, &one), asha.finishes(&stage, &two)).await;
    let refused = [first, second].into_iter().filter(|said| said.is_err()).count();
    assert_eq!(refused, 1);
    assert_eq!(stage.entries().await.iter().filter(|act| *act == "people.endorsed").count(), 1);
}

/// ATK-07: whose own key still waits endorses nobody, and neither does one whose key is revoked.
#[tokio::test]
async fn atk_07_a_key_that_waits_or_is_revoked_endorses_nobody() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    Player::asks(&stage, "u-1006").await;
    let request = open(&stage, &asha, "E-1006", KEY).await;
    saw_one_refusal(&stage, "people.endorse", "no_key, endorser_without_role", async || {
        leela.begins(&stage, &request, "approve").await
    })
    .await;
    // Even with a ceremony that was begun while the key was good.
    let begun = rohan.begins(&stage, &request, "approve").await.unwrap();
    rohan.revokes(&stage).await;
    saw_one_refusal(&stage, "people.endorse", "key_not_active", async || rohan.finishes(&stage, &begun).await).await;
}

/// INV-8: a yes falls with the key that gave it, until what it was given to counts.
#[tokio::test]
async fn atk_08_an_endorsement_falls_with_its_signers_key() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    rohan.says(&stage, &request, "approve").await.unwrap();
    rohan.revokes(&stage).await;
    assert_eq!(stage.entries().await.last().unwrap(), "people.endorsement_fell");
    later(&stage, Duration::hours(25)).await;
    assert!(leela.signer(&stage).await.active_keys.is_empty());
}

/// And it stays fallen: who says yes afterwards does not find it there.
#[tokio::test]
async fn atk_08_a_fallen_endorsement_is_not_counted_with_a_later_one() {
    let (stage, mut asha, mut rohan) = founded().await;
    let mut leela = Player::asks(&stage, "u-1003").await;
    for what in [KEY, ROLE] {
        let request = open(&stage, &asha, "E-1003", what).await;
        asha.says(&stage, &request, "approve").await.unwrap();
        rohan.says(&stage, &request, "approve").await.unwrap();
    }
    later(&stage, Duration::hours(24)).await;
    for player in [&mut asha, &mut rohan, &mut leela] {
        player.comes_back(&stage).await;
    }
    Player::asks(&stage, "u-1006").await;
    let request = open(&stage, &asha, "E-1006", KEY).await;
    rohan.says(&stage, &request, "approve").await.unwrap();
    rohan.revokes(&stage).await;
    let said = leela.says(&stage, &request, "approve").await.unwrap();
    assert_eq!(said, "Endorsed. One more person must endorse it.", "Rohan's yes fell with his key");
    rebuilds(&stage).await;
}

/// The same for one who is taken off the admitted list: the next minute's work notices.
#[tokio::test]
async fn atk_08_an_endorsement_falls_with_its_signers_admission() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    rohan.says(&stage, &request, "approve").await.unwrap();
    let stage = stage.restarted(|config| config.admitted.retain(|row| row.person.as_str() != "E-1002")).await;
    later(&stage, Duration::minutes(1)).await;
    assert!(stage.entries().await.contains(&"people.endorsement_fell".to_owned()));
    later(&stage, Duration::hours(25)).await;
    assert!(leela.signer(&stage).await.active_keys.is_empty());
}

/// ATK-17: the same answer again, and one request's answer for another.
#[tokio::test]
async fn atk_17_an_endorsement_is_good_once_and_for_one_request() {
    let (stage, asha, rohan) = founded().await;
    Player::asks(&stage, "u-1003").await;
    Player::asks(&stage, "u-1006").await;
    let (one, other) = (open(&stage, &asha, "E-1003", KEY).await, open(&stage, &asha, "E-1006", KEY).await);
    let begun = asha.begins(&stage, &one, "approve").await.unwrap();
    let assertion = asha.key.sign(&options(&begun), ORIGIN).to_string();
    let give = async |ceremony: &str| service::finish_endorsement(&stage.ctx, &asha.who, ceremony, &assertion).await;
    give(&begun.ceremony).await.unwrap();
    saw_one_refusal(&stage, "people.endorse", "ceremony_unknown", async || give(&begun.ceremony).await).await;
    let elsewhere = asha.begins(&stage, &other, "approve").await.unwrap();
    saw_one_refusal(&stage, "people.endorse", "signature_invalid", async || give(&elsewhere.ceremony).await).await;
    // A ceremony of an endorsement is none of a revocation, and the reverse.
    let begun = rohan.begins(&stage, &other, "approve").await.unwrap();
    let assertion = rohan.key.sign(&options(&begun), ORIGIN).to_string();
    saw_one_refusal(&stage, "people.revoke_key", "ceremony_foreign", async || {
        service::finish_revoke(&stage.ctx, &rohan.who, &begun.ceremony, &assertion).await
    })
    .await;
}

/// ATK-W1: another public key under the same request, before the yes and between its two halves.
#[tokio::test]
async fn atk_w1_an_endorsement_of_a_swapped_key_is_worth_nothing() {
    let (stage, asha, _) = founded().await;
    Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    // The page showed another digest than the request has.
    saw_one_refusal(&stage, "people.endorse", "request_replaced", async || {
        let shown =
            EndorseRequest { request: request.clone(), decision: "approve".into(), subject_digest: "0".repeat(64) };
        service::begin_endorsement(&stage.ctx, &asha.who, shown).await
    })
    .await;
    // Somebody with the database puts another key where the one was that the request names.
    let begun = asha.begins(&stage, &request, "approve").await.unwrap();
    sqlx::query("UPDATE people_keys SET public_key = (SELECT public_key FROM people_keys WHERE person = 'E-1001') WHERE person = 'E-1003'")
        .execute(&stage.db.owner)
        .await
        .unwrap();
    saw_one_refusal(&stage, "people.endorse", "request_replaced", async || asha.finishes(&stage, &begun).await).await;
}

/// ATK-W12: a stolen session brings no key in, neither beside one that counts nor beside one that waits.
#[tokio::test]
async fn atk_w12_a_stolen_session_asks_for_no_second_key() {
    let (stage, asha, _) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    saw_one_refusal(&stage, "people.enrol_key", "request_open", async || {
        service::begin_enrol(&stage.ctx, &leela.who, named("mine")).await
    })
    .await;
    // Asha has a key, so hers must sign; the thief's does not, and asking others is no way round.
    let thief = SoftKey::new("thief");
    let request = service::begin_enrol(&stage.ctx, &asha.who, named("mine")).await.unwrap();
    let credential = thief.register(&options(&request), ORIGIN).to_string();
    let step = service::finish_enrol(&stage.ctx, &asha.who, &request.ceremony, &credential).await.unwrap();
    let EnrolStep::SignWithExisting(asked) = step else { unreachable!("{step:?}") };
    let assertion = thief.sign(&options(&asked), ORIGIN).to_string();
    saw_one_refusal(&stage, "people.enrol_key", "key_not_active", async || {
        service::finish_enrol_signature(&stage.ctx, &asha.who, &asked.ceremony, &assertion).await
    })
    .await;
    // The key that waits revokes nothing either.
    let own = service::keys(&stage.ctx, &leela.who).await.unwrap().keys.first().unwrap().id.clone();
    saw_one_refusal(&stage, "people.revoke_key", "key_not_active", async || {
        service::begin_revoke(&stage.ctx, &leela.who, &own).await
    })
    .await;
}

/// ATK-W12: two registrations begun before either ended ask for one key.
#[tokio::test]
async fn atk_w12_two_registrations_at_once_ask_for_one_key() {
    let (stage, asha, _) = founded().await;
    let (_, leela) = stage.sign_in("u-1003").await;
    let mut answers = Vec::new();
    for name in ["one", "two"] {
        let request = service::begin_enrol(&stage.ctx, &leela, named(name)).await.unwrap();
        let credential = SoftKey::new(name).register(&options(&request), ORIGIN).to_string();
        answers.push((request.ceremony, credential));
    }
    let finish = async |i: usize| {
        let (ceremony, credential) = answers.get(i).unwrap();
        service::finish_enrol(&stage.ctx, &leela, ceremony, credential).await
    };
    let (one, two) = futures::future::join(finish(0), finish(1)).await;
    let refused: Vec<_> = [one, two].into_iter().filter(Result::is_err).map(codes).collect();
    assert_eq!(refused, ["request_open"]);
    open(&stage, &asha, "E-1003", KEY).await;
}

#[tokio::test]
async fn until_it_counts_a_third_may_refuse_and_the_key_never_returns() {
    let (stage, asha, rohan) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    rohan.says(&stage, &request, "approve").await.unwrap();
    assert_eq!(asha.says(&stage, &request, "reject").await.unwrap(), "Refused. The request has ended.");
    later(&stage, Duration::hours(25)).await;
    assert!(leela.signer(&stage).await.active_keys.is_empty());
    let (_, again) = stage.sign_in("u-1003").await;
    let begun = service::begin_enrol(&stage.ctx, &again, named("again")).await.unwrap();
    let same = leela.key.register(&options(&begun), ORIGIN).to_string();
    assert!(service::finish_enrol(&stage.ctx, &again, &begun.ceremony, &same).await.is_err());
}

#[tokio::test]
async fn a_request_can_be_taken_back_by_its_person_and_by_nobody_else() {
    let (stage, asha, _) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    for id in [request.as_str(), "x", "00000000-0000-7000-8000-000000000000"] {
        saw_one_refusal(&stage, "people.withdraw_request", "request_unknown", async || {
            service::withdraw_request(&stage.ctx, &asha.who, id).await
        })
        .await;
    }
    service::withdraw_request(&stage.ctx, &leela.who, &request).await.unwrap();
    assert_eq!(codes(service::withdraw_request(&stage.ctx, &leela.who, &request).await), "request_ended");
    saw_one_refusal(&stage, "people.endorse", "request_ended", async || asha.says(&stage, &request, "approve").await)
        .await;
    // And she may ask again.
    Player::asks_again(&stage, leela).await;
}

#[tokio::test]
async fn a_request_that_nobody_endorses_ends_after_seven_days() {
    let (stage, asha, _) = founded().await;
    let leela = Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &asha, "E-1003", KEY).await;
    asha.says(&stage, &request, "approve").await.unwrap();
    later(&stage, Duration::days(7) - Duration::minutes(1)).await;
    assert!(!stage.entries().await.contains(&"people.request_expired".to_owned()));
    later(&stage, Duration::minutes(1)).await;
    later(&stage, Duration::minutes(1)).await;
    let expired = stage.entries().await.into_iter().filter(|act| act == "people.request_expired").count();
    // Her key's and her role's, each once; the role asks anew, because she is still in the group.
    assert_eq!(expired, 2);
    let keys = service::keys(&stage.ctx, &leela.who).await.unwrap().keys;
    assert!(keys.first().unwrap().revoked_at.is_some());
    open(&stage, &asha, "E-1003", ROLE).await;
    rebuilds(&stage).await;
}

/// Whoever may not endorse is told before they touch a key, and the page shows the same reasons.
#[tokio::test]
async fn the_page_says_what_the_decision_would() {
    let (stage, _, _) = founded().await;
    let sunita = Player::asks(&stage, "u-1007").await;
    Player::asks(&stage, "u-1003").await;
    let request = open(&stage, &sunita, "E-1003", KEY).await;
    let view = service::request(&stage.ctx, &sunita.who, &request).await.unwrap();
    let shown: Vec<&str> = view.approve.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(shown, ["no_key", "endorser_without_role"]);
    assert!(!view.row.is_yours && !view.can_withdraw);
    let own = open(&stage, &sunita, "E-1007", KEY).await;
    assert!(service::request(&stage.ctx, &sunita.who, &own).await.unwrap().can_withdraw);
}

impl Player {
    async fn asks_again(stage: &Stage, who: Self) {
        let request = service::begin_enrol(&stage.ctx, &who.who, named("again")).await.unwrap();
        let credential = SoftKey::new("another").register(&options(&request), ORIGIN).to_string();
        let step = service::finish_enrol(&stage.ctx, &who.who, &request.ceremony, &credential).await.unwrap();
        assert_eq!(step, EnrolStep::Asked);
    }
}
