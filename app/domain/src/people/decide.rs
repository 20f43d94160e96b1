//! May this person sign in, enrol a key, revoke one? Every write of the people slice begins here.

use super::events::{EnrolledBy, KeyEnrolled, KeyRevoked, PersonMet, RolesRead, SignedIn, SignedOut};
use super::{Role, Signer};
use crate::audit::{About, Event, LogRead, RefusalsCounted, Refused};
use crate::decision::{Decision, Permit};
use crate::ids::{Digest, KeyId, PersonId, SessionId};
use crate::reason::{Reason, Reasons};
use std::collections::BTreeSet;

/// What a sign-in found.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The person of the employee-id claim.
    pub person: PersonId,
    /// SHA-256 of `iss` ‖ 0 ‖ `sub`.
    pub account: Digest,
    /// Present when Gatehouse meets the person for the first time.
    pub met: Option<PersonMet>,
    /// Roles on record for this account before; `None` for a new account.
    pub known_roles: Option<BTreeSet<Role>>,
    /// Roles that the provider reports now.
    pub roles: BTreeSet<Role>,
    /// The session that begins.
    pub session: SessionId,
}

/// Anyone whom the identity provider vouches for may sign in and look; acting is decided act by act.
pub fn permit_sign_in(sign_in: SignIn) -> Permit {
    let SignIn { person, account, met, known_roles, roles, session } = sign_in;
    let signed_in = SignedIn { person: person.clone(), account: account.clone(), session: Some(session) };
    let mut permit = Permit::new(Event::SignedIn(signed_in));
    if known_roles.as_ref() != Some(&roles) {
        let read = RolesRead { person, account, roles: roles.into_iter().collect() };
        permit = Permit::new(Event::RolesRead(read)).followed_by(permit);
    }
    match met {
        Some(met) => Permit::new(Event::PersonMet(met)).followed_by(permit),
        None => permit,
    }
}

/// The provider's word on an account's roles, re-read by a job; `None` when nothing changed.
#[must_use]
pub fn permit_roles_read(
    person: PersonId,
    account: Digest,
    known: &BTreeSet<Role>,
    read: &BTreeSet<Role>,
) -> Option<Permit> {
    (known != read)
        .then(|| Permit::new(Event::RolesRead(RolesRead { person, account, roles: read.iter().copied().collect() })))
}

/// A person ends their own session.
pub fn permit_sign_out(person: PersonId) -> Permit {
    Permit::new(Event::SignedOut(SignedOut { person }))
}

/// May this key become the person's? The caller has verified the registration and whatever `enrolled.by` claims.
///
/// Refuses when the person is not admitted, when the credential is anybody's already, and when a
/// person who has a key does not sign with it (ATK-W12: a stolen session must not enrol a second key).
pub fn decide_enrol_key(signer: &Signer, enrolled: KeyEnrolled, credential_is_known: bool) -> Decision {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    if credential_is_known {
        reasons.push(Reason::KeyAlreadyEnrolled);
    }
    match &enrolled.by {
        EnrolledBy::Signature(proof) if !signer.active_keys.contains(&proof.key) => reasons.push(Reason::KeyNotActive),
        EnrolledBy::Signature(_) => {}
        EnrolledBy::FounderCode { .. } | EnrolledBy::Demo if !signer.active_keys.is_empty() => {
            reasons.push(Reason::FirstKeyMustSign);
        }
        EnrolledBy::FounderCode { .. } | EnrolledBy::Demo => {}
    }
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(Event::KeyEnrolled(enrolled))),
    }
}

/// May this key be revoked? Only its owner may, signing with any active key of theirs, this one included.
pub fn decide_revoke_key(signer: &Signer, revoked: KeyRevoked) -> Decision {
    let is_own = |key: &KeyId| signer.active_keys.contains(key);
    if !is_own(&revoked.key) || !is_own(&revoked.proof.key) {
        return Decision::Refuse(Reason::KeyNotActive.into());
    }
    Decision::Allow(Permit::new(Event::KeyRevoked(revoked)))
}

/// Any refusal may be recorded: it changes nothing else.
pub fn permit_refusal(attempt: &str, about: About, reasons: &Reasons) -> Permit {
    Permit::new(Event::Refused(Refused { attempt: attempt.to_owned(), about, reasons: reasons.codes() }))
}

/// That the log was read may be recorded; the reader is the actor.
pub fn permit_log_read(read: LogRead) -> Permit {
    Permit::new(Event::LogRead(read))
}

/// Counted refusals of one source and minute may be recorded.
pub fn permit_refusals_counted(counted: RefusalsCounted) -> Permit {
    Permit::new(Event::RefusalsCounted(counted))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::people::events::Proof;
    use crate::personal::{Personal, SealRandomness};
    use crate::webauthn::PublicKey;

    fn signer(keys: &[&str]) -> Signer {
        Signer {
            person: "E-1001".parse().unwrap(),
            is_admitted: true,
            admitted_roles: BTreeSet::from([Role::Engineer]),
            group_roles: BTreeSet::from([Role::Engineer]),
            waiting_roles: BTreeSet::new(),
            facts_at: None,
            github_id: None,
            github_aliases: BTreeSet::new(),
            active_keys: keys.iter().map(|k| k.parse().unwrap()).collect(),
        }
    }

    fn enrolled(by: EnrolledBy) -> KeyEnrolled {
        let name =
            Personal::seal("E-1001", &[1; 32], "blue key", &SealRandomness { salt: [0; 32], nonce: [0; 24] }).unwrap();
        KeyEnrolled {
            person: "E-1001".parse().unwrap(),
            key: KEY_B.parse().unwrap(),
            name,
            credential_id: "AAAA".into(),
            public_key: PublicKey::Ed25519 { x: [9; 32] },
            by,
            github_id: None,
        }
    }
    const KEY_A: &str = "01890000-0000-7000-8000-00000000000a";
    const KEY_B: &str = "01890000-0000-7000-8000-00000000000b";
    const KEY_C: &str = "01890000-0000-7000-8000-00000000000c";

    #[test]
    fn a_stolen_session_cannot_enrol_a_second_key_without_the_first() {
        let Decision::Refuse(reasons) = decide_enrol_key(&signer(&[KEY_A]), enrolled(EnrolledBy::Demo), false) else {
            panic!("allowed")
        };
        assert_eq!(reasons.codes(), ["first_key_must_sign"]);
    }

    #[test]
    fn strangers_and_known_credentials_are_refused_with_both_reasons() {
        let stranger = Signer { is_admitted: false, ..signer(&[]) };
        let Decision::Refuse(reasons) = decide_enrol_key(&stranger, enrolled(EnrolledBy::Demo), true) else {
            panic!("allowed")
        };
        assert_eq!(reasons.codes(), ["not_admitted", "key_already_enrolled"]);
        assert!(matches!(decide_enrol_key(&signer(&[]), enrolled(EnrolledBy::Demo), false), Decision::Allow(_)));
    }

    #[test]
    fn only_ones_own_active_key_signs_for_a_new_one_or_for_a_revocation() {
        let proof = |key: &str| Proof {
            key: key.parse().unwrap(),
            act: String::new(),
            client_data_json: String::new(),
            authenticator_data: String::new(),
            signature: String::new(),
        };
        let foreign = decide_enrol_key(&signer(&[KEY_A]), enrolled(EnrolledBy::Signature(proof(KEY_C))), false);
        assert!(matches!(foreign, Decision::Refuse(reasons) if reasons.codes() == ["key_not_active"]));
        let own = decide_enrol_key(&signer(&[KEY_A]), enrolled(EnrolledBy::Signature(proof(KEY_A))), false);
        assert!(matches!(own, Decision::Allow(_)));
        for (key, by, allowed) in [(KEY_A, KEY_A, true), (KEY_A, KEY_C, false), (KEY_C, KEY_A, false)] {
            let revoked = KeyRevoked { person: "E-1001".parse().unwrap(), key: key.parse().unwrap(), proof: proof(by) };
            assert_eq!(matches!(decide_revoke_key(&signer(&[KEY_A]), revoked), Decision::Allow(_)), allowed);
        }
    }

    #[test]
    fn who_is_not_admitted_holds_no_role_whatever_the_groups_say() {
        assert_eq!(signer(&[]).held_roles(), BTreeSet::from([Role::Engineer]));
        assert!(Signer { is_admitted: false, ..signer(&[]) }.held_roles().is_empty());
    }

    fn account() -> Digest {
        Digest::of(b"account")
    }

    fn acts(permit: &Permit) -> Vec<&'static str> {
        permit.events().iter().map(Event::act).collect()
    }

    /// What the provider says is recorded when it is another thing than before, and only then.
    #[test]
    fn roles_are_recorded_when_they_are_others_than_before() {
        let (none, engineer) = (BTreeSet::new(), BTreeSet::from([Role::Engineer]));
        let signs_in = |known_roles: Option<&BTreeSet<Role>>| {
            acts(&permit_sign_in(SignIn {
                person: "E-1001".parse().unwrap(),
                account: account(),
                met: None,
                known_roles: known_roles.cloned(),
                roles: engineer.clone(),
                session: "01890000-0000-7000-8000-000000000001".parse().unwrap(),
            }))
        };
        assert_eq!(signs_in(Some(&engineer)), ["people.signed_in"]);
        assert_eq!(signs_in(Some(&none)), ["people.roles_read", "people.signed_in"]);
        assert_eq!(signs_in(None), ["people.roles_read", "people.signed_in"]);

        let reads = |known, read| permit_roles_read("E-1001".parse().unwrap(), account(), known, read);
        assert!(reads(&engineer, &engineer).is_none());
        assert_eq!(acts(&reads(&engineer, &none).unwrap()), ["people.roles_read"]);
        assert_eq!(acts(&reads(&none, &engineer).unwrap()), ["people.roles_read"]);
    }
}
