//! What a pod is made of. Values of environment variables leave nothing but a digest.

use super::node::Node;
use super::pool::Pool;
use super::{Why, sha256, texts, written};
use gatehouse_domain::environments::facts::{Container, EnvFrom, EnvSource, PodShape, Security};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `labels` and `spec` of a template or a pod.
pub(super) fn shape(labels: Node<'_>, spec: Node<'_>, pool: &mut Pool) -> Result<Arc<PodShape>, Why> {
    let mut containers = Vec::new();
    for (key, is_init) in [("initContainers", true), ("containers", false)] {
        for node in spec.at(key)?.list()? {
            containers.push(container(node, is_init)?);
        }
    }
    let mut host_paths = BTreeSet::new();
    for volume in spec.at("volumes")?.list()? {
        let path = volume.path(&["hostPath", "path"])?.text()?;
        if !path.is_empty() {
            host_paths.insert(path.to_owned());
        }
    }
    let shape = PodShape {
        labels: texts(labels, pool)?,
        host_network: spec.at("hostNetwork")?.is_true()?,
        host_pid: spec.at("hostPID")?.is_true()?,
        host_ipc: spec.at("hostIPC")?.is_true()?,
        service_account: spec.at("serviceAccountName")?.text()?.to_owned(),
        mounts_token: spec.at("automountServiceAccountToken")?.flag()?,
        security: security(spec.at("securityContext")?)?,
        host_paths,
        containers,
    };
    Ok(pool.shape(shape))
}

fn container(node: Node<'_>, is_init: bool) -> Result<Container, Why> {
    let mut env = Vec::new();
    for variable in node.at("env")?.list()? {
        env.push(variable_of(variable)?);
    }
    for source in node.at("envFrom")?.list()? {
        let name = source.at("prefix")?.text()?.to_owned();
        let (secret, map) = (source.path(&["secretRef", "name"])?, source.path(&["configMapRef", "name"])?);
        let from = if source.at("secretRef")?.raw().is_some() {
            EnvFrom::Secret(secret.text()?.to_owned())
        } else {
            EnvFrom::ConfigMap(map.text()?.to_owned())
        };
        env.push(EnvSource { name, from });
    }
    Ok(Container {
        name: node.at("name")?.text()?.to_owned(),
        is_init,
        image: node.at("image")?.text()?.to_owned(),
        requests: written(node.path(&["resources", "requests"])?)?,
        limits: written(node.path(&["resources", "limits"])?)?,
        liveness: node.at("livenessProbe")?.canonical(),
        readiness: node.at("readinessProbe")?.canonical(),
        startup: node.at("startupProbe")?.canonical(),
        security: security(node.at("securityContext")?)?,
        env,
    })
}

fn variable_of(node: Node<'_>) -> Result<EnvSource, Why> {
    let name = node.at("name")?.text()?.to_owned();
    let from = node.at("valueFrom")?;
    let (secret, map) = (from.at("secretKeyRef")?, from.at("configMapKeyRef")?);
    let from = if secret.raw().is_some() {
        EnvFrom::Secret(secret.at("name")?.text()?.to_owned())
    } else if map.raw().is_some() {
        EnvFrom::ConfigMap(map.at("name")?.text()?.to_owned())
    } else if from.raw().is_some() {
        EnvFrom::Field
    } else {
        let value = node.at("value")?.text()?;
        EnvFrom::Literal { digest: sha256(value.as_bytes()), looks_secret: looks_secret(&name, value) }
    };
    Ok(EnvSource { name, from })
}

/// By the variable's name, or by the form of a known kind of key.
fn looks_secret(name: &str, value: &str) -> bool {
    const NAMES: [&str; 9] =
        ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"];
    const STARTS: [&str; 9] =
        ["AKIA", "ASIA", "ghp_", "ghs_", "github_pat_", "sk_live_", "xoxb-", "eyJhbGci", "-----BEGIN"];
    let upper = name.to_ascii_uppercase();
    // `TOKEN_URL` and `PASSWORD_FILE` say where, not what.
    let says_where = ["_URL", "_FILE", "_PATH", "_NAME", "_TTL"].iter().any(|end| upper.ends_with(end));
    let is_named = !says_where && !value.is_empty() && NAMES.iter().any(|word| upper.contains(word));
    let has_password = value
        .split_once("://")
        .is_some_and(|(_, rest)| rest.split_once('@').is_some_and(|(who, _)| !who.contains('/') && who.contains(':')));
    is_named || has_password || STARTS.iter().any(|start| value.starts_with(start))
}

fn security(node: Node<'_>) -> Result<Security, Why> {
    let caps = |key| -> Result<BTreeSet<String>, Why> {
        node.at("capabilities")?.at(key)?.list()?.map(|it| Ok(it.text()?.to_owned())).collect()
    };
    let seccomp = node.path(&["seccompProfile", "type"])?.text()?;
    Ok(Security {
        run_as_non_root: node.at("runAsNonRoot")?.flag()?,
        run_as_user: node.at("runAsUser")?.integer()?,
        read_only_root: node.at("readOnlyRootFilesystem")?.flag()?,
        privilege_escalation: node.at("allowPrivilegeEscalation")?.flag()?,
        privileged: node.at("privileged")?.flag()?,
        added: caps("add")?,
        dropped: caps("drop")?,
        seccomp: (!seccomp.is_empty()).then(|| seccomp.to_owned()),
    })
}
