//! What may a machine read in a person's name, and until when?
//!
//! A token is made by a signed act of its owner and reads what its scopes name. It is no person: nothing that acts
//! takes one, so it can never approve, enrol, revoke or issue. It ends by itself, by its maker's or security's word, and
//! with its maker's admission.

use super::{Role, Signer};
use crate::audit::Event;
use crate::canonical::{self, CanonicalError};
use crate::decision::{Decision, Permit};
use crate::ids::{Digest, PersonId, TokenId};
use crate::people::events::Proof;
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;

/// The longest life of a token, in days.
pub const LONGEST_DAYS: u16 = 365;

/// What a token may be made for. Each reads; there is none that acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Changes, their gates and their entries.
    #[serde(rename = "changes:read")]
    Changes,
    /// Runs of pipelines, with their jobs.
    #[serde(rename = "runs:read")]
    Runs,
    /// The audit log.
    #[serde(rename = "audit:read")]
    Audit,
    /// The owner's own roles, keys, sessions and tokens, and the requests that wait for others' word.
    #[serde(rename = "people:read")]
    People,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Changes, Self::Runs, Self::Audit, Self::People];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Changes => "changes:read",
            Self::Runs => "runs:read",
            Self::Audit => "audit:read",
            Self::People => "people:read",
        }
    }

    /// The scope behind a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A token was issued. Its secret was shown once and is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenIssued {
    /// Whose name it reads in.
    pub person: PersonId,
    /// Our id for it.
    pub token: TokenId,
    /// What its maker calls it.
    pub name: Personal,
    /// What it may read.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// SHA-256 of the secret's text: 256 random bits, which no search finds.
    pub secret_hash: Digest,
    /// The signature over [`TokenIssued::subject_digest`].
    pub proof: Proof,
}

impl TokenIssued {
    /// SHA-256 of what the key signs.
    ///
    /// # Errors
    /// Never for values that exist: ids, words and times are canonical text.
    pub fn subject_digest(
        person: &PersonId,
        token: &TokenId,
        scopes: &[Scope],
        expires_at: DateTime<Utc>,
    ) -> Result<Digest, CanonicalError> {
        canonical::to_bytes(&json!({
            "tag": "gatehouse.token.v1",
            "person": person,
            "token": token,
            "scopes": scopes,
            "expires_at": expires_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        }))
        .map(|bytes| Digest::of(&bytes))
    }
}

/// A token was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRevoked {
    /// Whose it was.
    pub person: PersonId,
    /// Which.
    pub token: TokenId,
    /// Who ended it: its maker, or security.
    pub by: PersonId,
}

/// A token as it stands, for deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Our id for it.
    pub token: TokenId,
    /// Whose.
    pub person: PersonId,
    /// What it may read.
    pub scopes: BTreeSet<Scope>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What is wrong with what a token is to be, before anything is signed.
#[must_use]
pub fn reasons_against_issue(
    signer: &Signer,
    scopes: &[Scope],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    if scopes.is_empty() || scopes.iter().collect::<BTreeSet<_>>().len() != scopes.len() {
        reasons.push(Reason::TokenWithoutScope);
    }
    if expires_at <= now || expires_at > now + Duration::days(i64::from(LONGEST_DAYS)) {
        reasons.push(Reason::TokenLifetime);
    }
    reasons
}

/// May this token be? The caller has verified the signature over what it is.
pub fn decide_issue_token(signer: &Signer, issued: TokenIssued, now: DateTime<Utc>) -> Decision {
    let mut reasons = reasons_against_issue(signer, &issued.scopes, issued.expires_at, now);
    if issued.person != signer.person || !signer.active_keys.contains(&issued.proof.key) {
        reasons.push(Reason::KeyNotActive);
    }
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(Event::TokenIssued(issued))),
    }
}

/// May this person end it? Its maker may, and security may. No key is asked for: ending takes power away, and must be
/// possible at once for somebody who has lost theirs. Whoever may not is not told whether there is such a token.
pub fn decide_revoke_token(signer: &Signer, token: Option<&Token>) -> Decision {
    let may = |token: &&Token| token.person == signer.person || signer.held_roles().contains(&Role::Security);
    match token.filter(may) {
        Some(token) if token.revoked_at.is_none() => Decision::Allow(Permit::new(Event::TokenRevoked(TokenRevoked {
            person: token.person.clone(),
            token: token.token.clone(),
            by: signer.person.clone(),
        }))),
        _ => Decision::Refuse(Reason::TokenUnknown.into()),
    }
}

/// Why this token reads nothing at all now, if so. `owner_is_admitted` is the admitted list's word of this moment.
#[must_use]
pub fn reason_against_use(token: &Token, owner_is_admitted: bool, now: DateTime<Utc>) -> Option<Reason> {
    if token.revoked_at.is_some() {
        Some(Reason::TokenRevoked)
    } else if now >= token.expires_at {
        Some(Reason::TokenExpired)
    } else if !owner_is_admitted {
        Some(Reason::TokenOwnerNotAdmitted)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::personal::SealRandomness;

    const KEY: &str = "01890000-0000-7000-8000-00000000000a";
    const TOKEN: &str = "01890000-0000-7000-8000-0000000000ff";

    fn now() -> DateTime<Utc> {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn signer(person: &str, roles: &[Role]) -> Signer {
        Signer {
            person: person.parse().unwrap(),
            is_admitted: true,
            admitted_roles: roles.iter().copied().collect(),
            group_roles: roles.iter().copied().collect(),
            waiting_roles: BTreeSet::new(),
            facts_at: None,
            github_id: None,
            github_aliases: BTreeSet::new(),
            active_keys: BTreeSet::from([KEY.parse().unwrap()]),
        }
    }

    fn issued(scopes: &[Scope], days: i64) -> TokenIssued {
        let random = SealRandomness { salt: [0; 32], nonce: [0; 24] };
        TokenIssued {
            person: "E-1001".parse().unwrap(),
            token: TOKEN.parse().unwrap(),
            name: Personal::seal("E-1001", &[1; 32], "grafana", &random).unwrap(),
            scopes: scopes.to_vec(),
            expires_at: now() + Duration::days(days),
            secret_hash: Digest::of(b"secret"),
            proof: Proof {
                key: KEY.parse().unwrap(),
                act: String::new(),
                client_data_json: String::new(),
                authenticator_data: String::new(),
                signature: String::new(),
            },
        }
    }

    fn token(person: &str) -> Token {
        Token {
            token: TOKEN.parse().unwrap(),
            person: person.parse().unwrap(),
            scopes: BTreeSet::from([Scope::Changes]),
            expires_at: now() + Duration::days(1),
            revoked_at: None,
        }
    }

    fn codes(decision: Decision) -> Vec<String> {
        match decision {
            Decision::Allow(_) => Vec::new(),
            Decision::Refuse(reasons) => reasons.codes(),
        }
    }

    #[test]
    fn a_token_is_issued_by_an_admitted_person_with_a_key_for_at_most_a_year() {
        let owner = signer("E-1001", &[]);
        let good = issued(&[Scope::Changes, Scope::Audit], 365);
        assert!(matches!(decide_issue_token(&owner, good.clone(), now()), Decision::Allow(_)));
        assert_eq!(codes(decide_issue_token(&owner, issued(&[], 30), now())), ["token_without_scope"]);
        let doubled = issued(&[Scope::Audit, Scope::Audit], 30);
        assert_eq!(codes(decide_issue_token(&owner, doubled, now())), ["token_without_scope"]);
        for days in [-1, 0, 366] {
            assert_eq!(codes(decide_issue_token(&owner, issued(&[Scope::Audit], days), now())), ["token_lifetime"]);
        }
        let stranger = Signer { is_admitted: false, active_keys: BTreeSet::new(), ..owner.clone() };
        assert_eq!(codes(decide_issue_token(&stranger, good.clone(), now())), ["not_admitted", "key_not_active"]);
        assert_eq!(codes(decide_issue_token(&signer("E-1002", &[]), good, now())), ["key_not_active"]);
    }

    #[test]
    fn its_maker_and_security_end_it_and_nobody_else_learns_that_it_is_there() {
        let of_asha = token("E-1001");
        let ended = Token { revoked_at: Some(now()), ..of_asha.clone() };
        for (who, roles, token, allowed) in [
            ("E-1001", &[][..], Some(&of_asha), true),
            ("E-1005", &[Role::Security], Some(&of_asha), true),
            ("E-1002", &[Role::Engineer, Role::Dpo, Role::Auditor], Some(&of_asha), false),
            ("E-1001", &[], Some(&ended), false),
            ("E-1005", &[Role::Security], None, false),
        ] {
            let decision = decide_revoke_token(&signer(who, roles), token);
            let Decision::Allow(permit) = decision else {
                assert!(!allowed, "{who}");
                assert_eq!(codes(decision), ["token_unknown"]);
                continue;
            };
            assert!(allowed, "{who}");
            let [Event::TokenRevoked(revoked)] = permit.events() else { panic!("{permit:?}") };
            assert_eq!((revoked.by.as_str(), revoked.person.as_str()), (who, "E-1001"));
        }
    }

    #[test]
    fn a_token_ends_with_its_time_its_revocation_and_its_makers_admission() {
        let token = token("E-1001");
        assert_eq!(reason_against_use(&token, true, now()), None);
        assert_eq!(reason_against_use(&token, true, token.expires_at), Some(Reason::TokenExpired));
        assert_eq!(reason_against_use(&token, false, now()), Some(Reason::TokenOwnerNotAdmitted));
        let revoked = Token { revoked_at: Some(now()), ..token };
        assert_eq!(reason_against_use(&revoked, true, now()), Some(Reason::TokenRevoked));
    }

    #[test]
    fn what_is_signed_names_every_scope_the_person_the_token_and_the_end() {
        let digest = |person: &str, token: &str, scopes: &[Scope], at: DateTime<Utc>| {
            TokenIssued::subject_digest(&person.parse().unwrap(), &token.parse().unwrap(), scopes, at).unwrap()
        };
        let one = [Scope::Changes];
        let signed = digest("E-1001", TOKEN, &one, now());
        assert_ne!(signed, digest("E-1002", TOKEN, &one, now()));
        assert_ne!(signed, digest("E-1001", KEY, &one, now()));
        assert_ne!(signed, digest("E-1001", TOKEN, &Scope::ALL, now()));
        assert_ne!(signed, digest("E-1001", TOKEN, &one, now() + Duration::seconds(1)));
        assert_eq!(signed, digest("E-1001", TOKEN, &one, now()));
    }

    #[test]
    fn every_scope_reads() {
        for scope in Scope::ALL {
            assert!(scope.code().ends_with(":read"), "{scope}");
            assert_eq!(Scope::from_code(scope.code()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.code());
        }
    }
}
