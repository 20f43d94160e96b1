//! May this session be ended, and by whom?
//!
//! A session that merely ended (signed out, idle, replaced) takes nothing back: what a person approved
//! through it they approved. One that was *stolen* does: nobody knows whose hand led theirs to the key, so
//! every approval that was given through it and is not executed yet falls (ATK-08).

use super::events::{SessionStolen, SignedOutElsewhere};
use super::{Role, Signer};
use crate::audit::Event;
use crate::decision::{Decision, Permit};
use crate::ids::{PersonId, SessionId};
use crate::reason::{Reason, Reasons};

/// A session, as far as ending it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub person: PersonId,
    /// Somebody said so before.
    pub is_known_stolen: bool,
}

/// Everything against `by` reporting this session; the page asks the same.
///
/// Its owner may, and so may security for anybody: this only ever closes. One that ended may be reported
/// too: people notice late.
#[must_use]
pub fn reasons_against_report(by: &Signer, session: &SessionFacts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if by.person != session.person && !by.held_roles().contains(&Role::Security) {
        reasons.push(Reason::RoleNotHeld(vec![Role::Security]));
    }
    if session.is_known_stolen {
        reasons.push(Reason::SessionUnknown);
    }
    reasons
}

/// May `by` report this session as stolen? What was approved through it falls in the same transaction.
pub fn decide_report_stolen(by: &Signer, session: &SessionFacts) -> Decision {
    match Reasons::from_vec(reasons_against_report(by, session)) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(Event::SessionStolen(SessionStolen {
            person: session.person.clone(),
            session: session.session.clone(),
        }))),
    }
}

/// May `by` end this session, one that is not the asking one? One's own only, and nothing is taken back; whether another's
/// is there is nobody's business.
pub fn decide_end(by: &PersonId, session: &SessionFacts) -> Decision {
    if *by != session.person {
        return Decision::Refuse(Reason::SessionUnknown.into());
    }
    let event = SignedOutElsewhere { person: session.person.clone(), sessions: "1".to_owned() };
    Decision::Allow(Permit::new(Event::SignedOutElsewhere(event)))
}

/// A person ends their other sessions; `None` when there was no other.
#[must_use]
pub fn permit_sign_out_elsewhere(person: PersonId, sessions: u64) -> Option<Permit> {
    let event = SignedOutElsewhere { person, sessions: sessions.to_string() };
    (sessions > 0).then(|| Permit::new(Event::SignedOutElsewhere(event)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::collections::BTreeSet;

    fn person(id: &str, roles: &[Role]) -> Signer {
        Signer {
            person: id.parse().unwrap(),
            is_admitted: true,
            admitted_roles: roles.iter().copied().collect(),
            group_roles: roles.iter().copied().collect(),
            facts_at: None,
            github_id: None,
            github_aliases: BTreeSet::new(),
            waiting_roles: BTreeSet::new(),
            active_keys: BTreeSet::new(),
        }
    }

    fn ashas(is_known_stolen: bool) -> SessionFacts {
        SessionFacts {
            session: "01890000-0000-7000-8000-00000000000a".parse().unwrap(),
            person: "E-1001".parse().unwrap(),
            is_known_stolen,
        }
    }

    fn codes(by: &Signer, session: &SessionFacts) -> Vec<String> {
        match decide_report_stolen(by, session) {
            Decision::Allow(permit) => permit.events().iter().map(|event| event.act().to_owned()).collect(),
            Decision::Refuse(reasons) => reasons.codes(),
        }
    }

    #[test]
    fn its_owner_and_security_report_a_session_and_nobody_else() {
        assert_eq!(codes(&person("E-1001", &[]), &ashas(false)), ["people.session_stolen"]);
        assert_eq!(codes(&person("E-1004", &[Role::Security]), &ashas(false)), ["people.session_stolen"]);
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Security) {
            assert_eq!(codes(&person("E-1002", &[role]), &ashas(false)), ["role_not_held"], "{role}");
        }
        // The group alone makes nobody security.
        let by_group = Signer { admitted_roles: BTreeSet::new(), ..person("E-1002", &[Role::Security]) };
        assert_eq!(codes(&by_group, &ashas(false)), ["role_not_held"]);
    }

    #[test]
    fn what_is_known_is_not_reported_again() {
        assert_eq!(codes(&person("E-1001", &[]), &ashas(true)), ["session_unknown"]);
        assert_eq!(codes(&person("E-1002", &[]), &ashas(true)), ["role_not_held", "session_unknown"]);
    }

    #[test]
    fn one_ends_ones_own_sessions_and_knows_of_no_other() {
        assert!(matches!(decide_end(&"E-1001".parse().unwrap(), &ashas(false)), Decision::Allow(_)));
        let refused = decide_end(&"E-1004".parse().unwrap(), &ashas(false));
        assert!(matches!(refused, Decision::Refuse(reasons) if reasons.codes() == ["session_unknown"]));
    }

    #[test]
    fn signing_out_elsewhere_is_recorded_when_there_was_an_elsewhere() {
        assert_eq!(permit_sign_out_elsewhere("E-1001".parse().unwrap(), 0), None);
        let permit = permit_sign_out_elsewhere("E-1001".parse().unwrap(), 2).unwrap();
        assert!(matches!(permit.events(), [Event::SignedOutElsewhere(e)] if e.sessions == "2"));
    }
}
