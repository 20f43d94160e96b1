//! Which part of the configuration may only change by a signed change, and what is its digest?

use super::{Config, Environment, Mode, Service};
use gatehouse_domain::{Digest, canonical};
use serde::Serialize;
use std::collections::BTreeMap;

/// The governed configuration, as text only, so that it has one spelling.
///
/// In it: the digest of the policy's files, environments, services, role groups, the admitted list, and the identity of every
/// outside system (issuer, claims, GitHub API and App, AWS region, account and registry endpoint,
/// cluster addresses). Not in it: our own address and data directory, paths of secret files, and the
/// secrets themselves: they are replaced without changing who may approve what.
///
/// The digest is SHA-256 over the RFC 8785 bytes. Rows are sorted by their key, so the order in the
/// file does not matter; an absent optional value is an absent member.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Governed {
    policy: String,
    environments: BTreeMap<String, BTreeMap<&'static str, String>>,
    services: BTreeMap<String, BTreeMap<&'static str, String>>,
    roles: BTreeMap<String, String>,
    admitted: BTreeMap<String, GovernedPerson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contributors: Vec<String>,
    integrations: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<BTreeMap<&'static str, String>>,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
struct GovernedPerson {
    roles: Vec<String>,
    github_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_github_ids: Vec<String>,
    founder: String,
}

impl Governed {
    /// The governed part of `config`.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let mut integrations = BTreeMap::from([
            ("oidc_issuer", config.oidc.issuer.as_str().to_owned()),
            ("oidc_client_id", config.oidc.client_id.clone()),
            ("oidc_employee_id_claim", config.oidc.employee_id_claim.clone()),
            ("oidc_groups_claim", config.oidc.groups_claim.clone()),
            ("github_api_url", config.github.api_url.as_str().to_owned()),
            ("github_app_id", config.github.app_id.to_string()),
            ("github_installation_id", config.github.installation_id.to_string()),
            ("aws_region", config.aws.region.clone()),
            ("aws_account", config.aws.account.clone()),
        ]);
        if !config.oidc.other_hosts.is_empty() {
            let mut hosts = config.oidc.other_hosts.clone();
            hosts.sort();
            integrations.insert("oidc_other_hosts", hosts.join(" "));
        }
        if let Some(endpoint) = &config.aws.ecr_endpoint {
            integrations.insert("aws_ecr_endpoint", endpoint.as_str().to_owned());
        }
        Self {
            policy: config.policy.digest().to_string(),
            environments: config.environments.iter().map(|e| (e.name.to_string(), environment(e))).collect(),
            services: config.services.iter().map(|s| (s.name.to_string(), service(s))).collect(),
            roles: config.roles.iter().map(|(role, group)| (role.code().to_owned(), group.clone())).collect(),
            admitted: config
                .admitted
                .iter()
                .map(|row| {
                    let roles = row.roles.iter().map(|role| role.code().to_owned()).collect();
                    let person = GovernedPerson {
                        roles,
                        github_id: row.github_id.to_string(),
                        other_github_ids: row.other_github_ids.iter().map(ToString::to_string).collect(),
                        founder: row.founder.to_string(),
                    };
                    (row.person.to_string(), person)
                })
                .collect(),
            contributors: config.contributors.iter().map(ToString::to_string).collect(),
            integrations,
            demo: match config.mode {
                Mode::Production => None,
                Mode::Demo { admit_first_keys } => {
                    Some(BTreeMap::from([("admit_first_keys", admit_first_keys.to_string())]))
                }
            },
        }
    }

    /// Its canonical bytes. Every value is ASCII by [`Config`]'s checks, so there is no text that could
    /// be refused for its Unicode form.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, canonical::CanonicalError> {
        canonical::to_bytes(self)
    }

    /// SHA-256 over the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes().unwrap_or_default())
    }
}

fn environment(environment: &Environment) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("github_environment", environment.github_environment.clone()),
        ("production", environment.production.to_string()),
        ("kubernetes_url", environment.kubernetes_url.as_str().to_owned()),
    ])
}

fn service(service: &Service) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("repository_id", service.repository_id.to_string()),
        ("repository", service.repository.clone()),
        ("workflow", service.workflow.clone()),
        ("image_repository", service.image_repository.clone()),
        ("namespace", service.namespace.clone()),
        ("deployment", service.deployment.clone()),
        ("container", service.container.clone()),
        ("config_path", service.config_path.clone()),
        ("migrations_path", service.migrations_path.clone()),
        ("owner_team", service.owner_team.clone()),
    ])
}
