//! Asks the outside world, in the background, about what runs: which commit, how far apart, who owns it.

use super::known::{A_ROUND, ImageFacts, ImageKey, Looked, Way, WayKey};
use crate::apart;
use crate::config::Service;
use crate::context::{Context, wall_clock};
use crate::error::chain;
use crate::github::facts::ComparisonStatus;
use crate::github::{FileAt, RepoName};
use gatehouse_domain::services::catalog::{self, Entry};
use gatehouse_domain::{CommitSha, DateTime, ImageDigest, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between rounds.
const EVERY: Duration = Duration::from_secs(3);
/// Titles of commits that a cell shows.
const TITLES: usize = 3;

/// Looks again and again until `stop`.
pub async fn run(contexts: watch::Receiver<Context>, stop: CancellationToken) {
    loop {
        let ctx = contexts.borrow().clone();
        tokio::select! {
            () = stop.cancelled() => return,
            () = round(&ctx) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// What runs of a service, left to right; `None` where nothing does or nobody knows.
struct Line<'a> {
    service: &'a Service,
    repository: Option<RepoName>,
    running: Vec<Option<ImageDigest>>,
}

/// One round: images first, because ways need their commits.
pub(super) async fn round(ctx: &Context) {
    // How old an answer is decides only when it is asked for again.
    let now = wall_clock();
    note_scaling(ctx, now);
    let lines = lines(ctx);
    let mut left = A_ROUND;
    let wanted: BTreeSet<ImageKey> = lines
        .iter()
        .flat_map(|line| {
            line.running.iter().flatten().map(|digest| (line.service.image_repository.clone(), digest.clone()))
        })
        .collect();
    for key in &wanted {
        if left > 0 && ctx.services.read(|known| known.images.get(key).is_none_or(|looked| looked.is_due(true, now))) {
            left -= 1;
            let answer = image(ctx, key).await;
            ctx.services.write(|known| Looked::renew(&mut known.images, key.clone(), answer, now));
        }
    }
    let ways: BTreeSet<WayKey> = lines.iter().flat_map(|line| ways(ctx, line)).collect();
    for key in &ways {
        if left > 0 && ctx.services.read(|known| known.ways.get(key).is_none_or(|looked| looked.is_due(false, now))) {
            left -= 1;
            let answer = way(ctx, key).await;
            ctx.services.write(|known| Looked::renew(&mut known.ways, key.clone(), answer, now));
        }
    }
    for line in &lines {
        let name = line.service.name.to_string();
        let is_due = ctx.services.read(|known| known.entries.get(&name).is_none_or(|looked| looked.is_due(true, now)));
        if left > 0 && is_due {
            left -= 1;
            let answer = entry(ctx, line).await;
            ctx.services.write(|known| Looked::renew(&mut known.entries, name, answer, now));
        }
    }
    // What does not run any more is nobody's question.
    ctx.services.write(|known| {
        known.images.retain(|key, _| wanted.contains(key));
        known.ways.retain(|key, _| ways.contains(key));
    });
}

/// How many pods every autoscaler has, from what is held of the clusters.
fn note_scaling(ctx: &Context, now: DateTime<Utc>) {
    for place in ctx.config.places() {
        let Some(cluster) = ctx.environments.snapshot(place.name) else { continue };
        for service in &ctx.config.services {
            if let Some(scaler) = super::cell::scaler(&cluster, service) {
                let of = (place.name.to_string(), service.name.to_string());
                ctx.services.write(|known| known.note(of, now, scaler.current));
            }
        }
    }
}

fn lines(ctx: &Context) -> Vec<Line<'_>> {
    let clusters: Vec<_> = ctx.config.places().into_iter().map(|it| ctx.environments.snapshot(it.name)).collect();
    let running = |service: &Service| {
        let digest = |cluster: &std::sync::Arc<gatehouse_domain::environments::facts::Cluster>| {
            super::cell::workload(cluster, service)
                .and_then(|(_, workload)| super::cell::image_of(workload, service)?.rsplit_once('@')?.1.parse().ok())
        };
        clusters.iter().map(|cluster| cluster.as_ref().and_then(digest)).collect()
    };
    let line = |service| Line { service, repository: service.repository.parse().ok(), running: running(service) };
    ctx.config.services.iter().map(line).collect()
}

fn commit_of(ctx: &Context, line: &Line<'_>, digest: &ImageDigest) -> Option<CommitSha> {
    let key = (line.service.image_repository.clone(), digest.clone());
    ctx.services.read(|known| known.images.get(&key)?.answer.as_ref().ok()?.commit.as_ref().ok().cloned())
}

/// Neighbours that run different commits.
fn ways(ctx: &Context, line: &Line<'_>) -> Vec<WayKey> {
    let commits: Vec<Option<CommitSha>> =
        line.running.iter().map(|digest| digest.as_ref().and_then(|digest| commit_of(ctx, line, digest))).collect();
    let pairs = commits.iter().zip(commits.iter().skip(1));
    let way = |(left, right): (&Option<CommitSha>, &Option<CommitSha>)| match (left, right, &line.repository) {
        (Some(left), Some(right), Some(repository)) if left != right => {
            Some((repository.clone(), right.clone(), left.clone()))
        }
        _ => None,
    };
    pairs.filter_map(way).collect()
}

async fn image(ctx: &Context, (repository, digest): &ImageKey) -> Result<ImageFacts, String> {
    let unanswered = |error| {
        tracing::debug!(error = chain(&error), "the registry does not say what an image is");
        "The image registry does not answer.".to_owned()
    };
    let found = ctx.ecr.find_image_by_digest(repository, digest).await.map_err(unanswered)?;
    let Some(found) = found else { return Err("The image registry does not know this image.".to_owned()) };
    let shas: Vec<CommitSha> = found.tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    let commit = match shas.as_slice() {
        [sha] => Ok(sha.clone()),
        [] => Err("No commit names this image."),
        _ => Err("Several commits name this image; nobody can tell which one it is."),
    };
    let scan = ctx.ecr.find_scan(repository, digest).await.map_err(unanswered)?;
    let scan = scan.map(|scan| {
        let mut counts = BTreeMap::new();
        for (_, severity) in scan.findings {
            let count: &mut u32 = counts.entry(severity).or_default();
            *count = count.saturating_add(1);
        }
        (scan.status, counts)
    });
    Ok(ImageFacts { commit, pushed_at: found.pushed_at, scan })
}

async fn way(ctx: &Context, (repository, base, head): &WayKey) -> Result<Way, String> {
    let compared = ctx.github.compare(repository, base, head).await.map_err(|error| {
        tracing::debug!(error = chain(&error), "GitHub does not compare two commits");
        "GitHub does not say how far apart they are.".to_owned()
    })?;
    let commits = u32::try_from(compared.total_commits).unwrap_or(u32::MAX);
    Ok(match compared.status {
        ComparisonStatus::Ahead | ComparisonStatus::Identical => {
            let newest = compared.commits.iter().rev().take(TITLES);
            Way::Ahead(commits, newest.map(|it| it.message.lines().next().unwrap_or_default().to_owned()).collect())
        }
        ComparisonStatus::Behind => Way::Behind,
        ComparisonStatus::Diverged => Way::Parted,
    })
}

/// The descriptor beside the service's code, else the one of the whole repository, as the leftmost environment has it.
async fn entry(ctx: &Context, line: &Line<'_>) -> Result<Entry, String> {
    let commit = line.running.iter().flatten().find_map(|digest| commit_of(ctx, line, digest));
    let (Some(commit), Some(repository)) = (commit, &line.repository) else {
        return Err("It is not known at which commit to read its catalogue file.".to_owned());
    };
    let beside = line.service.config_path.rsplit_once('/').map(|(folder, _)| format!("{folder}/catalog-info.yaml"));
    let mut why = "Its repository has no catalog-info.yaml.";
    for path in beside.into_iter().chain(["catalog-info.yaml".to_owned()]) {
        let file = ctx.github.read_file(repository, &commit, &path).await.map_err(|error| {
            tracing::debug!(error = chain(&error), "GitHub does not give a catalogue file");
            "GitHub does not give its catalogue file.".to_owned()
        })?;
        let text = match file {
            FileAt::Absent => continue,
            FileAt::Unfit(_) => return Err("Its catalogue file is no text that can be read.".to_owned()),
            FileAt::Text(text) => text,
        };
        let name = line.service.name.to_string();
        let read = tokio::task::spawn_blocking(move || {
            apart::read_apart(text, apart::LONGEST, move |text| {
                let documents = apart::yaml_documents(text).ok_or("Its catalogue file is not YAML.")?;
                catalog::entry(&documents, &name)
            })
        });
        match read.await {
            Ok(Ok(Ok(entry))) => return Ok(entry),
            Ok(Ok(Err(said))) => why = said,
            Ok(Err(_)) | Err(_) => why = "Its catalogue file cannot be read.",
        }
    }
    Err(why.to_owned())
}
