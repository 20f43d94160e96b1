//! What happens to a run? It waits, asks, is let go or not, is run again, and goes into production.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Attempt, Deployment, DeploymentStatus, GitHub, Job, Run, RunId};
use crate::kubernetes::ClusterId;
use crate::state::Model;
use crate::world::Service;

/// The environment in front of which the portal stands.
pub const PRODUCTION: &str = "production";

pub(super) fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

impl GitHub {
    pub(crate) fn run(&self, run: RunId) -> anyhow::Result<&Run> {
        self.runs.get(&run).with_context(|| format!("no run {run}"))
    }

    fn run_mut(&mut self, run: RunId) -> anyhow::Result<&mut Run> {
        self.runs.get_mut(&run).with_context(|| format!("no run {run}"))
    }

    /// Jobs as they stand when production begins to wait.
    pub(super) fn attempt(&mut self, number: u64, triggering_actor: u64, waits_at: DateTime<Utc>) -> Attempt {
        let start = waits_at - minutes(12);
        let stages: [(_, _, _, _, &[&str]); 3] = [
            ("commit", None, 0, 2, &["unit tests", "bandit", "semgrep", "pip-audit"]),
            ("build", None, 2, 5, &["build", "trivy", "push"]),
            ("staging", Some("staging"), 5, 12, &["deploy", "smoke", "integration", "load-test"]),
        ];
        let mut jobs = Vec::new();
        for (name, environment, from, to, steps) in stages {
            let (started_at, completed_at) = (start + minutes(from), Some(start + minutes(to)));
            jobs.push(Job {
                id: self.id(),
                name,
                environment,
                status: "completed",
                conclusion: Some("success"),
                steps: steps.iter().map(|step| (*step, "success")).collect(),
                started_at,
                completed_at,
            });
        }
        jobs.push(Job {
            id: self.id(),
            name: "production",
            environment: Some(PRODUCTION),
            status: "waiting",
            conclusion: None,
            steps: Vec::new(),
            started_at: waits_at,
            completed_at: None,
        });
        Attempt { number, triggering_actor, started_at: start, jobs, pending: BTreeMap::new() }
    }

    pub(super) fn deployment(
        &mut self,
        run: RunId,
        environment: &str,
        job: &str,
        states: &[&'static str],
        at: DateTime<Utc>,
    ) -> anyhow::Result<u64> {
        let id = self.id();
        let it = self.run(run)?;
        let attempt = it.attempts.last().context("a run has an attempt")?;
        let job = attempt.job(job).map(|job| job.id).unwrap_or_default();
        let deployment = Deployment {
            id,
            repo: it.repo,
            run,
            job,
            sha: it.head_sha.clone(),
            reference: it.branch.clone(),
            environment: environment.to_owned(),
            creator: attempt.triggering_actor,
            created_at: at,
            statuses: Vec::new(),
        };
        self.deployments.insert(id, deployment);
        states.iter().for_each(|state| self.note_status(id, state, at));
        Ok(id)
    }

    fn note_status(&mut self, deployment: u64, state: &'static str, at: DateTime<Utc>) {
        let id = self.id();
        if let Some(deployment) = self.deployments.get_mut(&deployment) {
            deployment.statuses.push(DeploymentStatus { id, state, description: String::new(), at });
        }
    }
}

impl Model {
    /// Production asks the rule: a deployment that waits, and the run listed as pending. Asking again is the same
    /// question. Returns the deployment.
    pub(crate) fn ask(&mut self, now: DateTime<Utc>, run: RunId) -> anyhow::Result<u64> {
        let it = self.github.run(run)?;
        let attempt = it.attempts.last().context("a run has an attempt")?;
        if let Some(deployment) = attempt.pending.get(PRODUCTION) {
            return Ok(*deployment);
        }
        if attempt.job(PRODUCTION).is_none_or(|job| job.status != "waiting") {
            bail!("the production job of run {run} does not wait");
        }
        let deployment = self.github.deployment(run, PRODUCTION, PRODUCTION, &["waiting"], now)?;
        if let Some(attempt) = self.github.run_mut(run)?.attempts.last_mut() {
            attempt.pending.insert(PRODUCTION.to_owned(), deployment);
        }
        Ok(deployment)
    }

    /// The run waits at another environment, too. Its jobs stay as they are.
    pub(crate) fn wait_at(&mut self, now: DateTime<Utc>, run: RunId, environment: &str) -> anyhow::Result<()> {
        let deployment = self.github.deployment(run, environment, environment, &["waiting"], now)?;
        let attempt = self.github.run_mut(run)?.attempts.last_mut().context("a run has an attempt")?;
        attempt.pending.insert(environment.to_owned(), deployment);
        Ok(())
    }

    /// Runs everything again: a new attempt with new jobs, nothing pending until it asks.
    pub(crate) fn rerun(&mut self, now: DateTime<Utc>, run: RunId, by: &str) -> anyhow::Result<u64> {
        let actor = self.github.login(by)?;
        let number = self.github.run(run)?.attempts.len() as u64 + 1;
        let attempt = self.github.attempt(number, actor, now);
        let it = self.github.run(run)?;
        let (service, head) = (it.service.clone(), it.head_sha.clone());
        let service = self.service(&service)?;
        self.github.age_evidence(run, attempt.started_at - minutes(1));
        self.github.leave_evidence(run, &service, &head, attempt.started_at);
        let it = self.github.run_mut(run)?;
        let stale: Vec<u64> = it
            .attempts
            .last_mut()
            .map(|last| std::mem::take(&mut last.pending).into_values().collect())
            .unwrap_or_default();
        it.attempts.push(attempt);
        stale.into_iter().for_each(|deployment| self.github.note_status(deployment, "inactive", now));
        Ok(number)
    }

    /// Somebody cancels the run in GitHub.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>, run: RunId) -> anyhow::Result<()> {
        let attempt = self.github.run_mut(run)?.attempts.last_mut().context("a run has an attempt")?;
        attempt.pending.clear();
        for job in attempt.jobs.iter_mut().filter(|job| job.status != "completed") {
            (job.status, job.conclusion, job.completed_at) = ("completed", Some("cancelled"), Some(now));
        }
        Ok(())
    }

    /// The rule's answer: releases the production job, or fails it. `false` when nothing was pending.
    pub(crate) fn decide(
        &mut self,
        now: DateTime<Utc>,
        run: RunId,
        environment: &str,
        approved: bool,
    ) -> anyhow::Result<bool> {
        if approved && self.github.other_rule {
            return Ok(true);
        }
        let attempt = self.github.run_mut(run)?.attempts.last_mut().context("a run has an attempt")?;
        let Some(deployment) = attempt.pending.remove(environment) else {
            return Ok(false);
        };
        for job in
            attempt.jobs.iter_mut().filter(|job| job.environment == Some(PRODUCTION) && environment == PRODUCTION)
        {
            job.started_at = now;
            (job.status, job.conclusion, job.completed_at) =
                if approved { ("in_progress", None, None) } else { ("completed", Some("failure"), Some(now)) };
        }
        let states: &[&str] = if approved { &["queued", "in_progress"] } else { &["failure"] };
        states.iter().for_each(|state| self.github.note_status(deployment, state, now));
        Ok(true)
    }

    /// Production becomes what the released job deploys. Does nothing for a job that is not under way.
    pub(crate) fn roll_out(&mut self, now: DateTime<Utc>, run: RunId) {
        let Some(it) = self.github.runs.get_mut(&run) else {
            return;
        };
        let (service, head, repo) = (it.service.clone(), it.head_sha.clone(), it.repo);
        let Some(job) =
            it.attempts.last_mut().and_then(|attempt| attempt.jobs.iter_mut().find(|job| job.name == PRODUCTION))
        else {
            return;
        };
        if job.status != "in_progress" {
            return;
        }
        (job.status, job.conclusion, job.completed_at) = ("completed", Some("success"), Some(now));
        let job = job.id;
        let of_service = |it: &Deployment, github: &GitHub| {
            it.repo == repo
                && it.environment == PRODUCTION
                && github.runs.get(&it.run).is_some_and(|run| run.service == service)
        };
        let before: Vec<u64> = self
            .github
            .deployments
            .values()
            .filter(|it| {
                it.job != job
                    && of_service(it, &self.github)
                    && it.statuses.last().is_some_and(|last| last.state == "success")
            })
            .map(|it| it.id)
            .collect();
        before.into_iter().for_each(|old| self.github.note_status(old, "inactive", now));
        let deployment = self.github.deployments.values().find(|it| it.job == job).map(|it| it.id);
        deployment.into_iter().for_each(|id| self.github.note_status(id, "success", now));
        if let Err(error) = self.put_into_production(now, &service, &head) {
            tracing::error!(%error, run, "roll-out");
        }
    }

    /// What Helm would do: the Deployment's image becomes the digest that the commit's tag names.
    pub(crate) fn put_into_production(&mut self, now: DateTime<Utc>, service: &str, head: &str) -> anyhow::Result<()> {
        let service = self.service(service)?;
        let image = self.ecr.by_tag(&service.image_repository, head).with_context(|| format!("no image {head}"))?;
        let image = format!("{}/{}@{}", crate::world::registry(), service.image_repository, image.digest);
        self.clusters.tell(ClusterId::Production, &service, image, now)
    }

    /// What is merged goes to staging and development by itself.
    pub(crate) fn put_before_production(
        &mut self,
        service: &Service,
        digest: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let image = format!("{}/{}@{digest}", crate::world::registry(), service.image_repository);
        for id in [ClusterId::Staging, ClusterId::Development] {
            self.clusters.tell(id, service, image.clone(), at)?;
        }
        Ok(())
    }
}
