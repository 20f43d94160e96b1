//! What must be in the portal's hands to talk to this twin? `gatehouse.toml`, and every secret in a file of its own.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::kubernetes::ClusterId;
use crate::state::Shared;
use crate::world::{APP_ID, AWS_ACCOUNT, AWS_REGION, CLIENT_ID, INSTALLATION_ID};

const APP_KEY: &str = include_str!("../fixtures/github-app.key.pem");

/// Declared in the order in which the file is read by a person.
#[derive(Serialize)]
struct File {
    listen: SocketAddr,
    public_url: String,
    data_dir: PathBuf,
    secrets: Value,
    telemetry: Value,
    oidc: Value,
    github: Value,
    aws: Value,
    environments: Vec<Value>,
    observed: Vec<Value>,
    services: Vec<Value>,
    roles: Value,
    admitted: Vec<Value>,
    demo: Value,
}

fn write_secret(path: &Path, content: &str) -> anyhow::Result<()> {
    // The mode given at creation does not reach a file that is already there.
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("writing {}", path.display()))?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file.write_all(content.as_bytes())?)
}

/// Writes `gatehouse.toml` and `secrets/*` into `dir`, and returns the path of the former.
///
/// The two keys that are the portal's own stay as they are where they exist: with other keys a kept database could not
/// be read. Everything else is the twin's and is written anew.
pub(crate) fn write(shared: &Shared, dir: &Path, public_url: &str, listen: SocketAddr) -> anyhow::Result<PathBuf> {
    let dir = std::path::absolute(dir)?;
    let secrets = dir.join("secrets");
    fs::create_dir_all(&secrets).with_context(|| format!("making {}", secrets.display()))?;
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o700))?;
    let path = |name: &str| secrets.join(name);
    for name in ["personal_data_key", "token_key"] {
        if !path(name).exists() {
            let digest = Sha256::digest(format!("{} {name}", shared.secrets.webhook));
            write_secret(&path(name), &hex::encode(digest))?;
        }
    }
    write_secret(&path("oidc_client_secret"), &shared.secrets.oidc_client)?;
    write_secret(&path("github_app.pem"), APP_KEY)?;
    write_secret(&path("github_webhook_secret"), &shared.secrets.webhook)?;
    write_secret(&path("aws_access_key"), &format!("{}:{}", shared.secrets.aws_id, shared.secrets.aws_secret))?;
    write_secret(&path("kube_token"), &shared.secrets.kubernetes)?;
    write_secret(&path("kube_token_staging"), &shared.secrets.staging)?;
    write_secret(&path("kube_token_dev"), &shared.secrets.development)?;
    // For people with kubectl, and for nobody else: it holds the tokens.
    write_secret(&dir.join("kubeconfig"), &crate::kubernetes::kubeconfig(shared))?;
    write_secret(&path("metrics_token"), &hex::encode(Sha256::digest(format!("{} metrics", shared.secrets.webhook))))?;
    let file = content(shared, &dir, public_url, listen, &path);
    let target = dir.join("gatehouse.toml");
    fs::write(&target, toml::to_string(&file)?).with_context(|| format!("writing {}", target.display()))?;
    shared.set_portal(public_url);
    Ok(target)
}

fn content(shared: &Shared, dir: &Path, public_url: &str, listen: SocketAddr, path: &dyn Fn(&str) -> PathBuf) -> File {
    let (urls, model) = (&shared.urls, shared.model());
    let services = model.services.iter().map(|it| {
        json!({
            "name": it.name, "repository_id": it.repository_id, "repository": it.repository, "workflow": it.workflow,
            "image_repository": it.image_repository, "namespace": it.namespace, "deployment": it.deployment, "container": it.container,
            "config_path": it.config_path, "migrations_path": it.migrations_path, "owner_team": it.owner_team,
        })
    });
    let admitted = model.people.iter().filter(|person| !person.admitted.is_empty()).filter_map(|person| {
        let employee = person.employee.as_ref()?;
        Some(json!({ "person": employee, "roles": person.admitted, "github_id": person.github_id?, "founder": false }))
    });
    File {
        listen,
        public_url: public_url.trim_end_matches('/').to_owned(),
        data_dir: dir.join("data"),
        secrets: json!({ "personal_data_key_file": path("personal_data_key"), "token_key_file": path("token_key") }),
        telemetry: json!({ "metrics_token_file": path("metrics_token") }),
        oidc: json!({
            "issuer": urls.oidc, "client_id": CLIENT_ID, "client_secret_file": path("oidc_client_secret"),
            "employee_id_claim": "employee_id", "groups_claim": "groups",
        }),
        github: json!({
            "api_url": urls.github, "app_id": APP_ID, "installation_id": INSTALLATION_ID,
            "private_key_file": path("github_app.pem"), "webhook_secret_file": path("github_webhook_secret"),
        }),
        aws: json!({ "region": AWS_REGION, "account": AWS_ACCOUNT, "ecr_endpoint": urls.aws, "access_key_file": path("aws_access_key") }),
        environments: vec![json!({
            "name": "production", "github_environment": "production", "production": true,
            "kubernetes_url": urls.kubernetes, "kubernetes_token_file": path("kube_token"),
            "about": {
                "order": "3", "account": AWS_ACCOUNT, "region": AWS_REGION, "cluster": "altscore-production",
                "data_class": "Real customers, restricted", "residency": "India only",
                "access": "Nobody by hand; through Gatehouse, or break-glass",
            },
        })],
        observed: vec![
            json!({
                "name": "staging", "kubernetes_url": urls.cluster(ClusterId::Staging),
                "kubernetes_token_file": path("kube_token_staging"),
                "about": {
                    "order": "2", "account": AWS_ACCOUNT, "region": AWS_REGION, "cluster": "altscore-staging",
                    "data_class": "Synthetic only", "residency": "India only",
                    "access": "Engineers read; the pipeline writes",
                },
            }),
            json!({
                "name": "dev", "kubernetes_url": urls.cluster(ClusterId::Development),
                "kubernetes_token_file": path("kube_token_dev"),
                "about": {
                    "order": "1", "account": AWS_ACCOUNT, "region": AWS_REGION, "cluster": "altscore-dev",
                    "data_class": "Synthetic only", "residency": "India only", "access": "Engineers",
                },
            }),
        ],
        services: services.collect(),
        roles: ["engineer", "security", "dpo", "guardrail", "oncall", "auditor", "lead"]
            .into_iter()
            .map(|role| (role.to_owned(), group_of(role)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        admitted: admitted.collect(),
        demo: json!({ "admit_first_keys": true }),
    }
}

/// The identity provider's group for a role.
fn group_of(role: &str) -> Value {
    let group = match role {
        "engineer" => "engineers",
        "auditor" => "audit",
        "lead" => "leads",
        other => other,
    };
    json!(format!("altscore-{group}"))
}
