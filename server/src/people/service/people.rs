//! Who is admitted and what do they hold? What waits for endorsements, and for whose?

use crate::context::Context;
use crate::error::Error;
use crate::people::gained::admits_by_itself;
use crate::people::session::SignedIn;
use crate::people::signers::{names, read_signers};
use crate::people::store::persons::{Hold, list_persons};
use crate::people::store::requests::{find_request, list_open};
use gatehouse_app::people::shape::{EndorsementRow, PeopleView, PersonRow, RequestRow, RequestView, RoleRow};
use gatehouse_app::shape::{Availability, PersonView, Status};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::people::endorse::{decide_withdraw, reasons_against};
use gatehouse_domain::people::request::{Ended, REQUEST_LIFETIME, Request, Stand, Wanted};
use gatehouse_domain::people::{Role, Signer};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{DateTime, Decision, PersonId, RequestId, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// The people page.
///
/// # Errors
/// When the database refuses.
pub async fn people(ctx: &Context, who: &SignedIn) -> Result<PeopleView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let requests = open_for(&mut conn, ctx, &who.person).await?;
    let admitted: BTreeSet<PersonId> = ctx.config.admitted.iter().map(|row| row.person.clone()).collect();
    let signers = read_signers(&mut conn, ctx, &admitted).await?;
    let names = names(&mut conn, &admitted).await?;
    let ids: Vec<String> = admitted.iter().map(ToString::to_string).collect();
    let known = list_persons(&mut conn, &ids, Hold::Read).await?;
    let people = ctx.config.admitted.iter().filter_map(|row| {
        let signer = signers.get(&row.person)?;
        Some(PersonRow {
            person: person_view(&row.person, &names),
            roles: row.roles.iter().map(|role| role_row(*role, signer)).collect(),
            keys: u32::try_from(signer.active_keys.len()).unwrap_or(u32::MAX),
            has_come: known.contains(&row.person),
        })
    });
    Ok(PeopleView {
        requests,
        people: people.collect(),
        is_relaxed: admits_by_itself(ctx),
        as_of: ctx.now(&mut conn).await?,
    })
}

fn role_row(role: Role, signer: &Signer) -> RoleRow {
    let status = if signer.held_roles().contains(&role) {
        Status::new("held", Tone::Ok)
    } else if signer.waiting_roles.contains(&role) {
        Status::new("waits", Tone::Warn)
    } else if signer.facts_at.is_none() {
        // Whoever never came was never asked about.
        Status::new("not known yet", Tone::Unknown)
    } else {
        Status::new("not in the group", Tone::Neutral)
    };
    RoleRow { name: role.to_string(), status }
}

/// What this person could endorse now.
///
/// # Errors
/// When the database refuses.
pub async fn inbox(ctx: &Context, who: &SignedIn) -> Result<Vec<RequestRow>, Error> {
    let mut conn = ctx.db.acquire().await?;
    let open = open_for(&mut conn, ctx, &who.person).await?;
    Ok(open.into_iter().filter(|row| row.is_yours).collect())
}

/// How many requests this person could endorse now.
///
/// # Errors
/// When the database refuses.
pub async fn needs_you(conn: &mut PgConnection, ctx: &Context, viewer: &PersonId) -> Result<u32, Error> {
    let open = open_for(conn, ctx, viewer).await?;
    Ok(u32::try_from(open.iter().filter(|row| row.is_yours).count()).unwrap_or(u32::MAX))
}

async fn open_for(conn: &mut PgConnection, ctx: &Context, viewer: &PersonId) -> Result<Vec<RequestRow>, Error> {
    let open = list_open(conn).await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let now = ctx.now(conn).await?;
    let viewer = super::read_signer(conn, ctx, viewer).await?;
    let persons = open.iter().map(|request| request.wanted.person().clone()).collect();
    let names = names(conn, &persons).await?;
    Ok(open.iter().filter(|request| request.is_open(now)).map(|request| row(request, &viewer, &names, now)).collect())
}

/// One request, for whoever is asked to endorse it.
///
/// # Errors
/// `NotFound`, or when the database refuses.
pub async fn request(ctx: &Context, who: &SignedIn, id: &str) -> Result<RequestView, Error> {
    let id: RequestId = id.parse().map_err(|_| Error::NotFound)?;
    let mut conn = ctx.db.acquire().await?;
    let request = find_request(&mut conn, &id).await?.ok_or(Error::NotFound)?;
    let now = ctx.now(&mut conn).await?;
    let viewer = super::read_signer(&mut conn, ctx, &who.person).await?;
    let mut persons = endorsers(std::slice::from_ref(&request));
    persons.insert(request.wanted.person().clone());
    let names = names(&mut conn, &persons).await?;
    let available = |decision| Availability {
        reasons: reasons_against(&request, &viewer, decision, now).iter().map(ReasonView::from).collect(),
    };
    let is_asked = matches!(request.stand(now), Stand::Asked { .. });
    Ok(RequestView {
        row: row(&request, &viewer, &names, now),
        subject: subject(&request.wanted, &names),
        digest: request.digest.to_string(),
        six_words: six_words(&request.digest).map(str::to_owned).to_vec(),
        endorsements: request
            .endorsements
            .iter()
            .map(|e| EndorsementRow { person: person_view(&e.endorser, &names), signed_at: e.signed_at })
            .collect(),
        counts_from: request.counts_from.filter(|_| request.ended.is_none()),
        expires_at: is_asked.then(|| request.asked_at + REQUEST_LIFETIME),
        approve: available(SignedDecision::Approve),
        refuse: available(SignedDecision::Reject),
        can_withdraw: matches!(decide_withdraw(&request, &viewer, now), Decision::Allow(_)),
        as_of: now,
    })
}

fn subject(wanted: &Wanted, names: &BTreeMap<PersonId, String>) -> Vec<(String, String)> {
    let field = |name: &str, value: String| (name.to_owned(), value);
    let person = wanted.person();
    let shown = names.get(person).map_or_else(|| person.to_string(), |name| format!("{name} ({person})"));
    let mut fields = vec![field("person", shown)];
    match wanted {
        Wanted::Key { credential_id, public_key, roles, .. } => {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            fields.push(field("roles on the list", roles.join(", ")));
            fields.push(field("credential", credential_id.clone()));
            fields.push(field("public key", serde_json::to_string(public_key).unwrap_or_default()));
        }
        Wanted::Role { role, .. } => fields.push(field("role", role.to_string())),
    }
    fields.push(field("request", wanted.request().to_string()));
    fields
}

fn row(request: &Request, viewer: &Signer, names: &BTreeMap<PersonId, String>, now: DateTime<Utc>) -> RequestRow {
    RequestRow {
        id: request.wanted.request().to_string(),
        person: person_view(request.wanted.person(), names),
        what: match &request.wanted {
            Wanted::Key { .. } => "a security key".to_owned(),
            Wanted::Role { role, .. } => format!("the role {role}"),
        },
        asked_at: request.asked_at,
        status: stand_status(request.stand(now)),
        is_yours: reasons_against(request, viewer, SignedDecision::Approve, now).is_empty(),
    }
}

/// Everybody whose word stands on these.
pub(super) fn endorsers(requests: &[Request]) -> BTreeSet<PersonId> {
    requests.iter().flat_map(|request| &request.endorsements).map(|e| e.endorser.clone()).collect()
}

pub(super) fn person_view(person: &PersonId, names: &BTreeMap<PersonId, String>) -> PersonView {
    PersonView { id: person.to_string(), name: names.get(person).cloned() }
}

pub(super) fn stand_status(stand: Stand) -> Status {
    match stand {
        Stand::Asked { endorsed } => Status::new(&format!("Endorsed by {endorsed} of 2"), Tone::Warn),
        Stand::Waits { .. } => Status::new("Waits 24 hours", Tone::Running),
        Stand::Counts => Status::new("Active", Tone::Ok),
        Stand::Ended(Ended::Refused) => Status::new("Refused", Tone::Bad),
        Stand::Ended(Ended::Withdrawn) => Status::new("Withdrawn", Tone::Neutral),
        Stand::Ended(Ended::Expired) => Status::new("Expired", Tone::Neutral),
        Stand::Ended(Ended::Lost) => Status::new("Lost", Tone::Neutral),
    }
}
