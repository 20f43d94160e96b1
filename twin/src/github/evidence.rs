//! What does a run leave behind? Three archives of reports, one by each of its jobs that prove something; and what
//! GitHub says of the commit: a check run for each job, and whatever other Apps say.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::GithubModel;
use super::model::{GitHub, RunId};
use crate::aws::digest_of_build;
use crate::world::{Service, registry};

/// One archive of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub id: u64,
    pub name: &'static str,
    pub run: RunId,
    /// Which run GitHub says left it.
    pub left_by: RunId,
    pub created_at: DateTime<Utc>,
    pub expired: bool,
    pub files: BTreeMap<&'static str, String>,
    /// Other bytes than an archive of the files.
    pub raw: Option<Vec<u8>>,
}

impl Artifact {
    pub(crate) fn archive(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, text) in &self.files {
            // In memory, and each name once: there is nothing that could fail.
            let _written = writer.start_file(*name, options).map(|()| writer.write_all(text.as_bytes()));
        }
        writer.finish().map(Cursor::into_inner).unwrap_or_default()
    }
}

/// What an App that is not GitHub Actions says of a commit.
#[derive(Clone, Debug)]
pub(crate) struct OtherCheck {
    pub id: u64,
    pub repo: u64,
    pub sha: String,
    pub app: &'static str,
    pub name: &'static str,
    pub conclusion: &'static str,
    pub at: DateTime<Utc>,
}

fn k6() -> Value {
    json!({ "metrics": {
        "vus": { "value": 50, "min": 1, "max": 50 },
        "vus_max": { "value": 50, "min": 50, "max": 50 },
        "http_req_duration": { "avg": 83.1, "med": 71.4, "p(95)": 212.6, "thresholds": { "p(95)<500": false } },
        "http_req_failed": { "passes": 4, "fails": 18_240, "value": 0.0002, "thresholds": { "rate<0.01": false } },
    } })
}

fn trivy(image: &str, tag: &str, digest: &str, at: DateTime<Utc>) -> Value {
    json!({
        "SchemaVersion": 2,
        "CreatedAt": at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "ArtifactName": format!("{image}:{tag}"),
        "ArtifactType": "container_image",
        "Metadata": { "OS": { "Family": "debian", "Name": "12.11" }, "RepoTags": [format!("{image}:{tag}")], "RepoDigests": [format!("{image}@{digest}")] },
        "Results": [
            { "Target": format!("{image}:{tag} (debian 12.11)"), "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
                { "VulnerabilityID": "CVE-2026-1042", "PkgName": "libexpat1", "InstalledVersion": "2.5.0-1", "Status": "affected", "Severity": "MEDIUM" },
                { "VulnerabilityID": "CVE-2025-9086", "PkgName": "curl", "InstalledVersion": "7.88.1-10", "Status": "affected", "Severity": "LOW" },
            ] },
            { "Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg" },
        ],
    })
}

impl GitHub {
    /// What the jobs of an attempt leave, all green.
    pub(crate) fn leave_evidence(&mut self, run: RunId, service: &Service, head: &str, began: DateTime<Utc>) {
        let digest = digest_of_build(&service.image_repository, head);
        let image = format!("{}/{}", registry(), service.image_repository);
        let at = |minutes: i64| began + super::story::minutes(minutes);
        let commit = [
            (
                "coverage.json",
                json!({ "meta": { "version": "7.10.1" }, "totals": { "covered_lines": 1_742, "num_statements": 1_983, "percent_covered": 87.846_696, "missing_lines": 241 } }),
            ),
            (
                "bandit.json",
                json!({ "errors": [], "generated_at": at(1).to_rfc3339(), "metrics": { "_totals": { "SEVERITY.LOW": 1 } }, "results": [
                { "test_id": "B101", "issue_severity": "LOW", "issue_confidence": "HIGH", "filename": "app/main.py", "line_number": 12 },
            ] }),
            ),
            (
                "semgrep.sarif",
                json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": "Semgrep OSS", "semanticVersion": "1.140.0" } }, "results": [], "invocations": [{ "executionSuccessful": true }] }] }),
            ),
            (
                "pip-audit.json",
                json!({ "dependencies": [{ "name": "fastapi", "version": "0.122.0", "vulns": [] }, { "name": "pydantic", "version": "2.12.4", "vulns": [] }], "fixes": [] }),
            ),
        ];
        let build = [("trivy.json", trivy(&image, head, &digest, at(4)))];
        let staging =
            [("staging.json", json!({ "schema": "gatehouse.staging/v1", "image": digest })), ("load-test.json", k6())];
        let archives = [
            ("evidence-commit", 2, commit.to_vec()),
            ("evidence-build", 5, build.to_vec()),
            ("evidence-staging", 12, staging.to_vec()),
        ];
        for (name, minutes, files) in archives {
            let files = files.into_iter().map(|(name, report)| (name, report.to_string())).collect();
            let (id, created_at) = (self.id(), at(minutes));
            self.artifacts.push(Artifact { id, name, run, left_by: run, created_at, expired: false, files, raw: None });
        }
    }

    /// What an earlier attempt left is from before the next one began.
    pub(crate) fn age_evidence(&mut self, run: RunId, before: DateTime<Utc>) {
        for artifact in self.artifacts.iter_mut().filter(|it| it.run == run) {
            artifact.created_at = artifact.created_at.min(before);
        }
    }
}

impl GithubModel {
    fn artifact<T>(&self, run: RunId, name: &str, act: impl FnOnce(&mut Artifact) -> T) -> anyhow::Result<T> {
        let mut model = self.0.model();
        let found = model.github.artifacts.iter_mut().rev().find(|it| it.run == run && it.name == name);
        found.map(act).with_context(|| format!("run {run} left no {name}"))
    }

    /// Puts another text in a report's place, or takes the report away.
    ///
    /// # Errors
    /// When the run left no such report.
    pub fn edit_report(
        &self,
        run: RunId,
        file: &str,
        edit: impl FnOnce(String) -> Option<String>,
    ) -> anyhow::Result<()> {
        let mut model = self.0.model();
        let id = model.github.id();
        let holding = model.github.artifacts.iter_mut().rev().find(|it| it.run == run && it.files.contains_key(file));
        let artifact = holding.with_context(|| format!("run {run} left no {file}"))?;
        // Other bytes are another artifact: a number never gets others.
        artifact.id = id;
        if let Some((name, text)) = artifact.files.remove_entry(file)
            && let Some(text) = edit(text)
        {
            artifact.files.insert(name, text);
        }
        Ok(())
    }

    /// Puts a report of one run in the place of another's, as somebody who has both may.
    ///
    /// # Errors
    /// When either run left none.
    pub fn lend_report(&self, from: RunId, to: RunId, file: &str) -> anyhow::Result<()> {
        let text = {
            let model = self.0.model();
            model.github.artifacts.iter().filter(|it| it.run == from).find_map(|it| it.files.get(file).cloned())
        };
        let text = text.with_context(|| format!("run {from} left no {file}"))?;
        self.edit_report(to, file, |_| Some(text))
    }

    /// The archive holds these bytes instead.
    ///
    /// # Errors
    /// When the run left no such archive.
    pub fn set_archive(&self, run: RunId, name: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.artifact(run, name, |it| it.raw = Some(bytes))
    }

    /// GitHub has thrown the archive away.
    ///
    /// # Errors
    /// When the run left no such archive.
    pub fn expire_artifact(&self, run: RunId, name: &str) -> anyhow::Result<()> {
        self.artifact(run, name, |it| it.expired = true)
    }

    /// The archive was left a day ago, by an earlier attempt.
    ///
    /// # Errors
    /// When the run left no such archive.
    pub fn leave_from_before(&self, run: RunId, name: &str) -> anyhow::Result<()> {
        self.artifact(run, name, |it| it.created_at -= chrono::TimeDelta::days(1))
    }

    /// The run lists the archive, and GitHub says that another run left it.
    ///
    /// # Errors
    /// When the run left no such archive.
    pub fn claim_artifact(&self, run: RunId, name: &str) -> anyhow::Result<()> {
        self.artifact(run, name, |it| it.left_by = run + 1)
    }

    /// What this run proved was proved of another image.
    ///
    /// # Errors
    /// When the run left nothing that names an image.
    pub fn prove_image(&self, run: RunId, digest: &str) -> anyhow::Result<()> {
        let known = {
            let model = self.0.model();
            let report =
                model.github.artifacts.iter().filter(|it| it.run == run).find_map(|it| it.files.get("staging.json"));
            let report: Value = serde_json::from_str(report.context("the run left no staging.json")?)?;
            report.get("image").and_then(Value::as_str).map(str::to_owned).context("it names no image")?
        };
        for file in ["staging.json", "trivy.json"] {
            self.edit_report(run, file, |text| Some(text.replace(&known, digest)))?;
        }
        Ok(())
    }

    /// A job of the newest attempt ended otherwise; its steps did not.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn conclude(&self, run: RunId, job: &str, conclusion: &'static str) -> anyhow::Result<()> {
        self.job(run, job, |it| it.conclusion = Some(conclusion))
    }

    /// A step of a job ended otherwise, and the job did not.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn conclude_step(&self, run: RunId, job: &str, step: &str, conclusion: &'static str) -> anyhow::Result<()> {
        self.job(run, job, |it| {
            it.steps.iter_mut().filter(|(name, _)| *name == step).for_each(|(_, was)| *was = conclusion);
        })
    }

    /// A job of the newest attempt has another name.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn rename_job(&self, run: RunId, job: &str, name: &'static str) -> anyhow::Result<()> {
        self.job(run, job, |it| it.name = name)
    }

    fn job(&self, run: RunId, job: &str, act: impl FnOnce(&mut super::model::Job)) -> anyhow::Result<()> {
        let mut model = self.0.model();
        let attempt = model.github.runs.get_mut(&run).and_then(|it| it.attempts.last_mut());
        let found = attempt.and_then(|it| it.jobs.iter_mut().find(|it| it.name == job));
        found.map(act).with_context(|| format!("run {run} has no job {job}"))
    }

    /// Another App says something of the run's commit under a name that may be a job's.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn say_check(
        &self,
        run: RunId,
        app: &'static str,
        name: &'static str,
        conclusion: &'static str,
    ) -> anyhow::Result<()> {
        let at = self.0.now();
        let mut model = self.0.model();
        let (repo, sha) = {
            let it = model.github.run(run)?;
            (it.repo, it.head_sha.clone())
        };
        let id = model.github.id();
        model.github.other_checks.push(OtherCheck { id, repo, sha, app, name, conclusion, at });
        Ok(())
    }

    /// What GitHub Actions' own check runs say is not what its jobs say, or no longer.
    pub fn doubt_checks(&self, on: bool) {
        self.0.model().github.doubt_checks = on;
    }
}
