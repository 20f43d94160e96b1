//! What a pod is made of.

use super::{Kept, canonical, digest, flag, items, map, must, part, text};
use gatehouse_domain::environments::facts::{Container, EnvFrom, EnvSource, PodShape, Security};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Shapes that were seen: pods that are alike share one.
#[derive(Default)]
pub(super) struct Shapes(BTreeSet<Arc<PodShape>>);

impl Shapes {
    /// The shape of a pod, or of a template: what has `metadata` and `spec`.
    pub(super) fn of(&mut self, labels: BTreeMap<Arc<str>, Arc<str>>, spec: &Value) -> Kept<Arc<PodShape>> {
        let shape = shape(labels, spec)?;
        if let Some(known) = self.0.get(&shape) {
            return Ok(known.clone());
        }
        let shape = Arc::new(shape);
        self.0.insert(shape.clone());
        Ok(shape)
    }
}

fn shape(labels: BTreeMap<Arc<str>, Arc<str>>, spec: &Value) -> Kept<PodShape> {
    let containers = part(spec, "/containers").as_array().ok_or("it has no list of containers")?;
    let init = items(part(spec, "/initContainers")).map(|it| container(it, true));
    let containers = init.chain(containers.iter().map(|it| container(it, false))).collect::<Kept<_>>()?;
    let paths = items(part(spec, "/volumes")).filter_map(|volume| volume.pointer("/hostPath/path")?.as_str());
    Ok(PodShape {
        labels,
        host_network: flag(spec, "/hostNetwork").unwrap_or(false),
        host_pid: flag(spec, "/hostPID").unwrap_or(false),
        host_ipc: flag(spec, "/hostIPC").unwrap_or(false),
        service_account: text(spec, "/serviceAccountName"),
        mounts_token: flag(spec, "/automountServiceAccountToken"),
        security: security(part(spec, "/securityContext")),
        host_paths: paths.map(str::to_owned).collect(),
        containers,
    })
}

fn security(it: &Value) -> Security {
    let words = |place: &str| items(part(it, place)).filter_map(|word| Some(word.as_str()?.to_owned())).collect();
    Security {
        run_as_non_root: flag(it, "/runAsNonRoot"),
        run_as_user: part(it, "/runAsUser").as_i64(),
        read_only_root: flag(it, "/readOnlyRootFilesystem"),
        privilege_escalation: flag(it, "/allowPrivilegeEscalation"),
        privileged: flag(it, "/privileged"),
        added: words("/capabilities/add"),
        dropped: words("/capabilities/drop"),
        seccomp: part(it, "/seccompProfile/type").as_str().map(str::to_owned),
    }
}

fn container(it: &Value, is_init: bool) -> Kept<Container> {
    must(it, "", "one of its containers is none")?;
    let probe = |place: &str| Some(part(it, place)).filter(|probe| !probe.is_null()).map(canonical);
    Ok(Container {
        name: text(it, "/name"),
        is_init,
        image: text(it, "/image"),
        requests: map(part(it, "/resources/requests")),
        limits: map(part(it, "/resources/limits")),
        liveness: probe("/livenessProbe"),
        readiness: probe("/readinessProbe"),
        startup: probe("/startupProbe"),
        security: security(part(it, "/securityContext")),
        env: items(part(it, "/env")).map(variable).chain(items(part(it, "/envFrom")).map(source)).collect(),
    })
}

fn variable(it: &Value) -> EnvSource {
    let name = text(it, "/name");
    let named = |place: &str| part(it, place).as_str().map(str::to_owned);
    let from = if let Some(secret) = named("/valueFrom/secretKeyRef/name") {
        EnvFrom::Secret(secret)
    } else if let Some(config_map) = named("/valueFrom/configMapKeyRef/name") {
        EnvFrom::ConfigMap(config_map)
    } else if part(it, "/valueFrom").is_object() {
        EnvFrom::Field
    } else {
        let value = text(it, "/value");
        EnvFrom::Literal { looks_secret: looks_secret(&name, &value), digest: digest(value.as_bytes()) }
    };
    EnvSource { name, from }
}

fn source(it: &Value) -> EnvSource {
    let from = match (part(it, "/secretRef/name").as_str(), part(it, "/configMapRef/name").as_str()) {
        (Some(secret), _) => EnvFrom::Secret(secret.to_owned()),
        (None, Some(config_map)) => EnvFrom::ConfigMap(config_map.to_owned()),
        (None, None) => EnvFrom::Field,
    };
    EnvSource { name: text(it, "/prefix"), from }
}

/// A name that ends as secrets' names do, or a value that begins as keys do. An empty value is no secret.
fn looks_secret(name: &str, value: &str) -> bool {
    const NAMES: [&str; 7] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY", "ACCESS_KEY"];
    const VALUES: [&str; 8] = ["-----BEGIN", "AKIA", "ASIA", "ghp_", "ghs_", "github_pat_", "xoxb-", "eyJhbGciOi"];
    let name = name.to_ascii_uppercase();
    let is_named = NAMES.iter().any(|end| name.ends_with(end));
    !value.is_empty() && (is_named || VALUES.iter().any(|begin| value.starts_with(begin)))
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn secrets_are_known_by_name_or_form() {
        for (name, value) in [("DB_PASSWORD", "x"), ("db_password", "x"), ("X", "ghp_abc"), ("X", "-----BEGIN KEY")] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [("DB_PASSWORD", ""), ("PASSWORD_FILE", "/run/x"), ("LOG_LEVEL", "info")] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }
}
