//! The two acts, from what is wanted to the entry.

use crate::alerts;
use crate::audit;
use crate::changes::store;
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn, Wish};
use gatehouse_app::changes::lane::LaneWish;
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::act::{Act, SignedDecision};
use gatehouse_domain::alerts::Incident;
use gatehouse_domain::audit::About;
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::lane::{
    Attaching, Overtaking, StopDraft, decide_attach, decide_lift, decide_stop, decide_supersede, emergency_digest,
    reasons_against_attach, reasons_against_lift, reasons_against_stop, reasons_against_supersede, supersede_digest,
};
use gatehouse_domain::people::Signer;
use gatehouse_domain::personal::is_showable;
use gatehouse_domain::{Decision, Digest, IncidentId, Reason, Reasons};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

const ACTS: [Act; 3] = [Act::StopLine, Act::SupersedeChange, Act::AttachEmergency];

/// What is wanted, as the ceremony keeps it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Stop(StopDraft),
    Lift(StopDraft),
    Supersede(Overtaking),
    Attach(Attaching),
}

impl Wish for Wanted {
    fn act(&self) -> (Act, SignedDecision) {
        match self {
            Self::Stop(_) => (Act::StopLine, SignedDecision::Stop),
            Self::Lift(_) => (Act::StopLine, SignedDecision::Lift),
            Self::Supersede(_) => (Act::SupersedeChange, SignedDecision::Close),
            Self::Attach(_) => (Act::AttachEmergency, SignedDecision::Approve),
        }
    }

    fn subject(&self, _words: &Digest) -> Result<Digest, Error> {
        match self {
            Self::Stop(stop) | Self::Lift(stop) => stop.digest(),
            Self::Supersede(overtaking) => supersede_digest(overtaking),
            Self::Attach(to) => emergency_digest(&to.number, &to.subject_digest, &to.incident),
        }
        .map_err(Error::internal)
    }
}

/// What was tried, and on what, for the entry of a refusal: the more is known, the better.
struct Tried {
    attempt: &'static str,
    about: About,
}

impl Tried {
    fn by(who: &SignedIn, attempt: &'static str) -> Self {
        Self { attempt, about: About::Person(who.person.clone()) }
    }

    fn of(&mut self, wanted: &Wanted) {
        (self.attempt, self.about) = match wanted {
            Wanted::Stop(stop) => ("changes.stop_line", About::line(&stop.environment)),
            Wanted::Lift(stop) => ("changes.lift_stop", About::line(&stop.environment)),
            Wanted::Supersede(overtaking) => ("changes.supersede", About::Change(overtaking.older.clone())),
            Wanted::Attach(to) => ("changes.attach_emergency", About::Change(to.number.clone())),
        };
    }

    async fn recorded<T>(self, ctx: &Context, who: &SignedIn, result: Result<T, Error>) -> Result<T, Error> {
        audit::recorded(ctx, &who.actor(), self.attempt, self.about, result).await
    }
}

/// Prepares an act: everything against it now, or what the key is to sign.
///
/// # Errors
/// `Refused` with every reason, which is recorded.
pub async fn begin_lane(ctx: &Context, who: &SignedIn, wish: LaneWish) -> Result<SignatureRequest, Error> {
    let mut tried = Tried::by(who, attempt_of(&wish));
    let begun = begin(ctx, who, wish, &mut tried).await;
    tried.recorded(ctx, who, begun).await
}

/// Takes the signature. Everything is decided again, under locks. Gives a sentence.
///
/// # Errors
/// As [`begin_lane`], and whatever is wrong with ceremony or signature.
pub async fn finish_lane(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<String, Error> {
    let mut tried = Tried::by(who, "changes.lane");
    let finished = finish(ctx, who, ceremony, assertion, &mut tried).await;
    tried.recorded(ctx, who, finished).await
}

fn attempt_of(wish: &LaneWish) -> &'static str {
    match wish {
        LaneWish::Stop { .. } => "changes.stop_line",
        LaneWish::Lift { .. } => "changes.lift_stop",
        LaneWish::Supersede { .. } => "changes.supersede",
        LaneWish::Attach { .. } => "changes.attach_emergency",
    }
}

async fn begin(ctx: &Context, who: &SignedIn, wish: LaneWish, tried: &mut Tried) -> Result<SignatureRequest, Error> {
    let mut tx = ctx.db.begin().await?;
    let now = ctx.now(&mut tx).await?;
    let signer = people::read_one(&mut tx, ctx, &who.person).await?;
    let (wanted, why, mut against) = match wish {
        LaneWish::Stop { environment, until, why } => {
            let known = ctx.config.environments.iter().find(|known| known.name.as_str() == environment);
            let environment = known.ok_or_else(|| Error::refused(Reason::EnvironmentUnknown))?.name.clone();
            let stop = ctx.entropy.split("changes.stop_id").uuid_v7(now).to_string();
            let stop = StopDraft { stop: stop.parse().map_err(Error::internal)?, environment, until };
            (Wanted::Stop(stop), why, reasons_against_stop(&signer, until, now))
        }
        LaneWish::Lift { stop, why } => {
            let unknown = || Error::refused(Reason::StopUnknown);
            let found = store::find_standing_stop(&mut tx, &stop.parse().map_err(|_| unknown())?).await?;
            let found = found.ok_or_else(unknown)?;
            (Wanted::Lift(StopDraft::from(&found)), why, reasons_against_lift(&signer, Some(&found), now, None))
        }
        LaneWish::Supersede { older, older_subject, newer, newer_subject, why } => {
            let malformed = |what: &str| Error::refused(Reason::BodyMalformed(what.to_owned()));
            let overtaking = Overtaking {
                older: older.parse().map_err(|_| Error::refused(Reason::ChangeUnknown))?,
                older_subject: older_subject.parse().map_err(|_| malformed("no digest of the older change"))?,
                newer: newer.parse().map_err(|_| Error::refused(Reason::ChangeUnknown))?,
                newer_subject: newer_subject.parse().map_err(|_| malformed("no digest of the newer change"))?,
            };
            tried.of(&Wanted::Supersede(overtaking.clone()));
            let older = change(store::get_change(&mut tx, &overtaking.older).await)?;
            let newer = change(store::get_change(&mut tx, &overtaking.newer).await)?;
            let mut against = reasons_against_supersede(&signer, &older, &newer);
            if older.subject_digest != overtaking.older_subject || newer.subject_digest != overtaking.newer_subject {
                against.insert(0, Reason::SubjectReplaced);
            }
            (Wanted::Supersede(overtaking), why, against)
        }
        LaneWish::Attach { number, subject_digest, incident, why } => {
            let malformed = || Error::refused(Reason::BodyMalformed("no digest of the change".to_owned()));
            let to = Attaching {
                number: number.parse().map_err(|_| Error::refused(Reason::ChangeUnknown))?,
                subject_digest: subject_digest.parse().map_err(|_| malformed())?,
                incident: incident.parse().map_err(|_| Error::refused(Reason::IncidentUnknown))?,
            };
            tried.of(&Wanted::Attach(to.clone()));
            let change = change(store::get_change(&mut tx, &to.number).await)?;
            let (incident, makers) = fire(&mut tx, ctx, &to.incident).await?;
            let mut against = reasons_against_attach(&signer, &change, &incident, &makers, None);
            if change.subject_digest != to.subject_digest {
                against.insert(0, Reason::SubjectReplaced);
            }
            (Wanted::Attach(to), why, against)
        }
    };
    tried.of(&wanted);
    if !is_showable(&why) {
        against.push(Reason::TextRefused);
    } else if why.trim().is_empty() {
        against.push(Reason::CommentMissing);
    }
    if let Some(reasons) = Reasons::from_vec(against) {
        return Err(reasons.into());
    }
    let asked = people::begin_wish(&mut tx, ctx, who, wanted, &why).await?;
    tx.commit().await?;
    Ok(asked)
}

async fn finish(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
    tried: &mut Tried,
) -> Result<String, Error> {
    let (taken, wanted) = people::take_wish::<Wanted>(ctx, who, ceremony, &ACTS).await?;
    tried.of(&wanted);
    // Letting things go out again takes fresh facts; stopping must not wait for an identity provider.
    if matches!(wanted, Wanted::Lift(_) | Wanted::Attach(_)) {
        people::refresh_role_facts_if_possible(ctx, &who.person).await;
    }
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    // The session, the line or the changes, the people: every decision takes its locks in this order.
    let held = lock(&mut tx, &wanted).await?;
    let said = people::finish_wish(&mut tx, ctx, who, taken, &wanted, assertion).await?;
    let signer = people::lock_one(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let (decision, message) = match (&wanted, &held) {
        (Wanted::Stop(stop), _) => {
            let message = format!("The line to {} is stopped. Nothing goes out there.", stop.environment);
            (decide_stop(&signer, stop.clone(), said.why, said.proof, now), message)
        }
        (Wanted::Lift(stop), _) => {
            let found = store::find_standing_stop(&mut tx, &stop.stop).await?;
            let message = format!("The stop of {} is lifted. What is open goes out within a minute.", stop.environment);
            (decide_lift(&signer, found.as_ref(), said.why, said.proof, now), message)
        }
        (Wanted::Supersede(read), Held::Two(two)) => {
            let (older, newer) = two.as_ref();
            let message = format!("{} is ended. GitHub is told that its run is rejected.", older.number);
            (decide_supersede(&signer, older, newer, read, said.why, said.proof), message)
        }
        (Wanted::Attach(to), Held::One(change)) => {
            let (incident, makers) = fire(&mut tx, ctx, &to.incident).await?;
            let message = "Attached. What may be skipped is skipped; the proof is owed from the release on.".to_owned();
            (decide_attach(&signer, change, &incident, &makers, to, (said.why, said.proof), now), message)
        }
        _ => return Err(Error::internal("what an act of the lane is about is not held")),
    };
    match decision {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(message)
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// What is held while it is decided.
enum Held {
    Line,
    One(Box<Change>),
    Two(Box<(Change, Change)>),
}

/// An incident, and whoever made it what it is, as they stand now.
async fn fire(conn: &mut PgConnection, ctx: &Context, id: &IncidentId) -> Result<(Incident, Vec<Signer>), Error> {
    let found = alerts::find(conn, ctx, id).await?.ok_or_else(|| Error::refused(Reason::IncidentUnknown))?;
    let makers = people::read_signers(conn, ctx, &found.makers().cloned().collect()).await?;
    Ok((found, makers.into_values().collect()))
}

/// Holds what the act is about: incidents and lines before changes, two changes in the order of their numbers.
async fn lock(conn: &mut PgConnection, wanted: &Wanted) -> Result<Held, Error> {
    match wanted {
        Wanted::Stop(stop) | Wanted::Lift(stop) => {
            store::hold_line(conn, &stop.environment, true).await?;
            Ok(Held::Line)
        }
        Wanted::Attach(to) => {
            alerts::hold(conn, &to.incident, false).await?;
            Ok(Held::One(Box::new(change(store::lock_change(conn, &to.number).await)?)))
        }
        Wanted::Supersede(Overtaking { older, newer, .. }) => {
            if older < newer {
                let older = store::lock_change(conn, older).await?;
                Ok(Held::Two(Box::new((older, store::lock_change(conn, newer).await?))))
            } else {
                let newer = store::lock_change(conn, newer).await?;
                Ok(Held::Two(Box::new((store::lock_change(conn, older).await?, newer))))
            }
        }
    }
}

fn change(found: Result<Change, Error>) -> Result<Change, Error> {
    match found {
        Err(Error::NotFound) => Err(Error::refused(Reason::ChangeUnknown)),
        other => other,
    }
}
