//! The shape of the file, before anything in it is believed. Unknown keys are refused: a misspelt
//! key that is silently ignored is a rule that silently does not hold.

use super::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) listen: String,
    pub(super) public_url: String,
    pub(super) data_dir: PathBuf,
    pub(super) database: Option<RawDatabase>,
    pub(super) secrets: RawSecrets,
    #[serde(default)]
    pub(super) telemetry: RawTelemetry,
    pub(super) oidc: RawOidc,
    pub(super) github: RawGithub,
    pub(super) aws: RawAws,
    pub(super) environments: Vec<RawEnvironment>,
    #[serde(default)]
    pub(super) observed: Vec<RawObserved>,
    pub(super) services: Vec<RawService>,
    pub(super) roles: BTreeMap<String, String>,
    pub(super) admitted: Vec<RawAdmitted>,
    #[serde(default)]
    pub(super) contributors: RawContributors,
    pub(super) policy: Option<RawPolicy>,
    pub(super) demo: Option<RawDemo>,
    /// What is governed in it is kept in the database, and no file said it.
    #[serde(skip)]
    pub(super) is_kept: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDatabase {
    pub(super) url: Option<String>,
    pub(super) password_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSecrets {
    pub(super) personal_data_key_file: PathBuf,
    pub(super) token_key_file: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTelemetry {
    pub(super) metrics_token_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOidc {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret_file: PathBuf,
    pub(super) employee_id_claim: String,
    pub(super) groups_claim: String,
    #[serde(default)]
    pub(super) other_hosts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGithub {
    pub(super) api_url: String,
    pub(super) app_id: u64,
    pub(super) installation_id: u64,
    pub(super) private_key_file: PathBuf,
    pub(super) webhook_secret_file: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAws {
    pub(super) region: String,
    pub(super) account: String,
    pub(super) ecr_endpoint: Option<String>,
    pub(super) access_key_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnvironment {
    pub(super) name: String,
    pub(super) github_environment: String,
    pub(super) production: bool,
    pub(super) kubernetes_url: String,
    pub(super) kubernetes_token_file: Option<PathBuf>,
    pub(super) kubernetes_ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) about: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawObserved {
    pub(super) name: String,
    pub(super) kubernetes_url: String,
    pub(super) kubernetes_token_file: Option<PathBuf>,
    pub(super) kubernetes_ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) about: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawService {
    pub(super) name: String,
    pub(super) repository_id: u64,
    pub(super) repository: String,
    pub(super) workflow: String,
    pub(super) image_repository: String,
    pub(super) namespace: String,
    pub(super) deployment: String,
    pub(super) container: String,
    pub(super) config_path: String,
    pub(super) migrations_path: String,
    pub(super) owner_team: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAdmitted {
    pub(super) person: String,
    pub(super) roles: Vec<String>,
    pub(super) github_id: u64,
    #[serde(default)]
    pub(super) other_github_ids: Vec<u64>,
    #[serde(default)]
    pub(super) founder: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawContributors {
    pub(super) github_ids: Vec<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicy {
    pub(super) directory: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDemo {
    #[serde(default)]
    pub(super) admit_first_keys: bool,
}

/// The file as TOML. The parser's message names the key; the line is added here.
pub(super) fn parse(text: &str) -> Result<Raw, Fault> {
    toml::from_str(text).map_err(|error| {
        let line =
            error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        let message = error.message().replace('\n', " ");
        Fault { key: format!("line {line}"), sentence: format!("{message}; correct that line") }
    })
}
