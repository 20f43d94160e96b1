//! Which part of the configuration may only change by a signed change, and what is its digest?

use super::raw::{Raw, RawAdmitted, RawDemo, RawEnvironment, RawObserved, RawService};
use super::{Config, Environment, Mode, Service};
use gatehouse_domain::{Digest, canonical};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands for the twin's addresses: the twin listens elsewhere each time it starts, and is the same twin.
const TWIN: &str = "twin";

/// The governed configuration, as text only, so that it has one spelling.
///
/// In it: the digest of the policy's files, environments, services, role groups, the admitted list, and the identity of every
/// outside system (issuer, claims, GitHub API and App, AWS region, account and registry endpoint,
/// cluster addresses). Not in it: our own address and data directory, paths of secret files, and the
/// secrets themselves: they are replaced without changing who may approve what. Nor is it in it where the demo's twin
/// listens.
///
/// The digest is SHA-256 over the RFC 8785 bytes. Rows are sorted by their key, so the order in the
/// file does not matter; an absent optional value is an absent member.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Governed {
    policy: Digest,
    environments: BTreeMap<String, GovernedEnvironment>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    observed: BTreeMap<String, GovernedObserved>,
    services: BTreeMap<String, GovernedService>,
    roles: BTreeMap<String, String>,
    admitted: BTreeMap<String, GovernedPerson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contributors: Vec<String>,
    integrations: Integrations,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    demo: Option<GovernedDemo>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct GovernedEnvironment {
    github_environment: String,
    production: String,
    kubernetes_url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    about: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct GovernedObserved {
    kubernetes_url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    about: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct GovernedService {
    repository_id: String,
    repository: String,
    workflow: String,
    image_repository: String,
    namespace: String,
    deployment: String,
    container: String,
    config_path: String,
    migrations_path: String,
    owner_team: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct GovernedPerson {
    roles: Vec<String>,
    github_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_github_ids: Vec<String>,
    founder: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Integrations {
    oidc_issuer: String,
    oidc_client_id: String,
    oidc_employee_id_claim: String,
    oidc_groups_claim: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oidc_other_hosts: Option<String>,
    github_api_url: String,
    github_app_id: String,
    github_installation_id: String,
    aws_region: String,
    aws_account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aws_ecr_endpoint: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct GovernedDemo {
    admit_first_keys: String,
}

impl Governed {
    /// The governed part of `config`.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let at = |address: &super::Address| match config.mode {
            Mode::Production => address.as_str().to_owned(),
            Mode::Demo { .. } => TWIN.to_owned(),
        };
        let mut hosts = config.oidc.other_hosts.clone();
        hosts.sort();
        let integrations = Integrations {
            oidc_issuer: at(&config.oidc.issuer),
            oidc_client_id: config.oidc.client_id.clone(),
            oidc_employee_id_claim: config.oidc.employee_id_claim.clone(),
            oidc_groups_claim: config.oidc.groups_claim.clone(),
            oidc_other_hosts: (!hosts.is_empty()).then(|| hosts.join(" ")),
            github_api_url: at(&config.github.api_url),
            github_app_id: config.github.app_id.to_string(),
            github_installation_id: config.github.installation_id.to_string(),
            aws_region: config.aws.region.clone(),
            aws_account: config.aws.account.clone(),
            aws_ecr_endpoint: config.aws.ecr_endpoint.as_ref().map(at),
        };
        let environment = |environment: &Environment| GovernedEnvironment {
            github_environment: environment.github_environment.clone(),
            production: environment.production.to_string(),
            kubernetes_url: at(&environment.kubernetes_url),
            about: environment.about.0.clone(),
        };
        let observed = config.observed.iter().map(|place| {
            let governed = GovernedObserved { kubernetes_url: at(&place.kubernetes_url), about: place.about.0.clone() };
            (place.name.to_string(), governed)
        });
        Self {
            policy: config.policy.digest(),
            environments: config.environments.iter().map(|e| (e.name.to_string(), environment(e))).collect(),
            observed: observed.collect(),
            services: config.services.iter().map(|s| (s.name.to_string(), service(s))).collect(),
            roles: config.roles.iter().map(|(role, group)| (role.code().to_owned(), group.clone())).collect(),
            admitted: config.admitted.iter().map(|row| (row.person.to_string(), person(row))).collect(),
            contributors: config.contributors.iter().map(ToString::to_string).collect(),
            integrations,
            demo: match config.mode {
                Mode::Production => None,
                Mode::Demo { admit_first_keys } => {
                    Some(GovernedDemo { admit_first_keys: admit_first_keys.to_string() })
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

    /// The digest of the policy's files.
    #[must_use]
    pub fn policy(&self) -> &Digest {
        &self.policy
    }

    /// Puts it in the place of what a file says. What is not governed, the paths of secrets among it, stays the file's;
    /// so do the twin's addresses. The result is as little believed as any file.
    pub(super) fn overlay(self, raw: &mut Raw) -> Result<(), String> {
        let put = |address: &mut String, governed: String| {
            if governed != TWIN {
                *address = governed;
            }
        };
        let mut tokens: BTreeMap<String, RawEnvironment> =
            raw.environments.drain(..).map(|environment| (environment.name.clone(), environment)).collect();
        // Where the twin's cluster is, for an environment that this file does not know.
        let twin = tokens.values().next().map(|environment| environment.kubernetes_url.clone()).unwrap_or_default();
        for (name, governed) in self.environments {
            let (mut kubernetes_url, kubernetes_token_file, kubernetes_ca_file) = match tokens.remove(&name) {
                Some(known) => (known.kubernetes_url, known.kubernetes_token_file, known.kubernetes_ca_file),
                None => (twin.clone(), None, None),
            };
            put(&mut kubernetes_url, governed.kubernetes_url);
            let (github_environment, production) = (governed.github_environment, flag(&governed.production)?);
            let environment = RawEnvironment {
                name,
                github_environment,
                production,
                kubernetes_url,
                kubernetes_token_file,
                kubernetes_ca_file,
                about: governed.about,
            };
            raw.environments.push(environment);
        }
        let mut known: BTreeMap<String, RawObserved> =
            raw.observed.drain(..).map(|place| (place.name.clone(), place)).collect();
        for (name, governed) in self.observed {
            let mut place = known.remove(&name).unwrap_or_else(|| RawObserved {
                name,
                kubernetes_url: twin.clone(),
                kubernetes_token_file: None,
                kubernetes_ca_file: None,
                about: BTreeMap::new(),
            });
            put(&mut place.kubernetes_url, governed.kubernetes_url);
            place.about = governed.about;
            raw.observed.push(place);
        }
        raw.services = self.services.into_iter().map(|(name, row)| row.raw(name)).collect::<Result<_, _>>()?;
        raw.roles = self.roles;
        raw.admitted = self.admitted.into_iter().map(|(name, row)| row.raw(name)).collect::<Result<_, _>>()?;
        raw.contributors.github_ids = numbers(&self.contributors)?;
        let there = self.integrations;
        put(&mut raw.oidc.issuer, there.oidc_issuer);
        raw.oidc.client_id = there.oidc_client_id;
        raw.oidc.employee_id_claim = there.oidc_employee_id_claim;
        raw.oidc.groups_claim = there.oidc_groups_claim;
        let hosts = there.oidc_other_hosts.unwrap_or_default();
        raw.oidc.other_hosts = hosts.split(' ').filter(|host| !host.is_empty()).map(str::to_owned).collect();
        put(&mut raw.github.api_url, there.github_api_url);
        raw.github.app_id = number(&there.github_app_id)?;
        raw.github.installation_id = number(&there.github_installation_id)?;
        raw.aws.region = there.aws_region;
        raw.aws.account = there.aws_account;
        raw.aws.ecr_endpoint = match there.aws_ecr_endpoint {
            Some(governed) if governed == TWIN => raw.aws.ecr_endpoint.take(),
            other => other,
        };
        raw.demo = match self.demo {
            Some(demo) => Some(RawDemo { admit_first_keys: flag(&demo.admit_first_keys)? }),
            None => None,
        };
        raw.policy = None;
        raw.is_kept = true;
        Ok(())
    }
}

impl GovernedService {
    fn raw(self, name: String) -> Result<RawService, String> {
        Ok(RawService {
            name,
            repository_id: number(&self.repository_id)?,
            repository: self.repository,
            workflow: self.workflow,
            image_repository: self.image_repository,
            namespace: self.namespace,
            deployment: self.deployment,
            container: self.container,
            config_path: self.config_path,
            migrations_path: self.migrations_path,
            owner_team: self.owner_team,
        })
    }
}

impl GovernedPerson {
    fn raw(self, person: String) -> Result<RawAdmitted, String> {
        Ok(RawAdmitted {
            person,
            roles: self.roles,
            github_id: number(&self.github_id)?,
            other_github_ids: numbers(&self.other_github_ids)?,
            founder: flag(&self.founder)?,
        })
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

fn numbers(texts: &[String]) -> Result<Vec<u64>, String> {
    texts.iter().map(|text| number(text)).collect()
}

fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
}

fn person(row: &super::Admitted) -> GovernedPerson {
    GovernedPerson {
        roles: row.roles.iter().map(|role| role.code().to_owned()).collect(),
        github_id: row.github_id.to_string(),
        other_github_ids: row.other_github_ids.iter().map(ToString::to_string).collect(),
        founder: row.founder.to_string(),
    }
}

fn service(service: &Service) -> GovernedService {
    GovernedService {
        repository_id: service.repository_id.to_string(),
        repository: service.repository.clone(),
        workflow: service.workflow.clone(),
        image_repository: service.image_repository.clone(),
        namespace: service.namespace.clone(),
        deployment: service.deployment.clone(),
        container: service.container.clone(),
        config_path: service.config_path.clone(),
        migrations_path: service.migrations_path.clone(),
        owner_team: service.owner_team.clone(),
    }
}
