//! What the pages show of incidents.

use super::{find, store};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn};
use gatehouse_app::alerts::shape::{IncidentRow, IncidentView, IncidentsView, ReviewRow};
use gatehouse_app::shape::{Availability, PersonView, Status};
use gatehouse_domain::alerts::decide::{Word, reasons_against, reasons_against_declare};
use gatehouse_domain::alerts::{Incident, Severity};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::{IncidentId, PersonId, Reason};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

type Names = BTreeMap<PersonId, String>;

/// What every page says while a P1 is live.
///
/// # Errors
/// When the database does not answer.
pub async fn live(conn: &mut PgConnection, ctx: &Context) -> Result<Option<String>, Error> {
    let mut said = Vec::new();
    for mut incident in store::list_incidents(conn, true).await? {
        if incident.is_live_p1() {
            incident.title.clear = audit::open(conn, ctx, &incident.title).await?;
            let services: Vec<&str> = incident.declared.services.iter().map(|name| name.as_str()).collect();
            said.push(format!(
                "P1 in {} ({}): {}.",
                incident.declared.environment,
                services.join(", "),
                incident.title.shown()
            ));
        }
    }
    Ok((!said.is_empty()).then(|| said.join(" ")))
}

/// Every incident, and whether the caller may declare one.
///
/// # Errors
/// When the database does not answer.
pub async fn incidents(ctx: &Context, who: &SignedIn) -> Result<IncidentsView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = people::read_one(&mut conn, ctx, &who.person).await?;
    let mut found = store::list_incidents(&mut conn, false).await?;
    for incident in &mut found {
        incident.title.clear = audit::open(&mut conn, ctx, &incident.title).await?;
    }
    let names = people::names(&mut conn, &found.iter().flat_map(persons).collect()).await?;
    Ok(IncidentsView {
        rows: found.iter().map(|incident| row(incident, &names)).collect(),
        environments: ctx.config.environments.iter().map(|environment| environment.name.to_string()).collect(),
        services: ctx.config.services.iter().map(|service| service.name.to_string()).collect(),
        declare: available(&reasons_against_declare(&signer)),
        as_of: ctx.now(&mut conn).await?,
    })
}

/// One incident.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn incident(ctx: &Context, who: &SignedIn, id: &str) -> Result<IncidentView, Error> {
    let id: IncidentId = id.parse().map_err(|_| Error::NotFound)?;
    let mut conn = ctx.db.acquire().await?;
    let signer = people::read_one(&mut conn, ctx, &who.person).await?;
    let incident = find(&mut conn, ctx, &id).await?.ok_or(Error::NotFound)?;
    let names = people::names(&mut conn, &persons(&incident).collect()).await?;
    let mut reviews = Vec::new();
    for review in store::list_reviews(&mut conn, &id).await? {
        let words = audit::open(&mut conn, ctx, &review.review).await?;
        reviews.push(ReviewRow { by: person(&review.person, &names), at: review.signed_at, words });
    }
    let may = |word| available(&reasons_against(&signer, &incident, word, None));
    Ok(IncidentView {
        row: row(&incident, &names),
        reviews,
        confirm: may(Word::Confirm),
        close: may(Word::Close),
        review: may(Word::Review),
        as_of: ctx.now(&mut conn).await?,
    })
}

fn persons(incident: &Incident) -> impl Iterator<Item = PersonId> {
    let closed = incident.closed.iter().map(|(by, _)| by);
    let all: BTreeSet<PersonId> = incident.makers().chain(closed).chain(&incident.reviewers).cloned().collect();
    all.into_iter()
}

fn available(reasons: &[Reason]) -> Availability {
    Availability { reasons: reasons.iter().map(ReasonView::from).collect() }
}

fn person(id: &PersonId, names: &Names) -> PersonView {
    PersonView { id: id.to_string(), name: names.get(id).cloned() }
}

fn row(incident: &Incident, names: &Names) -> IncidentRow {
    let step = |step: &Option<(PersonId, gatehouse_domain::DateTime<gatehouse_domain::Utc>)>| {
        step.as_ref().map(|(by, at)| (person(by, names), *at))
    };
    let is_p1 = incident.declared.severity == Severity::P1;
    let status = match (incident.is_open(), is_p1, incident.confirmed.is_some()) {
        (true, true, true) => Status::new("Live", Tone::Bad),
        (true, true, false) => Status::new("Waits for a second person", Tone::Warn),
        (true, false, _) => Status::new("Open", Tone::Warn),
        (false, ..) if incident.owes_review() => Status::new("Closed · review owed", Tone::Warn),
        (false, ..) => Status::new("Closed · reviewed", Tone::Ok),
    };
    IncidentRow {
        id: incident.declared.incident.to_string(),
        severity: incident.declared.severity.to_string(),
        status,
        title: incident.title.shown().to_owned(),
        environment: incident.declared.environment.to_string(),
        services: incident.declared.services.iter().map(ToString::to_string).collect(),
        declared: (person(&incident.declared_by, names), incident.declared_at),
        confirmed: step(&incident.confirmed),
        closed: step(&incident.closed),
    }
}
