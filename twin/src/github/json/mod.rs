//! GitHub's own JSON, full enough for octocrab's typed models: one function per thing, grouped as the API groups them.

mod actions;
mod git;
mod people;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

pub(super) use actions::{
    Said, approval, artifact, check_run, deployment, deployment_status, job, pending_deployment, run,
};
pub(super) use git::{activity, changed_file, commit, content, folder_entry, git_commit, git_tree, pull};
pub(super) use people::{
    account, app, full_repository, installation, organization, permissions, repository, simple_repository, user_profile,
};

/// The site that a person would open; reserved, so that a click in the demo leads nowhere it should not.
const SITE: &str = "https://github.altscore.example";

/// Where the API answers: the base of every `url` in an answer.
pub(super) struct Api {
    base: String,
}

impl Api {
    pub(super) fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(super) fn html(&self, path: &str) -> String {
        format!("{SITE}{path}")
    }
}

pub(super) fn node(kind: &str, id: u64) -> String {
    BASE64_STANDARD.encode(format!("{kind}{id}"))
}

pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
