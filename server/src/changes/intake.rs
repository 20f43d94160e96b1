//! GitHub asked: what exactly, and may it ask that? From a stored delivery to an opened change.

use super::making::who;
use super::reading::read_world;
use super::routes::TAKEN;
use super::store;
use crate::audit;
use crate::config::{Environment, Service};
use crate::context::Context;
use crate::error::Error;
use crate::github::facts::RunFacts;
use crate::github::webhook::{ParseError, ProtectionRequest, parse_protection_request};
use gatehouse_domain::Reason;
use gatehouse_domain::audit::{About, Actor};
use gatehouse_domain::changes::decide::permit_open;
use gatehouse_domain::changes::events::Opened;
use gatehouse_domain::changes::{ChangeKey, Requirement, State};

/// Reads a stored delivery and does what it asks. Doing it again finds the change there and does nothing.
///
/// # Errors
/// When GitHub or the database does not answer; the job is tried again.
pub async fn read_delivery(ctx: &Context, guid: &str) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let Some(delivery) = store::find_delivery(&mut conn, guid).await? else {
        return Ok(());
    };
    drop(conn);
    point!("delivery.taken");
    if delivery.outcome.is_some() {
        return Ok(());
    }
    let outcome = if delivery.event == TAKEN {
        match open(ctx, guid, &delivery.body).await {
            Ok(outcome) => outcome,
            Err(Stop::Refused(reason)) => {
                let actor = Actor::Github { delivery: guid.to_owned() };
                let about = About::Delivery(guid.to_owned());
                let code = reason.code();
                audit::refuse(ctx, &actor, "changes.open", about, &reason.into()).await?;
                format!("refused:{code}")
            }
            Err(Stop::Failed(error)) => return Err(error),
        }
    } else {
        "ignored".to_owned()
    };
    let mut conn = ctx.db.acquire().await?;
    store::set_delivery_outcome(&mut conn, guid, &outcome).await
}

/// Why a request is not opened.
enum Stop {
    /// It may not be.
    Refused(Reason),
    /// Something did not answer.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn open(ctx: &Context, guid: &str, body: &[u8]) -> Result<String, Stop> {
    let request = parse_protection_request(body, ctx.config.github.api_url.url()).map_err(|error| {
        Stop::Refused(match error {
            ParseError::CallbackElsewhere => Reason::CallbackElsewhere,
            other => Reason::BodyMalformed(other.to_string()),
        })
    })?;
    // Signed with our App's secret, but for another installation of it: not a repository that we were given.
    if request.installation_id != ctx.github.installation_id() {
        return Err(Stop::Refused(Reason::ServiceUnknown));
    }
    let environment = find_environment(ctx, &request)?;
    let run = read_run(ctx, &request).await?;
    let service = find_service(ctx, &request, &run)?;
    let key = ChangeKey {
        repository_id: request.repository_id,
        run_id: run.id,
        attempt: run.attempt,
        environment: environment.name.clone(),
    };
    let mut conn = ctx.db.acquire().await?;
    if let Some(number) = store::find_number(&mut conn, &key).await? {
        // Held: the same question again. Ended: another job of the same attempt asks for what was already used up.
        return match store::get_change(&mut conn, &number).await?.state {
            State::Held | State::Executing => Ok(format!("known:{number}")),
            _ => Err(Stop::Refused(Reason::AlreadyAnswered(number))),
        };
    }
    drop(conn);
    let requesters = [who(&request.sender)];
    let world = read_world(ctx, service, environment, &request.repository, &run, &requesters).await;

    point!("delivery.read");
    let mut tx = ctx.db.begin().await?;
    store::lock_run(&mut tx, &key).await?;
    // Two deliveries of one request may have come this far: the second finds the first one's change.
    if let Some(number) = store::find_number(&mut tx, &key).await? {
        return Ok(format!("known:{number}"));
    }
    let now = ctx.now(&mut tx).await?;
    let earlier = store::find_earlier_held(&mut tx, &key).await?;
    let number = store::next_number(&mut tx, now).await?;
    let subject = world.subject(now);
    let opened = Opened {
        number: number.clone(),
        key,
        subject_digest: subject.digest(),
        subject,
        requirement: Requirement::two_engineers(),
        contributors: world.contributors,
        rollback_plan: world.rollback_plan,
    };
    let actor = Actor::Github { delivery: guid.to_owned() };
    audit::commit(&mut tx, ctx, &actor, permit_open(opened, earlier.as_ref())).await?;
    store::set_reading(&mut tx, &number, &world.reading).await?;
    point!("change.opening");
    tx.commit().await?;
    point!("change.opened");
    Ok(format!("opened:{number}"))
}

fn find_environment<'a>(ctx: &'a Context, request: &ProtectionRequest) -> Result<&'a Environment, Stop> {
    ctx.config
        .environments
        .iter()
        .find(|e| e.github_environment == request.environment)
        .ok_or(Stop::Refused(Reason::EnvironmentUnknown))
}

/// The run as GitHub tells it now: the webhook's own words about it are not believed.
async fn read_run(ctx: &Context, request: &ProtectionRequest) -> Result<RunFacts, Stop> {
    if !ctx.config.services.iter().any(|s| is_repository(s, request)) {
        return Err(Stop::Refused(Reason::ServiceUnknown));
    }
    let run = ctx.github.read_run(&request.repository, request.run_id).await?;
    if run.repository_id == request.repository_id { Ok(run) } else { Err(Stop::Refused(Reason::CallbackElsewhere)) }
}

fn find_service<'a>(ctx: &'a Context, request: &ProtectionRequest, run: &RunFacts) -> Result<&'a Service, Stop> {
    ctx.config
        .services
        .iter()
        .find(|s| is_repository(s, request) && s.workflow == run.path)
        .ok_or(Stop::Refused(Reason::ServiceUnknown))
}

/// By number and by name: a repository that was renamed, or whose name was taken over, is another one.
fn is_repository(service: &Service, request: &ProtectionRequest) -> bool {
    service.repository_id == request.repository_id && service.repository == request.repository.to_string()
}
