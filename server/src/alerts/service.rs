//! Declaring, confirming, closing and reviewing, from what is wanted to the entry.

use super::{find, store};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn, Wish};
use gatehouse_app::alerts::shape::{IncidentDone, IncidentWish};
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::act::{Act, SignedDecision};
use gatehouse_domain::alerts::decide::{Word, decide_declare, decide_word, reasons_against, reasons_against_declare};
use gatehouse_domain::alerts::events::IncidentSigned;
use gatehouse_domain::alerts::{Declaration, Severity};
use gatehouse_domain::audit::About;
use gatehouse_domain::personal::is_showable;
use gatehouse_domain::{Decision, Digest, IncidentId, Reason, Reasons};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const ACTS: [Act; 2] = [Act::Incident, Act::ReviewIncident];
/// A title is one line.
const LONGEST_TITLE: usize = 200;

/// What is wanted, as the ceremony keeps it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    /// The title is the words beside it.
    Declare(Declaration),
    Say {
        word: Word,
        incident: IncidentId,
        subject: Digest,
    },
}

impl Wish for Wanted {
    fn act(&self) -> (Act, SignedDecision) {
        match self {
            Self::Declare(_) => (Act::Incident, SignedDecision::Declare),
            Self::Say { word: Word::Confirm, .. } => (Act::Incident, SignedDecision::Approve),
            Self::Say { word: Word::Close, .. } => (Act::Incident, SignedDecision::Close),
            Self::Say { word: Word::Review, .. } => (Act::ReviewIncident, SignedDecision::Approve),
        }
    }

    fn subject(&self, words: &Digest) -> Result<Digest, Error> {
        match self {
            Self::Declare(declared) => declared.digest(words).map_err(Error::internal),
            Self::Say { subject, .. } => Ok(subject.clone()),
        }
    }
}

struct Tried {
    attempt: &'static str,
    about: About,
}

impl Tried {
    fn of(&mut self, wanted: &Wanted) {
        (self.attempt, self.about) = match wanted {
            Wanted::Declare(declared) => ("alerts.declare", About::incident(&declared.incident)),
            Wanted::Say { word, incident, .. } => (attempt(*word), About::incident(incident)),
        };
    }

    async fn recorded<T>(self, ctx: &Context, who: &SignedIn, result: Result<T, Error>) -> Result<T, Error> {
        audit::recorded(ctx, &who.actor(), self.attempt, self.about, result).await
    }
}

fn attempt(word: Word) -> &'static str {
    match word {
        Word::Confirm => "alerts.confirm",
        Word::Close => "alerts.close",
        Word::Review => "alerts.review",
    }
}

/// Prepares an act: everything against it now, or what the key is to sign.
///
/// # Errors
/// `Refused` with every reason, which is recorded.
pub async fn begin_incident(ctx: &Context, who: &SignedIn, wish: IncidentWish) -> Result<SignatureRequest, Error> {
    let mut tried = Tried { attempt: "alerts.declare", about: About::Person(who.person.clone()) };
    let begun = begin(ctx, who, wish, &mut tried).await;
    tried.recorded(ctx, who, begun).await
}

/// Takes the signature. Everything is decided again, while the incident is held.
///
/// # Errors
/// As [`begin_incident`], and whatever is wrong with ceremony or signature.
pub async fn finish_incident(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
) -> Result<IncidentDone, Error> {
    let mut tried = Tried { attempt: "alerts.incident", about: About::Person(who.person.clone()) };
    let finished = finish(ctx, who, ceremony, assertion, &mut tried).await;
    tried.recorded(ctx, who, finished).await
}

async fn begin(
    ctx: &Context,
    who: &SignedIn,
    wish: IncidentWish,
    tried: &mut Tried,
) -> Result<SignatureRequest, Error> {
    let mut tx = ctx.db.begin().await?;
    let signer = people::read_one(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let (wanted, words, mut against) = match wish {
        IncidentWish::Declare { severity, environment, services, title } => {
            let id = ctx.entropy.split("alerts.incident_id").uuid_v7(now).to_string();
            let declared = parse(ctx, id, &severity, &environment, &services)?;
            (Wanted::Declare(declared), title.trim().to_owned(), reasons_against_declare(&signer))
        }
        IncidentWish::Say { word, incident, words } => {
            tried.attempt = attempt(word);
            let unknown = || Error::refused(Reason::IncidentUnknown);
            let id: IncidentId = incident.parse().map_err(|_| unknown())?;
            let found = find(&mut tx, ctx, &id).await?.ok_or_else(unknown)?;
            let subject = found.digest().map_err(Error::internal)?;
            let against = reasons_against(&signer, &found, word, None);
            (Wanted::Say { word, incident: id, subject }, words, against)
        }
    };
    tried.of(&wanted);
    let is_title = matches!(wanted, Wanted::Declare(_));
    if !is_showable(&words) || (is_title && (words.chars().count() > LONGEST_TITLE || words.contains('\n'))) {
        against.push(Reason::TextRefused);
    } else if words.trim().is_empty() && !matches!(wanted, Wanted::Say { word: Word::Confirm, .. }) {
        against.push(Reason::CommentMissing);
    }
    if let Some(reasons) = Reasons::from_vec(against) {
        return Err(reasons.into());
    }
    let asked = people::begin_wish(&mut tx, ctx, who, wanted, &words).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Only what is configured can be on fire here.
fn parse(
    ctx: &Context,
    id: String,
    severity: &str,
    environment: &str,
    services: &[String],
) -> Result<Declaration, Error> {
    let severity = Severity::from_code(severity)
        .ok_or_else(|| Error::refused(Reason::BodyMalformed("no such severity".to_owned())))?;
    let environment = ctx.config.environments.iter().find(|known| known.name.as_str() == environment);
    let environment = environment.ok_or_else(|| Error::refused(Reason::EnvironmentUnknown))?.name.clone();
    let known = |name: &String| {
        let found = ctx.config.services.iter().find(|service| service.name.as_str() == name);
        found.map(|service| service.name.clone()).ok_or_else(|| Error::refused(Reason::ServiceUnknown))
    };
    let services = services.iter().map(known).collect::<Result<BTreeSet<_>, _>>()?;
    if services.is_empty() {
        return Err(Error::refused(Reason::ServiceUnknown));
    }
    Ok(Declaration { incident: id.parse().map_err(Error::internal)?, severity, environment, services })
}

async fn finish(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
    tried: &mut Tried,
) -> Result<IncidentDone, Error> {
    let (taken, wanted) = people::take_wish::<Wanted>(ctx, who, ceremony, &ACTS).await?;
    tried.of(&wanted);
    // What opens a door takes fresh facts; saying that something is wrong must not wait for an identity provider.
    if matches!(wanted, Wanted::Say { word: Word::Confirm, .. }) {
        people::refresh_role_facts_if_possible(ctx, &who.person).await;
    }
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    if let Wanted::Say { incident, .. } = &wanted {
        store::hold_incident(&mut tx, incident, true).await?;
    }
    let said = people::finish_wish(&mut tx, ctx, who, taken, &wanted, assertion).await?;
    let signer = people::lock_one(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let (decision, id, message) = match wanted {
        Wanted::Declare(declared) => {
            let id = declared.incident.clone();
            let message = match declared.severity {
                Severity::P1 => "Declared. It opens nothing until a second person has confirmed it.",
                _ => "Declared.",
            };
            (decide_declare(&signer, declared, said.why, said.proof), id, message)
        }
        Wanted::Say { word, incident, subject } => {
            let found = store::find_incident(&mut tx, &incident).await?;
            let found = found.ok_or_else(|| Error::refused(Reason::IncidentUnknown))?;
            let message = match word {
                Word::Confirm => "Confirmed: the P1 is live.",
                Word::Close => "Closed. It owes a review by somebody else than whoever declared it.",
                Word::Review => "The review is signed.",
            };
            let signed = IncidentSigned {
                incident: incident.clone(),
                subject_digest: subject,
                person: who.person.clone(),
                words: said.why,
                proof: said.proof,
            };
            (decide_word(&signer, &found, word, signed, now), incident, message)
        }
    };
    match decision {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(IncidentDone { incident: id.to_string(), message: message.to_owned() })
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}
