//! May this person stop the line, or let it go on?
//!
//! Stopping takes one key and is possible at once, by everybody who may have to: it only closes, so an identity provider
//! that does not answer must not be in the way. Letting it go on opens something; it takes an engineer or security,
//! with fresh facts. It need not be whoever stopped: they may be asleep when it is mended.

use super::Stop;
use crate::audit::Event;
use crate::canonical::{self, CanonicalError};
use crate::changes::events::{LineStopped, StopLifted};
use crate::decision::{Decision, Permit};
use crate::ids::{Digest, EnvironmentName, StopId};
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Who may stop the line.
pub const MAY_STOP: [Role; 3] = [Role::Engineer, Role::Security, Role::Oncall];
/// Who may let it go on.
pub const MAY_LIFT: [Role; 2] = [Role::Engineer, Role::Security];
/// A freeze that is longer is no freeze; it is forgotten.
const LONGEST_DAYS: i64 = 90;

/// A stop that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopDraft {
    /// Our id for it.
    pub stop: StopId,
    /// To where nothing is to go out.
    pub environment: EnvironmentName,
    /// Until when, if it is to end by itself.
    pub until: Option<DateTime<Utc>>,
}

impl StopDraft {
    /// SHA-256 of what the keys sign that stop and that lift: both name the id, so neither is worth anything elsewhere.
    ///
    /// # Errors
    /// Never for values that exist: ids, names and times are canonical text.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        let until = self.until.map_or_else(
            || "absent:until it is lifted".to_owned(),
            |until| until.to_rfc3339_opts(SecondsFormat::Micros, true),
        );
        canonical::to_bytes(&json!({
            "tag": "gatehouse.stop.v1",
            "stop": self.stop,
            "environment": self.environment,
            "until": until,
        }))
        .map(|bytes| Digest::of(&bytes))
    }
}

impl From<&Stop> for StopDraft {
    fn from(stop: &Stop) -> Self {
        Self { stop: stop.stop.clone(), environment: stop.environment.clone(), until: stop.until }
    }
}

/// Everything against this person's stopping the line; the page asks the same, without a time.
#[must_use]
pub fn reasons_against_stop(signer: &Signer, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Vec<Reason> {
    let mut reasons = signer.reasons_against(&MAY_STOP, None);
    if until.is_some_and(|until| until <= now || until > now + Duration::days(LONGEST_DAYS)) {
        reasons.push(Reason::StopTime);
    }
    reasons
}

/// May they stop it?
pub fn decide_stop(signer: &Signer, draft: StopDraft, why: Personal, proof: Proof, now: DateTime<Utc>) -> Decision {
    let mut reasons = reasons_against_stop(signer, draft.until, now);
    reasons.extend(signer.key_is_foreign(&proof));
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => {
            let StopDraft { stop, environment, until } = draft;
            let person = signer.person.clone();
            Decision::Allow(Permit::new(Event::LineStopped(LineStopped {
                stop,
                environment,
                person,
                until,
                why,
                proof,
            })))
        }
    }
}

/// Everything against this person's letting it go on. `stop` is the one that stands, if it does.
#[must_use]
pub fn reasons_against_lift(
    signer: &Signer,
    stop: Option<&Stop>,
    now: DateTime<Utc>,
    fresh_at: Option<DateTime<Utc>>,
) -> Vec<Reason> {
    let mut reasons = signer.reasons_against(&MAY_LIFT, fresh_at);
    if !stop.is_some_and(|stop| stop.holds(now)) {
        reasons.push(Reason::StopUnknown);
    }
    reasons
}

/// May they let it go on?
pub fn decide_lift(signer: &Signer, stop: Option<&Stop>, why: Personal, proof: Proof, now: DateTime<Utc>) -> Decision {
    let mut reasons = reasons_against_lift(signer, stop, now, Some(now));
    reasons.extend(signer.key_is_foreign(&proof));
    match (Reasons::from_vec(reasons), stop) {
        (Some(reasons), _) => Decision::Refuse(reasons),
        (None, None) => Decision::Refuse(Reason::StopUnknown.into()),
        (None, Some(stop)) => {
            let (id, environment) = (stop.stop.clone(), stop.environment.clone());
            let lifted = StopLifted { stop: id, environment, person: signer.person.clone(), why, proof };
            Decision::Allow(Permit::new(Event::StopLifted(lifted)))
        }
    }
}
