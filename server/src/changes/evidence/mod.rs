//! What was proved about this build?
//!
//! Three places are asked: GitHub for the jobs of the run's own attempt (each confirmed by the check run of the same
//! number, which must be GitHub Actions' own), the run's artifacts whose names begin with `evidence`, and the registry for
//! its scan of the image. What is found becomes [`Evidence`], which the policy judges, and verdicts, whose digest is signed.
//!
//! Invariants
//! - a proof is about this attempt: what another run, attempt, workflow or App says is not read as one;
//! - reports are hostile input: bounded before and while they are unpacked ([`archive`]), read strictly ([`reports`]);
//!   what is not understood is `unreadable`, what is not there is `missing`, and each says so in a few words of ours;
//! - an archive is fetched once: what it said is kept by its number and digest (`changes_evidence`);
//! - a system that does not answer is no finding: the evidence is then unreadable as a whole, and is asked for again;
//! - when something was proved is kept beside the evidence and never in it, so that time alone makes nothing fall.

mod archive;
mod reports;
#[cfg(test)]
mod tests;

use super::reading::or_unreadable;
use super::store::{self, Kept};
use crate::config::Service;
use crate::context::Context;
use crate::github::facts::{ArtifactFacts, CheckRunFacts, Conclusion, JobFacts, RunFacts, RunStatus};
use crate::github::{self, RepoName};
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::{Check, Evidence, Field, Outcome, Report, Source, Verdict};
use gatehouse_domain::{Digest, ImageDigest};
use reports::{FILES, Read};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Artifacts whose names begin so are read.
const PREFIX: &str = "evidence";
/// A run that leaves more of them is not looked through.
const MOST_ARTIFACTS: usize = 12;
/// GitHub's own App, which runs workflows.
const ACTIONS: &str = "github-actions";
/// The registry's own scan.
const SCAN: &str = "registry-scan";

/// Everything that was found.
pub(super) struct Proved {
    /// As the policy is told.
    pub(super) evidence: Evidence,
    /// When each report was made, by its kind.
    pub(super) proved_at: BTreeMap<String, DateTime<Utc>>,
    /// For the page.
    pub(super) seen: Vec<Seen>,
    /// Who did not answer.
    pub(super) unreadable: Option<Source>,
}

/// A report, as the page shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) check: String,
    pub(super) result: String,
    pub(super) said: String,
    pub(super) made_at: Option<DateTime<Utc>>,
    pub(super) url: Option<String>,
}

impl Proved {
    /// One verdict for each job and each report that could be read.
    pub(super) fn verdicts(&self, image: &ImageDigest) -> Vec<Verdict> {
        let jobs = self.evidence.checks.iter().map(|check| Verdict {
            check: check.name.clone(),
            image_digest: image.clone(),
            result: check.result.clone(),
            ids: Vec::new(),
        });
        let is_read = |report: &&Report| matches!(report.result, Outcome::Passed | Outcome::Failed);
        let reports = self.evidence.reports.iter().filter(is_read).map(|report| Verdict {
            check: format!("{} report", report.check),
            image_digest: report.image.clone().unwrap_or_else(|| image.clone()),
            result: report.result.word().to_owned(),
            ids: report.ids.clone(),
        });
        jobs.chain(reports).collect()
    }

    fn add(&mut self, read: Read, url: Option<String>) {
        let Read { report, made_at } = read;
        self.seen.push(Seen {
            check: report.check.clone(),
            result: report.result.word().to_owned(),
            said: report.said.clone(),
            made_at,
            url,
        });
        if let Some(at) = made_at {
            self.proved_at.insert(report.check.clone(), at);
        }
        self.evidence.reports.insert(report);
    }
}

/// Reads what was proved about `image`, the one that this run's commit names.
pub(super) async fn read_evidence(
    ctx: &Context,
    service: &Service,
    repository: &RepoName,
    run: &RunFacts,
    jobs: &Result<Vec<JobFacts>, Source>,
    image: &Field<ImageDigest>,
) -> Proved {
    let evidence = Evidence {
        image: image.known().cloned(),
        tagged_by_commit: image.known().is_some(),
        account: ctx.config.aws.account.clone(),
        region: ctx.config.aws.region.clone(),
        checks: BTreeSet::new(),
        reports: BTreeSet::new(),
    };
    let mut proved = Proved { evidence, proved_at: BTreeMap::new(), seen: Vec::new(), unreadable: None };
    match (jobs, or_unreadable(ctx.github.list_check_runs(repository, &run.head_sha).await, Source::Github)) {
        (Ok(jobs), Ok(said)) => proved.evidence.checks = checks(jobs, &said),
        (Err(source), _) => proved.unreadable = Some(*source),
        (_, Err(source)) => proved.unreadable = Some(source),
    }
    read_artifacts(ctx, repository, run, &mut proved).await;
    if let Some(image) = image.known() {
        read_scan(ctx, service, image, &mut proved).await;
    }
    proved
}

/// The jobs and their steps, as far as GitHub Actions' own check runs say the same. The job that waits has none yet.
fn checks(jobs: &[JobFacts], said: &[CheckRunFacts]) -> BTreeSet<Check> {
    let word =
        |conclusion: &Option<Conclusion>| conclusion.as_ref().map_or("unfinished", Conclusion::as_str).to_owned();
    let mut checks = BTreeSet::new();
    for job in jobs.iter().filter(|job| job.status != RunStatus::Waiting) {
        let own = said.iter().find(|run| Some(run.id) == job.check_run && run.app == ACTIONS);
        if own.is_none_or(|run| run.conclusion != job.conclusion) {
            checks.insert(Check { name: job.name.clone(), result: "unconfirmed".to_owned() });
            continue;
        }
        checks.insert(Check { name: job.name.clone(), result: word(&job.conclusion) });
        let step = |step: &github::facts::StepFacts| Check {
            name: format!("{} / {}", job.name, step.name),
            result: word(&step.conclusion),
        };
        checks.extend(job.steps.iter().map(step));
    }
    checks
}

/// Whether this artifact was left by this attempt. An earlier attempt's was made before this one began.
fn is_of(artifact: &ArtifactFacts, run: &RunFacts) -> bool {
    let began = run.started_at.or((run.attempt.0 == 1).then_some(run.created_at));
    artifact.run == Some(run.id)
        && artifact.head_sha.as_ref() == Some(&run.head_sha)
        && began.zip(artifact.created_at).is_some_and(|(began, made)| made >= began)
}

async fn read_artifacts(ctx: &Context, repository: &RepoName, run: &RunFacts, proved: &mut Proved) {
    let listed = or_unreadable(ctx.github.list_artifacts(repository, run.id).await, Source::Github);
    let listed = match listed {
        Ok(listed) => listed,
        Err(source) => {
            proved.unreadable = Some(source);
            return lack(proved, Outcome::Unreadable, "GitHub did not say what the run left behind");
        }
    };
    let named: Vec<&ArtifactFacts> = listed.iter().filter(|one| one.name.starts_with(PREFIX)).collect();
    let own: Vec<&ArtifactFacts> = named.iter().copied().filter(|one| is_of(one, run)).collect();
    if own.len() > MOST_ARTIFACTS {
        return lack(proved, Outcome::Unreadable, "the run left more artifacts than are looked through");
    }
    let mut found: BTreeMap<String, Vec<(Read, &ArtifactFacts)>> = BTreeMap::new();
    let mut broken: Option<String> = None;
    for artifact in own.iter().copied() {
        match read_artifact(ctx, repository, run, artifact, proved.evidence.image.as_ref()).await {
            Ok(reads) => {
                for read in reads {
                    found.entry(read.report.check.clone()).or_default().push((read, artifact));
                }
            }
            Err(Lost::For(why)) => broken = Some(why),
            Err(Lost::Now) => {
                proved.unreadable = Some(Source::Github);
                broken = Some("GitHub did not give an artifact".to_owned());
            }
        }
    }
    for (check, reads) in found {
        match <[_; 1]>::try_from(reads) {
            Ok([(read, artifact)]) => proved.add(read, Some(format!("{}/artifacts/{}", run.html_url, artifact.id))),
            // Which of them is meant, nobody can say.
            Err(_) => {
                let report = Report { check, ..reports::unread("several artifacts hold one") };
                proved.add(Read { report, made_at: None }, None);
            }
        }
    }
    match broken {
        // It may be the one that holds what is missing.
        Some(why) => lack(proved, Outcome::Unreadable, &why),
        None if named.len() > own.len() => lack(proved, Outcome::Missing, "only another attempt left one"),
        None => lack(proved, Outcome::Missing, "the run left none"),
    }
}

/// Says of every kind that was not found why.
fn lack(proved: &mut Proved, result: Outcome, why: &str) {
    for (check, _) in FILES {
        if !proved.evidence.reports.iter().any(|report| report.check == check) {
            let report = Report { check: check.to_owned(), result, ..reports::unread(why) };
            proved.add(Read { report, made_at: None }, None);
        }
    }
}

/// Why an artifact says nothing.
enum Lost {
    /// As long as it is this artifact.
    For(String),
    /// Until somebody answers.
    Now,
}

async fn read_artifact(
    ctx: &Context,
    repository: &RepoName,
    run: &RunFacts,
    artifact: &ArtifactFacts,
    image: Option<&ImageDigest>,
) -> Result<Vec<Read>, Lost> {
    let lost = |why: &str| Lost::For(format!("an artifact cannot be read: {why}"));
    if artifact.expired {
        return Err(lost("it has expired"));
    }
    if artifact.size > archive::MOST_BYTES as u64 {
        return Err(lost("it is larger than Gatehouse takes"));
    }
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::warn!(%error, "kept evidence could not be read");
        Lost::Now
    };
    let mut conn = ctx.db.acquire().await.map_err(|e| unavailable(&e))?;
    let key = (run.repository_id, artifact.id);
    let kept = store::find_evidence(&mut conn, key, artifact.digest.as_ref()).await.map_err(|e| unavailable(&e))?;
    drop(conn);
    if let Some(reports) = kept.and_then(|kept| serde_json::from_value(kept).ok()) {
        return told(reports);
    }
    let bytes = ctx.github.download_artifact(repository, artifact.id, archive::MOST_BYTES).await;
    let bytes = bytes.map_err(|error| {
        tracing::warn!(%error, "an artifact could not be fetched");
        match error {
            github::Error::NotFound { .. } => lost("it is gone"),
            github::Error::Unreadable { .. } => {
                lost("it is larger than Gatehouse takes, or lies where it may not be asked for")
            }
            github::Error::Denied { .. } => lost("GitHub refuses it"),
            _ => Lost::Now,
        }
    })?;
    let digest = Digest::of(&bytes);
    if artifact.digest.as_ref().is_some_and(|told| *told != digest) {
        return Err(lost("its bytes are not those that GitHub names"));
    }
    let made_at = artifact.created_at;
    let unpacked = tokio::task::spawn_blocking(move || unpack(&bytes, made_at)).await;
    let unpacked = unpacked.unwrap_or_else(|_| Unpacked::Broken(archive::Fault::NoArchive.words().to_owned()));
    let kept = Kept {
        key,
        run: (run.id, run.attempt),
        name: &artifact.name,
        digest: &digest,
        image,
        made_at,
        reports: serde_json::to_value(&unpacked).unwrap_or_default(),
    };
    // What could not be kept is fetched again the next time.
    let stored = async { store::insert_evidence(&mut *ctx.db.acquire().await?, &kept).await };
    if let Err(error) = stored.await {
        tracing::warn!(error = crate::error::chain(&error), "evidence could not be kept");
    }
    told(unpacked)
}

/// What an archive held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unpacked {
    Reports(Vec<Read>),
    Broken(String),
}

fn told(unpacked: Unpacked) -> Result<Vec<Read>, Lost> {
    match unpacked {
        Unpacked::Reports(reads) => Ok(reads),
        Unpacked::Broken(why) => Err(Lost::For(format!("an artifact cannot be read: {why}"))),
    }
}

fn unpack(bytes: &[u8], left_at: Option<DateTime<Utc>>) -> Unpacked {
    let files = FILES.map(|(_, file)| file);
    match archive::members(bytes, &files) {
        Ok(members) => {
            let kind = |file: &str| FILES.iter().find(|(_, known)| *known == file).map(|(check, _)| *check);
            let read = |(file, bytes): &(&str, Vec<u8>)| {
                let mut read = reports::read(kind(file)?, bytes);
                // A report that claims to be younger than the archive it came in would be fresh for as long as it likes.
                read.made_at = read.made_at.zip(left_at).map(|(made, left)| made.min(left)).or(left_at);
                Some(read)
            };
            Unpacked::Reports(members.iter().filter_map(read).collect())
        }
        Err(fault) => Unpacked::Broken(fault.words().to_owned()),
    }
}

/// The registry's own scan. What Trivy found is as fresh as the newest look at the same image, whoever looked.
async fn read_scan(ctx: &Context, service: &Service, image: &ImageDigest, proved: &mut Proved) {
    let found = or_unreadable(ctx.ecr.find_scan(&service.image_repository, image).await, Source::Ecr);
    let (report, made_at) = match found {
        Err(source) => {
            proved.unreadable = Some(source);
            (reports::unread("Amazon ECR did not answer"), None)
        }
        Ok(None) => (Report { result: Outcome::Missing, ..reports::unread("Amazon ECR has not scanned it") }, None),
        Ok(Some(scan)) if !matches!(scan.status.as_str(), "COMPLETE" | "ACTIVE") => {
            (Report { result: Outcome::Missing, ..reports::unread("Amazon ECR's scan is not complete") }, None)
        }
        Ok(Some(scan)) => {
            let bad = scan.findings.iter().filter(|(_, severity)| reports::is_bad(severity));
            (reports::found(bad.map(|(id, _)| id.as_str()), scan.counted), scan.completed_at)
        }
    };
    if let (Some(at), Some(known)) = (made_at, proved.proved_at.get_mut("trivy")) {
        *known = at.max(*known);
    }
    let report = Report { check: SCAN.to_owned(), image: Some(image.clone()), ..report };
    proved.add(Read { report, made_at }, None);
}
