//! What did the operator decide, and may it be so?
//!
//! One `gatehouse.toml`, read once at the start; secrets are in files that it names. What leaves
//! [`Config::load`] is valid as a whole: every address parsed, every name well-formed, no two rows
//! that claim the same person, account or workflow. Everything that is wrong is told at once, each
//! with file, key and remedy ([`ConfigError`]).
//!
//! Invariants
//! - a secret is held as `SecretString` or [`Key32`], never printed, never part of a digest;
//! - a secret file that others on the machine may read is refused, not warned about;
//! - the twin's addresses (loopback, plain HTTP) and `[demo]` need `--demo`, and `--demo` accepts
//!   nothing else, so relaxed rules never meet the real GitHub ([`demo`]);
//! - the governed part has one digest ([`Config::digest`]); paths, ports and secrets are not in it;
//! - what decides is the governed part that the database keeps ([`Config::under`]); a file that says otherwise only proposes.

mod build;
mod check;
mod demo;
mod governed;
mod kept;
mod places;
mod raw;
mod rows;
mod secrets;
#[cfg(test)]
mod tests;
mod values;

pub use demo::Mode;
pub use governed::Governed;
pub use kept::{Kept, Origin};
pub use places::{About, Observed, Place};
pub use secrets::{Key32, read as read_secret};
pub use values::{Address, PublicUrl};

use crate::policy::Bundle;
use gatehouse_domain::people::Role;
use gatehouse_domain::{Digest, EnvironmentName, GithubId, PersonId, RepositoryId, ServiceName};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The whole configuration, valid.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it came from.
    pub source: PathBuf,
    /// Where the portal listens.
    pub listen: SocketAddr,
    /// What people type: the WebAuthn origin and the base of the OIDC redirect.
    pub public_url: PublicUrl,
    /// Holds the private PostgreSQL and nothing else.
    pub data_dir: PathBuf,
    /// Where the data is.
    pub database: Database,
    /// Keys of our own.
    pub secrets: Secrets,
    /// What the portal tells about itself.
    pub telemetry: Telemetry,
    /// The identity provider.
    pub oidc: Oidc,
    /// The GitHub App.
    pub github: Github,
    /// The registry that knows the image digests.
    pub aws: Aws,
    /// The places that are gated.
    pub environments: Vec<Environment>,
    /// The places that are only looked at. No gate is there, and nothing goes there from here.
    pub observed: Vec<Observed>,
    /// What is deployed there.
    pub services: Vec<Service>,
    /// Role to identity-provider group.
    pub roles: BTreeMap<Role, String>,
    /// Gatehouse's own list of persons and their roles.
    pub admitted: Vec<Admitted>,
    /// Accounts of people who write code and sign nothing, known to be nobody on the list (ATK-02).
    pub contributors: BTreeSet<GithubId>,
    /// Who must sign what: the policy's files.
    pub policy: Bundle,
    /// Production, or the demo's relaxed rules.
    pub mode: Mode,
    /// What it was made of.
    pub origin: Origin,
}

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Database {
    /// A private PostgreSQL in the data directory.
    Private,
    /// Someone else's PostgreSQL.
    External {
        /// `postgres://user@host/database`, without a password.
        url: Address,
        /// From `database.password_file`.
        password: Option<SecretString>,
    },
}

/// Keys of our own.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Wraps each person's key for personal data.
    pub personal_data_key: Key32,
    /// Encrypts stored refresh tokens.
    pub token_key: Key32,
}

/// What the portal tells about itself, and to whom.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// Opens `/metrics`; absent: there is no such page.
    pub metrics_token: Option<SecretString>,
}

/// The identity provider.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// Exactly as the provider spells it, with or without a last `/`.
    pub issuer: Address,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there.
    pub client_secret: SecretString,
    /// The claim that holds the employee id.
    pub employee_id_claim: String,
    /// The claim that holds the groups.
    pub groups_claim: String,
    /// Hosts besides the issuer's own that its discovery document may name, by HTTPS (Google has such).
    pub other_hosts: Vec<String>,
    /// How long it may take to answer; not in the file.
    pub answer_within: std::time::Duration,
}

/// The GitHub App.
#[derive(Debug, Clone)]
pub struct Github {
    /// `https://api.github.com`, or GitHub Enterprise's.
    pub api_url: Address,
    /// The App.
    pub app_id: u64,
    /// Its installation in our organisation.
    pub installation_id: u64,
    /// The App's RSA key, PEM.
    pub private_key: SecretString,
    /// Signs the webhooks.
    pub webhook_secret: SecretString,
}

/// The registry that knows the image digests.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Such as `ap-south-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// Only where the registry is not AWS's own.
    pub ecr_endpoint: Option<Address>,
    /// Absent: the default chain of credentials.
    pub access_key: Option<AccessKey>,
}

/// A static AWS key.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// The id.
    pub id: String,
    /// The secret.
    pub secret: SecretString,
}

/// A place that is gated.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Our word.
    pub name: EnvironmentName,
    /// GitHub's word.
    pub github_environment: String,
    /// Whether people depend on it. It weakens nothing: an environment that is configured is gated like every other,
    /// and one that is not is refused, so nobody can rename their way past the gate.
    pub production: bool,
    /// The API server that says what runs there.
    pub kubernetes_url: Address,
    /// Its bearer token. Without one, in an environment that is in force and that this process's file does not name,
    /// the cluster cannot be asked, and what must be known of it is not.
    pub kubernetes_token: Option<SecretString>,
    /// PEM, where the API server's certificate is from a private authority.
    pub kubernetes_ca: Option<String>,
    /// What people should know of it.
    pub about: About,
}

/// What is deployed.
#[derive(Debug, Clone)]
pub struct Service {
    /// Our word.
    pub name: ServiceName,
    /// The repository's numeric id, which survives renames.
    pub repository_id: RepositoryId,
    /// `owner/name`, to read it by.
    pub repository: String,
    /// The workflow file: in a repository of many services, the run's `path` says which one.
    pub workflow: String,
    /// In the registry.
    pub image_repository: String,
    /// In the cluster.
    pub namespace: String,
    /// In the namespace.
    pub deployment: String,
    /// In the deployment.
    pub container: String,
    /// The tree whose digest is the config digest.
    pub config_path: String,
    /// The tree whose digest is the migrations digest; may be absent at a commit.
    pub migrations_path: String,
    /// Who owns it.
    pub owner_team: String,
}

/// One row of Gatehouse's own list. A role is held when this row **and** the group say so.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The employee id.
    pub person: PersonId,
    /// The roles that the person may hold.
    pub roles: BTreeSet<Role>,
    /// The person's GitHub account, by number.
    pub github_id: GithubId,
    /// Further GitHub accounts of the same person: whatever they had a part in, the person had.
    pub other_github_ids: BTreeSet<GithubId>,
    /// Whether `gatehouse init` issues a founder's code.
    pub founder: bool,
}

/// Everything that is wrong with a configuration, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, each with its key and its remedy; never empty.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Such as `github.api_url` or `services[2].name`.
    pub key: String,
    /// What is wrong, and what to do about it.
    pub sentence: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            write!(f, "{end}{}: {}: {}", self.file.display(), fault.key, fault.sentence)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Every GitHub account of which this configuration says whose it is, or that it is nobody's who approves.
    #[must_use]
    pub fn listed_accounts(&self) -> BTreeSet<GithubId> {
        let rows = self.admitted.iter().flat_map(|row| row.other_github_ids.iter().copied().chain([row.github_id]));
        rows.chain(self.contributors.iter().copied()).collect()
    }

    /// Reads and checks `file`. `demo` is the `--demo` flag; `database_url` is `DATABASE_URL` of the
    /// environment, which wins over the file.
    ///
    /// # Errors
    /// When anything in it is wrong; all of it is told, not only the first.
    pub fn load(file: &Path, demo: bool, database_url: Option<&str>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError {
            file: file.to_owned(),
            faults: vec![Fault {
                key: "(file)".to_owned(),
                sentence: format!("cannot be read ({error}); name an existing file with --config FILE"),
            }],
        })?;
        Self::parse(&text, file, demo, database_url)
    }

    /// [`Config::load`] for text that is already read; `file` is named in errors, and relative paths
    /// in the text start at its directory.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, file: &Path, demo: bool, database_url: Option<&str>) -> Result<Self, ConfigError> {
        let raw = raw::parse(text).map_err(|fault| ConfigError { file: file.to_owned(), faults: vec![fault] })?;
        let origin = Origin { text: text.to_owned(), demo, database_url: database_url.map(str::to_owned) };
        build::build(raw, file, origin, None)
    }

    /// The digest of everything that only a signed change may alter; see [`Governed`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        Governed::of(self).digest()
    }

    /// Where our log entries say they come from: `<host[:port]>/audit`.
    #[must_use]
    pub fn log_origin(&self) -> String {
        format!("{}/audit", self.public_url.authority())
    }

    /// Whether `--demo` was given.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        matches!(self.mode, Mode::Demo { .. })
    }
}
