//! From the raw shape to a valid [`Config`], collecting every fault on the way.

use super::check::Check;
use super::kept::Origin;
use super::raw::{Raw, RawAws, RawDatabase, RawPolicy};
use super::rows::{admitted, contributors, environments, gated_names, github_ids, observed, roles, services};
use super::{
    AccessKey, Address, Aws, Config, ConfigError, Database, Github, Mode, Oidc, PublicUrl, Secrets, Telemetry, demo,
};
use crate::policy::Bundle;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Somebody waits at a browser.
const IDP_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// `policy` is the one that is kept, where the rest is kept too.
pub(super) fn build(raw: Raw, file: &Path, origin: Origin, policy: Option<Bundle>) -> Result<Config, ConfigError> {
    let base = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut check = Check::new(base);
    let mode = Mode::of(origin.demo, raw.demo.as_ref(), &mut check.faults);
    match assemble(raw, file, mode, origin, policy, &mut check) {
        Some(config) => {
            demo::check(&config, &mut check.faults);
            match check.faults.is_empty() {
                true => Ok(config),
                false => Err(ConfigError { file: file.to_owned(), faults: check.faults }),
            }
        }
        None => Err(ConfigError { file: file.to_owned(), faults: check.faults }),
    }
}

fn assemble(raw: Raw, file: &Path, mode: Mode, origin: Origin, kept: Option<Bundle>, c: &mut Check) -> Option<Config> {
    // Everything is checked before the first `?`, so that all faults are told at once.
    let listen = c.take(
        "listen",
        raw.listen
            .parse()
            .map_err(|_| format!("{:?} is no address and port; write for example 127.0.0.1:8080", raw.listen)),
    );
    let public_url = c.take("public_url", PublicUrl::parse(&raw.public_url));
    let data_dir = data_dir(c, &raw.data_dir);
    let database = database(c, raw.database, origin.database_url.as_deref());
    let personal_data_key = c.key32("secrets.personal_data_key_file", &raw.secrets.personal_data_key_file);
    let token_key = c.key32("secrets.token_key_file", &raw.secrets.token_key_file);
    let metrics_token = raw.telemetry.metrics_token_file.map(|path| c.secret("telemetry.metrics_token_file", &path));
    let issuer = c.address("oidc.issuer", &raw.oidc.issuer);
    let client_id = c.word("oidc.client_id", raw.oidc.client_id);
    let client_secret = c.secret("oidc.client_secret_file", &raw.oidc.client_secret_file);
    let employee_id_claim = c.word("oidc.employee_id_claim", raw.oidc.employee_id_claim);
    let groups_claim = c.word("oidc.groups_claim", raw.oidc.groups_claim);
    let other_hosts = c.hosts("oidc.other_hosts", raw.oidc.other_hosts);
    let api_url = c.address("github.api_url", &raw.github.api_url);
    let app_id = c.number("github.app_id", raw.github.app_id);
    let installation_id = c.number("github.installation_id", raw.github.installation_id);
    let private_key = c.secret("github.private_key_file", &raw.github.private_key_file);
    let webhook_secret = c.secret("github.webhook_secret_file", &raw.github.webhook_secret_file);
    let aws = aws(c, raw.aws);
    let gated = gated_names(&raw.environments);
    let environments = environments(c, raw.environments, raw.is_kept);
    let observed = observed(c, raw.observed, &gated, raw.is_kept);
    let services = services(c, raw.services);
    let roles = roles(c, raw.roles);
    let listed = github_ids(&raw.admitted, &raw.contributors);
    c.unique(listed.into_iter());
    let admitted = admitted(c, raw.admitted);
    let contributors = contributors(c, raw.contributors);
    let policy = kept.or_else(|| policy(c, raw.policy));

    Some(Config {
        source: file.to_owned(),
        listen: listen?,
        public_url: public_url?,
        data_dir: data_dir?,
        database: database?,
        secrets: Secrets { personal_data_key: personal_data_key?, token_key: token_key? },
        telemetry: Telemetry {
            metrics_token: match metrics_token {
                Some(read) => Some(read?),
                None => None,
            },
        },
        oidc: Oidc {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: client_secret?,
            employee_id_claim: employee_id_claim?,
            groups_claim: groups_claim?,
            other_hosts: other_hosts?,
            answer_within: IDP_ANSWERS_WITHIN,
        },
        github: Github {
            api_url: api_url?,
            app_id: app_id?,
            installation_id: installation_id?,
            private_key: private_key?,
            webhook_secret: webhook_secret?,
        },
        aws: aws?,
        environments: environments?,
        observed: observed?,
        services: services?,
        roles: roles?,
        admitted: admitted?,
        contributors: contributors?,
        policy: policy?,
        mode,
        origin,
    })
}

fn data_dir(c: &mut Check, path: &Path) -> Option<PathBuf> {
    let path = c.path(path);
    let absolute =
        c.take("data_dir", std::path::absolute(&path).map_err(|error| format!("is no usable path ({error})")))?;
    if absolute.parent().is_none() {
        c.fault("data_dir", "is the root directory; name a directory of its own");
        return None;
    }
    Some(absolute)
}

fn database(c: &mut Check, raw: Option<RawDatabase>, from_environment: Option<&str>) -> Option<Database> {
    let (url, password_file) = raw.map_or((None, None), |raw| (raw.url, raw.password_file));
    let password = password_file.as_deref().map(|path| c.secret("database.password_file", path));
    let (key, text) = match (from_environment, &url) {
        (Some(text), _) => ("DATABASE_URL", text),
        (None, Some(text)) => ("database.url", text.as_str()),
        (None, None) => {
            if password.is_some() {
                c.fault(
                    "database.password_file",
                    "is there without database.url; name the database too, or delete the line",
                );
                return None;
            }
            return Some(Database::Private);
        }
    };
    let url = c.take(key, Address::postgres(text))?;
    // A password file that could not be read has told its fault already.
    let password = match password {
        Some(read) => Some(read?),
        None => None,
    };
    Some(Database::External { url, password })
}

fn policy(c: &mut Check, raw: Option<RawPolicy>) -> Option<Bundle> {
    match raw {
        Some(raw) => {
            let directory = c.path(&raw.directory);
            c.take("policy.directory", Bundle::read(&directory))
        }
        None => Some(Bundle::built_in()),
    }
}

fn aws(c: &mut Check, raw: RawAws) -> Option<Aws> {
    let region = c.word("aws.region", raw.region);
    let digits = raw.account.len() == 12 && raw.account.bytes().all(|b| b.is_ascii_digit());
    let account =
        c.take("aws.account", digits.then_some(raw.account).ok_or("must be the account's twelve digits, in quotes"));
    let ecr_endpoint = raw.ecr_endpoint.map(|text| c.address("aws.ecr_endpoint", &text));
    let access_key = raw.access_key_file.map(|path| {
        let text = c.secret("aws.access_key_file", &path)?;
        let pair = text.expose_secret().split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        let pair = pair.map(|(id, secret)| AccessKey { id: id.to_owned(), secret: SecretString::from(secret) });
        c.take("aws.access_key_file", pair.ok_or("must hold ID:SECRET on one line"))
    });
    Some(Aws {
        region: region?,
        account: account?,
        ecr_endpoint: match ecr_endpoint {
            Some(parsed) => Some(parsed?),
            None => None,
        },
        access_key: match access_key {
            Some(parsed) => Some(parsed?),
            None => None,
        },
    })
}
