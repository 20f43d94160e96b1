//! What the page shows of it.

use super::store::{self, Kept, Only, Wanted};
use crate::context::Context;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_app::pipelines::releases::shape::{ImageRow, ReleaseFilter, ReleasesView, RepositoryRow};
use gatehouse_app::shape::Status;
use gatehouse_domain::tone::Tone;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: usize = 50;
/// The worst first; what AWS may add stands behind.
const SEVERITIES: [&str; 6] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"];

/// One page of images. A filter that names nothing finds nothing; a place that is none is the beginning.
///
/// # Errors
/// When the database does not answer.
pub async fn view(ctx: &Context, filter: &ReleaseFilter) -> Result<ReleasesView, Error> {
    let services: Vec<(&str, &str)> = ctx
        .config
        .services
        .iter()
        .filter(|service| filter.service.as_deref().is_none_or(|name| name == service.name.as_str()))
        .map(|service| (service.image_repository.as_str(), service.name.as_str()))
        .collect();
    let repositories: BTreeSet<&str> = services.iter().map(|(repository, _)| *repository).collect();
    let wanted = Wanted {
        repositories: repositories.iter().copied().collect(),
        only: filter.only.as_deref().and_then(only),
        after: filter.after.as_deref().and_then(parse_cursor),
    };
    let production: BTreeSet<String> =
        ctx.config.environments.iter().filter(|it| it.production).map(|it| it.name.to_string()).collect();
    let mut conn = ctx.db.acquire().await?;
    let as_of = ctx.now(&mut conn).await?;
    let limit = i64::try_from(PAGE + 1).map_err(Error::internal)?;
    let mut found = store::list(&mut conn, &wanted, limit).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(cursor);
    let mut read: BTreeMap<String, store::ReadUntil> =
        store::list_read(&mut conn).await?.into_iter().map(|it| (it.repository.clone(), it)).collect();
    let of = |repository: &str| {
        let until = read.remove(repository);
        let (as_of, trouble) = until.map_or((None, None), |it| (it.as_of, it.trouble));
        RepositoryRow { repository: repository.to_owned(), as_of, trouble }
    };
    Ok(ReleasesView {
        next,
        repositories: repositories.iter().copied().map(of).collect(),
        rows: found.into_iter().map(|kept| row(kept, &services, &production)).collect(),
        services: ctx.config.services.iter().map(|service| service.name.to_string()).collect(),
        as_of,
    })
}

fn only(word: &str) -> Option<Only> {
    match word {
        "never" => Some(Only::Never),
        "moved" => Some(Only::Moved),
        "unscanned" => Some(Only::Unscanned),
        _ => None,
    }
}

fn cursor(kept: &Kept) -> String {
    format!("{}.{}.{}", kept.pushed_at.timestamp_micros(), kept.digest, kept.repository)
}

fn parse_cursor(text: &str) -> Option<(DateTime<Utc>, String, String)> {
    let mut parts = text.splitn(3, '.');
    let at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    Some((at, parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn row(kept: Kept, services: &[(&str, &str)], production: &BTreeSet<String>) -> ImageRow {
    let of = services.iter().filter(|(repository, _)| *repository == kept.repository);
    let counts: BTreeMap<String, u32> = serde_json::from_value(kept.findings.clone()).unwrap_or_default();
    let mut findings: Vec<(String, u32)> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    findings
        .sort_by_key(|(severity, _)| SEVERITIES.iter().position(|known| known == severity).unwrap_or(SEVERITIES.len()));
    ImageRow {
        services: of.map(|(_, name)| (*name).to_owned()).collect(),
        scan: scan(kept.scan.as_deref(), &findings),
        fate: fate(&kept, production),
        findings,
        repository: kept.repository,
        digest: kept.digest,
        tags: kept.tags,
        pushed_at: kept.pushed_at,
        size: kept.size.and_then(|size| u64::try_from(size).ok()).map(size),
        scanned_at: kept.scanned_at,
        released: kept.released_as.zip(kept.released_at),
        runs_in: kept.runs_in,
        lost: kept.lost,
        taken: kept.taken,
        gone_at: kept.gone_at,
    }
}

/// In AWS's words only what may pass is called scanned.
fn scan(word: Option<&str>, findings: &[(String, u32)]) -> Status {
    let is_grave = findings.iter().any(|(severity, _)| matches!(severity.as_str(), "CRITICAL" | "HIGH"));
    match word {
        Some("COMPLETE" | "ACTIVE") if is_grave => Status::new("Scanned", Tone::Bad),
        Some("COMPLETE" | "ACTIVE") => Status::new("Scanned", Tone::Ok),
        Some("IN_PROGRESS" | "PENDING") => Status::new("Being scanned", Tone::Running),
        Some("FAILED") => Status::new("Scan failed", Tone::Bad),
        Some(other) => Status::new(&format!("Not scanned ({})", other.to_lowercase().replace('_', " ")), Tone::Warn),
        None => Status::new("Not scanned", Tone::Warn),
    }
}

fn fate(kept: &Kept, production: &BTreeSet<String>) -> Status {
    match kept {
        Kept { released_as: Some(_), .. } => Status::new("Released", Tone::Ok),
        // It is out, and no change let it out: somebody should know why.
        Kept { runs_in, .. } if runs_in.iter().any(|it| production.contains(it)) => {
            Status::new("Runs, released by no change", Tone::Warn)
        }
        Kept { runs_in, .. } if !runs_in.is_empty() => Status::new("Not released", Tone::Neutral),
        Kept { ran_in, .. } if !ran_in.is_empty() => {
            Status::new(&format!("Ran in {}", ran_in.join(", ")), Tone::Neutral)
        }
        _ => Status::new("Never deployed", Tone::Neutral),
    }
}

/// As registries count: powers of ten.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000_000 => format!("{} kB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}
