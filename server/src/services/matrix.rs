//! The matrix: a page of services, each in every environment, and how much of each environment is in trouble.

use super::cell::{Around, State, cell, state};
use crate::config::{Place, Service};
use crate::context::Context;
use crate::error::Error;
use crate::{alerts, changes, people};
use gatehouse_app::services::shape::{EnvironmentHead, MatrixView, ServiceFilter, ServiceRow};
use gatehouse_app::shape::Status;
use gatehouse_domain::environments::facts::{Cluster, Kind};
use gatehouse_domain::{EnvironmentName, PersonId};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PAGE: usize = 50;

/// Every environment with what is held of its cluster at this moment.
pub(super) struct Scene<'a> {
    pub(super) environments: Vec<(Place<'a>, Option<Arc<Cluster>>)>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(ctx: &'a Context) -> Self {
        let environments = ctx.config.places().into_iter().map(|it| (it, ctx.environments.snapshot(it.name))).collect();
        Self { environments }
    }

    /// The worst of a service, over all environments.
    fn worst(&self, service: &Service) -> State {
        let states = self.environments.iter().map(|(_, cluster)| state(cluster.as_deref(), service).0);
        states.min().unwrap_or(State::Unknown)
    }

    fn heads(&self, services: &[Service]) -> Vec<EnvironmentHead> {
        let head = |(environment, cluster): &(Place<'_>, Option<Arc<Cluster>>)| {
            let mut shares: BTreeMap<State, u32> = BTreeMap::new();
            for service in services {
                let count = shares.entry(state(cluster.as_deref(), service).0).or_default();
                *count = count.saturating_add(1);
            }
            let reach = cluster.as_ref().map(|cluster| cluster.reach(Kind::Deployment)).unwrap_or_default();
            let share = |state: State| Some((state.status(), shares.get(&state).copied()?));
            EnvironmentHead {
                name: environment.name.to_string(),
                shares: State::ALL.into_iter().filter(|it| *it != State::NotDeployed).filter_map(share).collect(),
                seen: reach.as_of,
                trouble: reach.trouble,
            }
        };
        self.environments.iter().map(head).collect()
    }
}

/// One page of the matrix.
///
/// # Errors
/// When the database does not answer.
pub async fn list(ctx: &Context, filter: ServiceFilter) -> Result<MatrixView, Error> {
    let scene = Scene::of(ctx);
    let mut chosen = chosen(&ctx.config.services, &filter);
    if filter.sort.as_deref() == Some("trouble") {
        chosen.sort_by_cached_key(|service| (scene.worst(service), service.name.clone()));
    } else {
        chosen.sort_by(|one, other| one.name.cmp(&other.name));
    }
    // What stood there may have moved meanwhile; then the list begins anew rather than somewhere.
    let from = filter.after.as_deref().and_then(|after| chosen.iter().position(|it| it.name.as_str() == after));
    let mut rest = chosen.into_iter().skip(from.map_or(0, |at| at.saturating_add(1)));
    let page: Vec<&Service> = rest.by_ref().take(PAGE).collect();
    let next = rest.next().and(page.last()).map(|last| last.name.to_string());
    let mut conn = ctx.db.acquire().await?;
    let rows = rows(&mut conn, ctx, &scene, &page).await?;
    let teams: BTreeSet<&String> = ctx.config.services.iter().map(|service| &service.owner_team).collect();
    Ok(MatrixView {
        environments: scene.heads(&ctx.config.services),
        rows,
        next,
        teams: teams.into_iter().cloned().collect(),
        total: u32::try_from(ctx.config.services.len()).unwrap_or(u32::MAX),
        as_of: ctx.now(&mut conn).await?,
    })
}

fn chosen<'a>(services: &'a [Service], filter: &ServiceFilter) -> Vec<&'a Service> {
    let part = filter.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let team = filter.team.as_deref().filter(|team| !team.is_empty());
    let is_chosen = |service: &&Service| {
        service.name.as_str().contains(&part) && team.is_none_or(|team| service.owner_team == team)
    };
    services.iter().filter(is_chosen).collect()
}

/// These services as rows.
pub(super) async fn rows(
    conn: &mut PgConnection,
    ctx: &Context,
    scene: &Scene<'_>,
    services: &[&Service],
) -> Result<Vec<ServiceRow>, Error> {
    let environments: Vec<&EnvironmentName> = scene.environments.iter().map(|(it, _)| it.name).collect();
    let names: Vec<_> = services.iter().map(|service| &service.name).collect();
    let released = changes::released_as(conn, &names, &environments).await?;
    let persons: BTreeSet<PersonId> = released.values().flat_map(|it| it.by.iter().cloned()).collect();
    let people = people::names(conn, &persons).await?;
    let burning = alerts::open(conn).await?;
    let incidents = |service: &Service, environment: &EnvironmentName| {
        let is_there = |one: &&gatehouse_domain::alerts::Incident| {
            one.declared.environment == *environment && one.declared.services.contains(&service.name)
        };
        u32::try_from(burning.iter().filter(is_there).count()).unwrap_or(u32::MAX)
    };
    let row = |service: &&Service| {
        let mut left = None;
        let cells = scene.environments.iter().map(|(environment, cluster)| {
            let place = |digest: &gatehouse_domain::ImageDigest| {
                released.get(&(service.name.to_string(), environment.name.to_string(), digest.clone())).cloned()
            };
            let (cell, commit) = ctx.services.read(|known| {
                let around = Around {
                    known,
                    released: &place,
                    names: &people,
                    incidents: incidents(service, environment.name),
                    left: left.take(),
                };
                cell(cluster.as_deref(), service, &around)
            });
            left = Some((environment.name.as_str(), commit));
            cell
        });
        ServiceRow { name: service.name.to_string(), team: service.owner_team.clone(), cells: cells.collect() }
    };
    Ok(services.iter().map(row).collect())
}

/// A word for what nobody said.
pub(super) fn status_of_scan(scan: Option<&str>) -> Status {
    use gatehouse_domain::tone::Tone;
    match scan {
        Some("COMPLETE" | "ACTIVE") => Status::new("Scanned", Tone::Ok),
        Some("IN_PROGRESS" | "PENDING") => Status::new("Being scanned", Tone::Running),
        Some(_) => Status::new("Scan failed", Tone::Bad),
        None => Status::new("Not scanned", Tone::Unknown),
    }
}
