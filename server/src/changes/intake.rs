//! GitHub asked: what exactly, and may it ask that? From a stored delivery to a run that waits.

use super::making::who;
use super::open::{Asked, Found, Stop, open};
use super::routes::TAKEN;
use super::store;
use crate::config::{Environment, Service};
use crate::context::Context;
use crate::error::Error;
use crate::github::facts::RunFacts;
use crate::github::webhook::{ParseError, ProtectionRequest, parse_protection_request};
use crate::{audit, pipelines};
use gatehouse_domain::Reason;
use gatehouse_domain::audit::{About, Actor};

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
        match ask(ctx, guid, &delivery.body).await {
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
    } else if pipelines::is_taken(&delivery.event) {
        let outcome = pipelines::take(ctx, &delivery.body).await?.to_owned();
        // What is told of runs carries names and addresses that are of no use here.
        let mut conn = ctx.db.acquire().await?;
        store::empty_body(&mut conn, guid).await?;
        outcome
    } else {
        "ignored".to_owned()
    };
    let mut conn = ctx.db.acquire().await?;
    store::set_delivery_outcome(&mut conn, guid, &outcome).await
}

async fn ask(ctx: &Context, guid: &str, body: &[u8]) -> Result<String, Stop> {
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
    let asked = Asked {
        actor: Actor::Github { delivery: guid.to_owned() },
        service: find_service(ctx, &request, &run)?,
        environment,
        repository: &request.repository,
        run: &run,
        requester: who(&request.sender),
    };
    Ok(match open(ctx, asked).await? {
        Found::Opened(number) => format!("opened:{number}"),
        Found::Known(number) => format!("known:{number}"),
    })
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
