//! What a pod may do to the machine and to others: judged in workloads' templates and in the pods that run.

use super::super::facts::{Cluster, Container, EnvFrom, Kind, Meta, Name, Pod, PodShape};
use super::image;
use super::{Finding, Found, Rail, Registry, Rules};
use crate::DateTime;
use crate::Utc;
use crate::tone::Tone;
use std::collections::BTreeMap;
use std::sync::Arc;

const RAILS: [Rail; 6] =
    [Rail::NonRoot, Rail::ReadOnlyRoot, Rail::NoEscalation, Rail::NoHost, Rail::Images, Rail::NoSecretEnv];

/// What is wrong in a shape, whoever has it.
struct Breach {
    rail: Rail,
    field: String,
    evidence: String,
    tone: Tone,
}

pub(super) fn judge(cluster: &Cluster, rules: &Rules, registry: &Registry, found: &mut Found) {
    // Pods that are alike share their shape: each is looked at once, however many pods there are.
    let mut known: BTreeMap<*const PodShape, Vec<Breach>> = BTreeMap::new();
    let workloads = cluster.workloads.iter().map(|((kind, name), workload)| {
        let seen = workload.meta.seen.or(cluster.reach(*kind).as_of);
        (super::super::singular(*kind).to_owned(), name.clone(), &workload.template, seen, 0)
    });
    let as_of = cluster.reach(Kind::Pod).as_of;
    let pods = cluster.pods.values().map(|pod| {
        let (kind, name) = keeper(cluster, pod);
        (kind, name, &pod.shape, pod.meta.seen.or(as_of), 1)
    });
    for (kind, name, shape, seen, pods) in workloads.chain(pods).filter(|it| rules.is_ours(&it.1.namespace)) {
        RAILS.into_iter().for_each(|rail| found.looked(rail));
        let breaches = known.entry(Arc::as_ptr(shape)).or_insert_with(|| breaches(shape, registry));
        breaches.iter().for_each(|breach| found.add(breach.of(&kind, &name, seen, pods)));
    }
}

/// What would have to be mended so that the pod is: what controls it, and what controls that.
fn keeper(cluster: &Cluster, pod: &Pod) -> (String, Name) {
    let at = |meta: &Meta| {
        let (kind, name) = meta.owner.as_ref()?;
        Some((kind.to_string(), Name { namespace: meta.name.namespace.clone(), name: name.clone() }))
    };
    let Some((kind, name)) = at(&pod.meta) else { return ("Pod".to_owned(), pod.meta.name.clone()) };
    let set = cluster.replica_sets.get(&name).filter(|_| kind == "ReplicaSet");
    set.and_then(|set| at(&set.meta)).unwrap_or((kind, name))
}

impl Breach {
    fn of(&self, kind: &str, name: &Name, seen: Option<DateTime<Utc>>, pods: u32) -> Finding {
        let Self { rail, field, evidence, tone } = self;
        Finding {
            rail: *rail,
            kind: kind.to_owned(),
            name: name.clone(),
            field: field.clone(),
            evidence: evidence.clone(),
            pods,
            seen,
            tone: *tone,
        }
    }
}

fn breaches(shape: &PodShape, registry: &Registry) -> Vec<Breach> {
    let mut all = Vec::new();
    let mut say = |rail, field: String, evidence: String, tone| all.push(Breach { rail, field, evidence, tone });
    let shared = [
        ("hostNetwork", shape.host_network, "its pods are on the machine's own network, past every NetworkPolicy"),
        ("hostPID", shape.host_pid, "its pods see every process of the machine"),
        ("hostIPC", shape.host_ipc, "its pods share memory with the machine's processes"),
    ];
    for (field, _, follows) in shared.into_iter().filter(|(_, is_set, _)| *is_set) {
        say(Rail::NoHost, field.to_owned(), format!("{field} is true: {follows}."), Tone::Bad);
    }
    for path in &shape.host_paths {
        let evidence = format!("A volume is the machine's own folder {path}.");
        say(Rail::NoHost, format!("volumes[hostPath {path}]"), evidence, Tone::Bad);
    }
    for container in &shape.containers {
        let (list, word) =
            if container.is_init { ("initContainers", "Init container") } else { ("containers", "Container") };
        let place = format!("{list}[{}]", container.name);
        let who = format!("{word} {}", container.name);
        let mut here = |rail, field: &str, evidence: String, tone| {
            say(rail, format!("{place}.{field}"), format!("{who} {evidence}"), tone);
        };
        non_root(shape, container, &mut here);
        privileges(container, &mut here);
        from_where(container, registry, &mut here);
    }
    all
}

/// A container's word counts before its pod's. Kubernetes refuses to start as root only what says `runAsNonRoot`.
fn non_root(shape: &PodShape, container: &Container, say: &mut impl FnMut(Rail, &str, String, Tone)) {
    let (own, pod) = (&container.security, &shape.security);
    let is_demanded = own.run_as_non_root.or(pod.run_as_non_root);
    let user = own.run_as_user.or(pod.run_as_user);
    let (field, evidence, tone) = match (is_demanded, user) {
        (Some(true), _) => return,
        (_, Some(0)) => (
            "securityContext.runAsUser",
            "has runAsUser 0, and nothing demands runAsNonRoot: it runs as root.".to_owned(),
            Tone::Bad,
        ),
        (Some(false), None) => (
            "securityContext.runAsNonRoot",
            "has runAsNonRoot false: it runs as whatever its image says, which may be root.".to_owned(),
            Tone::Bad,
        ),
        (None, None) => (
            "securityContext.runAsNonRoot",
            "says neither runAsNonRoot nor runAsUser: nothing keeps it from running as root.".to_owned(),
            Tone::Bad,
        ),
        (_, Some(user)) => (
            "securityContext.runAsNonRoot",
            format!("runs as user {user}, but nothing demands runAsNonRoot: that it stays so is not proved."),
            Tone::Warn,
        ),
    };
    say(Rail::NonRoot, field, evidence, tone);
}

fn privileges(container: &Container, say: &mut impl FnMut(Rail, &str, String, Tone)) {
    let own = &container.security;
    if own.read_only_root != Some(true) {
        let is = if own.read_only_root.is_none() { "not set, which means false" } else { "false" };
        let evidence = format!("may write to its root filesystem: readOnlyRootFilesystem is {is}.");
        say(Rail::ReadOnlyRoot, "securityContext.readOnlyRootFilesystem", evidence, Tone::Bad);
    }
    let is_privileged = own.privileged == Some(true);
    // These make escalation possible whatever else is said.
    let mighty = own.added.iter().find(|name| matches!(name.trim_start_matches("CAP_"), "SYS_ADMIN" | "ALL"));
    let why = match (own.privilege_escalation, mighty) {
        _ if is_privileged => Some("it is privileged".to_owned()),
        (_, Some(name)) => Some(format!("it adds the capability {name}")),
        (Some(false), None) => None,
        (Some(true), None) => Some("allowPrivilegeEscalation is true".to_owned()),
        (None, None) => Some("allowPrivilegeEscalation is not set, which means true".to_owned()),
    };
    if let Some(why) = why {
        let evidence = format!("can gain privileges: {why}.");
        say(Rail::NoEscalation, "securityContext.allowPrivilegeEscalation", evidence, Tone::Bad);
    }
    if is_privileged {
        let evidence = "is privileged: it is root on the machine.".to_owned();
        say(Rail::NoHost, "securityContext.privileged", evidence, Tone::Bad);
    }
}

fn from_where(container: &Container, registry: &Registry, say: &mut impl FnMut(Rail, &str, String, Tone)) {
    let wrong = image::look(&container.image, registry);
    let loose =
        wrong.is_loose.then(|| "it is not pinned by a digest, so what runs can change under the same name".to_owned());
    for why in [wrong.elsewhere, loose].into_iter().flatten() {
        say(Rail::Images, "image", format!("runs {}: {why}.", container.image), Tone::Bad);
    }
    for source in &container.env {
        let (field, evidence) = match &source.from {
            EnvFrom::Secret(secret) if source.name.is_empty() => {
                ("envFrom".to_owned(), format!("takes every key of Secret {secret} as environment variables."))
            }
            EnvFrom::Secret(secret) => (
                format!("env[{}]", source.name),
                format!("takes {} from Secret {secret} as an environment variable.", source.name),
            ),
            EnvFrom::Literal { looks_secret: true, .. } => (
                format!("env[{}]", source.name),
                format!("has {} written into its manifest, and it looks like a secret.", source.name),
            ),
            _ => continue,
        };
        say(Rail::NoSecretEnv, &field, evidence, Tone::Bad);
    }
}
