//! What the pages show of environments. Read from memory; the database is asked for the time only.

use super::{parity, rails};
use crate::config::Place;
use crate::context::Context;
use crate::error::Error;
use crate::kube::watch::{ALL, plural};
use chrono::{DateTime, Utc};
use gatehouse_app::environments::shape::{
    AroundRow, EnvironmentCard, EnvironmentView, EnvironmentsView, GroupRow, KindRow, WorkloadRow,
};
use gatehouse_app::shape::Status;
use gatehouse_domain::environments::facts::{Cluster, Kind, Meta, Name, Reach, Workload};
use gatehouse_domain::environments::health::{self, Health};
use gatehouse_domain::tone::Tone;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Rows of one page.
const ROWS: usize = 100;

/// Every environment, from the left.
///
/// # Errors
/// When the database does not answer.
pub async fn environments(ctx: &Context) -> Result<EnvironmentsView, Error> {
    let environments = ctx.config.places().iter().map(|place| card(ctx, place).0).collect();
    Ok(EnvironmentsView { environments, as_of: now(ctx).await? })
}

/// One environment; its workloads from `after` on.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn environment(ctx: &Context, name: &str, after: &str) -> Result<EnvironmentView, Error> {
    let places = ctx.config.places();
    let place = places.iter().find(|place| place.name.as_str() == name).ok_or(Error::NotFound)?;
    let (card, cluster) = card(ctx, place);
    let rails = rails::in_short(ctx, name, card.watched.then_some(&*cluster));
    let parity = parity::in_short(ctx, name).await?;
    let as_of = now(ctx).await?;
    let (workloads, next) = workloads(&cluster, after);
    let mut around = around(&cluster, as_of);
    let around_more = around.len().saturating_sub(ROWS);
    around.truncate(ROWS);
    Ok(EnvironmentView {
        card,
        workloads,
        total: number(cluster.workloads.len()),
        next,
        around,
        around_more: number(around_more),
        rails,
        parity,
        as_of,
    })
}

async fn now(ctx: &Context) -> Result<DateTime<Utc>, Error> {
    let mut conn = ctx.db.acquire().await?;
    Ok(ctx.now(&mut conn).await?)
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn card(ctx: &Context, place: &Place<'_>) -> (EnvironmentCard, std::sync::Arc<Cluster>) {
    let held = ctx.environments.snapshot(place.name);
    let watched = held.is_some();
    let cluster = held.unwrap_or_default();
    let said = [
        ("Account", place.about.account()),
        ("Region", place.about.region()),
        ("Cluster", place.about.cluster()),
        ("Data", place.about.data_class()),
        ("Residency", place.about.residency()),
        ("Access", place.about.access()),
    ];
    let about = said.into_iter().filter_map(|(what, said)| Some((what.to_owned(), said?.to_owned())));
    let mut by_health: BTreeMap<Health, u32> = BTreeMap::new();
    for ((kind, _), workload) in &cluster.workloads {
        *by_health.entry(health_of(&cluster, *kind, workload).0).or_default() += 1;
    }
    let status = |health: Health| Status::new(health.word(), health.tone());
    let card = EnvironmentCard {
        name: place.name.to_string(),
        gated: place.gated,
        about: about.collect(),
        watched,
        health: by_health.into_iter().map(|(health, n)| (status(health), n)).collect(),
        groups: groups(&cluster),
        kinds: if watched { ALL.iter().map(|kind| kind_row(*kind, cluster.reach(*kind))).collect() } else { vec![] },
    };
    (card, cluster)
}

fn health_of(cluster: &Cluster, kind: Kind, workload: &Workload) -> (Health, String) {
    health::of(workload, cluster.reach.get(&kind).is_some_and(Reach::is_known))
}

fn kind_row(kind: Kind, reach: Reach) -> KindRow {
    let status = match (&reach.trouble, reach.absent, reach.as_of) {
        (Some(_), _, _) => Status::new("Behind", Tone::Unknown),
        (None, true, _) => Status::new("Not installed", Tone::Neutral),
        (None, false, None) => Status::new("Not read yet", Tone::Unknown),
        (None, false, Some(_)) if reach.poisoned > 0 => Status::new("Live, with gaps", Tone::Warn),
        (None, false, Some(_)) => Status::new("Live", Tone::Ok),
    };
    KindRow {
        kind: plural(kind).to_owned(),
        status,
        as_of: reach.as_of,
        trouble: reach.trouble,
        poison: reach.poison,
        poisoned: reach.poisoned,
    }
}

fn groups(cluster: &Cluster) -> Vec<GroupRow> {
    let mut groups: BTreeMap<&str, (GroupRow, BTreeSet<&str>)> = BTreeMap::new();
    for node in cluster.nodes.values() {
        let (row, types) = groups.entry(&node.group).or_insert_with(|| {
            let row = GroupRow { group: node.group.clone(), nodes: 0, ready: 0, cordoned: 0, types: vec![] };
            (row, BTreeSet::new())
        });
        row.nodes += 1;
        row.ready += u32::from(node.is_ready);
        row.cordoned += u32::from(node.is_cordoned);
        types.insert(&node.instance_type);
    }
    let whole = |(mut row, types): (GroupRow, BTreeSet<&str>)| {
        row.types = types.into_iter().map(str::to_owned).collect();
        row
    };
    groups.into_values().map(whole).collect()
}

/// A page of workloads in the order of kind, namespace and name, and where the next one begins.
fn workloads(cluster: &Cluster, after: &str) -> (Vec<WorkloadRow>, Option<String>) {
    let from = match place_of(after) {
        Some(last) => Bound::Excluded(last),
        None => Bound::Unbounded,
    };
    let mut rows: Vec<_> = cluster.workloads.range((from, Bound::Unbounded)).take(ROWS + 1).collect();
    let has_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows
        .last()
        .filter(|_| has_more)
        .map(|((kind, name), _)| format!("{}/{}/{}", plural(*kind), name.namespace, name.name));
    let row = |((kind, name), workload): (&(Kind, Name), &std::sync::Arc<Workload>)| {
        let (health, why) = health_of(cluster, *kind, workload);
        let object = format!("{kind:?}");
        let scaler = cluster
            .scalers
            .values()
            .find(|it| it.meta.name.namespace == name.namespace && it.target.0 == object && *it.target.1 == *name.name);
        WorkloadRow {
            namespace: name.namespace.to_string(),
            name: name.name.to_string(),
            health: Status::new(health.word(), health.tone()),
            why,
            counts: (workload.wanted, workload.ready, workload.updated),
            bounds: scaler.map(|it| (it.min, it.max)),
            kind: object,
        }
    };
    (rows.into_iter().map(row).collect(), next)
}

/// Where a page ended, as its address says; what is no such place begins at the beginning.
fn place_of(after: &str) -> Option<(Kind, Name)> {
    let mut parts = after.splitn(3, '/');
    let (kind, namespace, name) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = ALL.into_iter().find(|it| plural(*it) == kind)?;
    Some((kind, Name { namespace: namespace.into(), name: name.into() }))
}

/// Quotas, certificates, mTLS, budgets, policies, applications, canaries: what needs a look first.
fn around(cluster: &Cluster, as_of: DateTime<Utc>) -> Vec<AroundRow> {
    let mut rows = Vec::new();
    let mut add = |kind: Kind, object: &str, meta: &Meta, (word, tone): (&str, Tone), words: String| {
        let is_known = cluster.reach.get(&kind).is_some_and(Reach::is_known);
        let status = if is_known { Status::new(word, tone) } else { Status::new("May be old", Tone::Unknown) };
        rows.push(AroundRow {
            kind: object.to_owned(),
            namespace: meta.name.namespace.to_string(),
            name: meta.name.name.to_string(),
            status,
            words,
        });
    };
    for it in cluster.certificates.values() {
        let state = match it.not_after {
            Some(end) if end <= as_of => ("Expired", Tone::Bad),
            _ if !it.is_ready => ("Not ready", Tone::Warn),
            _ => ("Ready", Tone::Ok),
        };
        let until = it.not_after.map(|end| format!(", until {}", end.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
        add(Kind::Certificate, "Certificate", &it.meta, state, format!("{}{until}", it.dns_names.join(", ")));
    }
    for it in cluster.applications.values() {
        let is_well = it.sync == "Synced" && it.health == "Healthy";
        let state = if is_well { ("In step", Tone::Ok) } else { ("Out of step", Tone::Warn) };
        add(
            Kind::Application,
            "Argo CD application",
            &it.meta,
            state,
            format!("{}, {}, {}", it.sync, it.health, it.revision),
        );
    }
    for it in cluster.mtls.values() {
        let state = if it.mode == "STRICT" && it.ports.values().all(|mode| mode == "STRICT") {
            ("Strict", Tone::Ok)
        } else {
            ("Not strict", Tone::Warn)
        };
        add(Kind::PeerAuthentication, "PeerAuthentication", &it.meta, state, format!("mTLS {}", it.mode));
    }
    for it in cluster.canaries.values() {
        let words = format!("{} % of traffic, {} failed checks, of {}", it.weight, it.failed_checks, it.target);
        let tone = if it.phase == "Failed" { Tone::Bad } else { Tone::Neutral };
        add(Kind::Canary, "Canary", &it.meta, (&it.phase, tone), words);
    }
    for it in cluster.quotas.values() {
        let used = |(key, hard): (&String, &String)| {
            format!("{key} {} of {hard}", it.used.get(key).map_or("0", String::as_str))
        };
        let words: Vec<String> = it.hard.iter().map(used).collect();
        add(Kind::Quota, "Quota", &it.meta, ("In force", Tone::Ok), words.join(", "));
    }
    for it in cluster.budgets.values() {
        let state = if it.allowed == 0 { ("None may go", Tone::Warn) } else { ("Holds", Tone::Ok) };
        add(Kind::Budget, "Disruption budget", &it.meta, state, format!("{} may be disturbed now", it.allowed));
    }
    for it in cluster.network_policies.values() {
        let whom = if it.selects_all { "every pod" } else { "some pods" };
        let words = format!("about {whom}: {} rules in, {} out", it.ingress, it.egress);
        add(Kind::NetworkPolicy, "NetworkPolicy", &it.meta, ("In force", Tone::Ok), words);
    }
    let urgency = |tone: Tone| match tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Unknown => 2,
        _ => 3,
    };
    rows.sort_by_key(|row| urgency(row.status.tone));
    rows
}
