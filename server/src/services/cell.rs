//! One service in one environment: what the cluster says, made into what a person reads.

use super::known::{Inner, Way};
use crate::changes::Standing;
use crate::config::Service;
use chrono::{DateTime, Utc};
use gatehouse_app::services::shape::{Cell, Distance, Version};
use gatehouse_app::shape::{PersonView, Status};
use gatehouse_domain::environments::facts::{Cluster, Kind, Name, ReplicaSet, Scaler, Workload};
use gatehouse_domain::environments::health::{self, Health};
use gatehouse_domain::tone::Tone;
use gatehouse_domain::{CommitSha, ImageDigest, PersonId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The object that runs a service, and of which kind it is.
pub(super) fn workload<'a>(cluster: &'a Cluster, service: &Service) -> Option<(Kind, &'a Arc<Workload>)> {
    let name = Name { namespace: service.namespace.as_str().into(), name: service.deployment.as_str().into() };
    [Kind::Deployment, Kind::Rollout, Kind::StatefulSet].into_iter().find_map(|kind| {
        let workload = cluster.workloads.get(&(kind, name.clone()))?;
        Some((kind, workload))
    })
}

/// The image of the service's own container, as the template names it.
pub(super) fn image_of<'a>(workload: &'a Workload, service: &Service) -> Option<&'a str> {
    let own = workload.template.containers.iter().find(|it| !it.is_init && it.name == service.container)?;
    Some(&own.image)
}

/// How a service is, in a word; `NotDeployed` is no health of a workload, but a cell has to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Down,
    Degraded,
    Unknown,
    Progressing,
    Healthy,
    NotDeployed,
}

impl State {
    /// Worst first.
    pub(super) const ALL: [Self; 6] =
        [Self::Down, Self::Degraded, Self::Unknown, Self::Progressing, Self::Healthy, Self::NotDeployed];

    pub(super) fn status(self) -> Status {
        let (word, tone) = match self {
            Self::Down => ("Down", Tone::Bad),
            Self::Degraded => ("Degraded", Tone::Bad),
            Self::Unknown => ("Not known", Tone::Unknown),
            Self::Progressing => ("Rolling out", Tone::Running),
            Self::Healthy => ("Healthy", Tone::Ok),
            Self::NotDeployed => ("Not deployed", Tone::Neutral),
        };
        Status::new(word, tone)
    }
}

/// How the service is there, and why it is not simply healthy.
pub(super) fn state(cluster: Option<&Cluster>, service: &Service) -> (State, Option<String>) {
    let Some(cluster) = cluster else { return (State::Unknown, Some("Its cluster cannot be asked.".to_owned())) };
    let reach = cluster.reach(Kind::Deployment);
    let Some((kind, workload)) = workload(cluster, service) else {
        if let Some(trouble) = reach.trouble {
            return (State::Unknown, Some(trouble));
        }
        let own = format!("{}/{}: ", service.namespace, service.deployment);
        let named = u32::try_from(reach.poison.len()).unwrap_or(u32::MAX);
        // Where more cannot be read than are named, it may be among them.
        if reach.poison.iter().any(|said| said.starts_with(&own)) || reach.poisoned > named {
            return (State::Unknown, Some("The cluster’s record of it cannot be read.".to_owned()));
        }
        return match reach.as_of {
            Some(_) => (State::NotDeployed, None),
            None => (State::Unknown, Some("Its cluster has not been heard yet.".to_owned())),
        };
    };
    let reach = cluster.reach(kind);
    if let Some(trouble) = reach.trouble {
        return (State::Unknown, Some(trouble));
    }
    let (health, why) = health::of(workload, reach.as_of.is_some());
    let state = match health {
        Health::Healthy => State::Healthy,
        Health::Progressing => State::Progressing,
        Health::Degraded => State::Degraded,
        Health::Down => State::Down,
        Health::Unknown => State::Unknown,
    };
    (state, (state != State::Healthy).then_some(why))
}

/// What else a cell needs.
pub(super) struct Around<'a> {
    pub(super) known: &'a Inner,
    pub(super) released: &'a dyn Fn(&ImageDigest) -> Option<Standing>,
    pub(super) names: &'a BTreeMap<PersonId, String>,
    pub(super) incidents: u32,
    /// The environment to the left: its name, and the commit that runs there.
    pub(super) left: Option<(&'a str, Option<CommitSha>)>,
}

/// The cell, and the commit that runs there for the one to its right.
pub(super) fn cell(cluster: Option<&Cluster>, service: &Service, around: &Around<'_>) -> (Cell, Option<CommitSha>) {
    let (state, why) = state(cluster, service);
    let running = cluster.and_then(|cluster| workload(cluster, service));
    let version = running.zip(cluster).and_then(|((_, workload), cluster)| version(cluster, workload, service, around));
    let commit = version.as_ref().and_then(|version| version.commit.as_ref()?.parse().ok());
    let scaler = cluster.and_then(|cluster| scaler(cluster, service));
    let cell = Cell {
        status: state.status(),
        why,
        replicas: running.map(|(_, workload)| (workload.ready, workload.wanted)),
        bounds: scaler.map(|scaler| (scaler.min, scaler.max)),
        incidents: around.incidents,
        distance: version.as_ref().and_then(|_| distance(service, commit.as_ref(), around)),
        version,
    };
    (cell, commit)
}

/// The autoscaler that scales the service.
pub(super) fn scaler<'a>(cluster: &'a Cluster, service: &Service) -> Option<&'a Arc<Scaler>> {
    let namespace: Arc<str> = service.namespace.as_str().into();
    let from = Name { namespace: namespace.clone(), name: "".into() };
    let inside = cluster.scalers.range(from..).take_while(|(name, _)| name.namespace == namespace);
    inside.map(|(_, scaler)| scaler).find(|scaler| scaler.target.1 == service.deployment)
}

fn version(cluster: &Cluster, workload: &Workload, service: &Service, around: &Around<'_>) -> Option<Version> {
    let image = image_of(workload, service)?;
    let digest: Option<ImageDigest> = image.rsplit_once('@').and_then(|(_, digest)| digest.parse().ok());
    let released = digest.as_ref().and_then(|digest| (around.released)(digest));
    let looked = digest.as_ref().and_then(|digest| {
        around.known.images.get(&(service.image_repository.clone(), digest.clone()))?.answer.as_ref().ok()
    });
    let by_registry = looked.and_then(|facts| facts.commit.as_ref().ok());
    let person = |id: &PersonId| PersonView { id: id.to_string(), name: around.names.get(id).cloned() };
    Some(Version {
        commit: released.as_ref().and_then(|it| it.commit.as_ref()).or(by_registry).map(ToString::to_string),
        digest: digest.map(|digest| digest.to_string()),
        image: image.rsplit('/').next().unwrap_or(image).to_owned(),
        since: since(cluster, service, image),
        change: released.as_ref().map(|it| it.number.to_string()),
        by: released.map(|it| it.by.iter().map(person).collect()).unwrap_or_default(),
    })
}

/// Since when the cluster runs this image: when the newest ReplicaSet of it was made.
fn since(cluster: &Cluster, service: &Service, image: &str) -> Option<DateTime<Utc>> {
    let of_it = |set: &&Arc<ReplicaSet>| set.wanted > 0 && set.images.iter().any(|its| its == image);
    named_after(&cluster.replica_sets, service)
        .map(|(_, set)| set)
        .filter(of_it)
        .filter_map(|set| set.meta.created)
        .max()
}

/// Objects that Kubernetes names after the service's Deployment: `NAME-…`, in its namespace.
pub(super) fn named_after<'a, T>(
    all: &'a BTreeMap<Name, Arc<T>>,
    service: &Service,
) -> impl Iterator<Item = (&'a Name, &'a Arc<T>)> + use<'a, T> {
    let prefix = format!("{}-", service.deployment);
    let from = Name { namespace: service.namespace.as_str().into(), name: prefix.as_str().into() };
    let namespace = Arc::clone(&from.namespace);
    all.range(from..).take_while(move |(name, _)| name.namespace == namespace && name.name.starts_with(&prefix))
}

fn distance(service: &Service, commit: Option<&CommitSha>, around: &Around<'_>) -> Option<Distance> {
    let (name, left) = around.left.as_ref()?;
    let unknown = |why: &str| Some(Distance::Unknown { why: why.to_owned() });
    let (Some(here), Some(left)) = (commit, left) else {
        return unknown("Which commits these are is not known yet.");
    };
    if here == left {
        return Some(Distance::Level);
    }
    let repository = service.repository.parse().ok()?;
    match around.known.ways.get(&(repository, here.clone(), left.clone())).map(|looked| &looked.answer) {
        Some(Ok(Way::Ahead(commits, titles))) => {
            Some(Distance::Ahead { than: (*name).to_owned(), commits: *commits, titles: titles.clone() })
        }
        Some(Ok(Way::Behind)) => {
            Some(Distance::Otherwise { words: format!("{name} is behind: it lacks commits that run here.") })
        }
        Some(Ok(Way::Parted)) => Some(Distance::Otherwise {
            words: format!("{name} is on another branch: each has commits that the other lacks."),
        }),
        Some(Err(why)) => unknown(why),
        None => unknown("How far apart is being asked."),
    }
}
