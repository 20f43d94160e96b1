//! Which kinds of object are there? A table: what a kind is called, where it lives, and which of its fields a selector
//! may name. A CustomResourceDefinition adds a row while the cluster runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::value::at;

/// One kind, in the version in which the cluster keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub singular: String,
    pub short: Vec<String>,
    pub categories: Vec<String>,
    pub namespaced: bool,
    /// Status is written at a path of its own, and by nobody else.
    pub has_status: bool,
    pub has_scale: bool,
    /// Built in: its lists merge by key, and selectors know its fields.
    pub builtin: bool,
    /// What a field selector may name beside name and namespace.
    pub fields: &'static [&'static str],
    /// A CRD's own columns.
    pub columns: Vec<Value>,
}

impl Kind {
    pub(super) fn id(&self) -> Id {
        (self.group.clone(), self.plural.clone())
    }

    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `.apps`, or nothing for the core.
    pub(super) fn dot_group(&self) -> String {
        if self.group.is_empty() { String::new() } else { format!(".{}", self.group) }
    }

    /// `deployments.apps`, as errors name it.
    pub(super) fn qualified(&self) -> String {
        format!("{}{}", self.plural, self.dot_group())
    }

    pub(super) fn details(&self, name: &str) -> Value {
        let mut details = json!({ "kind": self.plural });
        if let Some(details) = details.as_object_mut() {
            if !name.is_empty() {
                details.insert("name".to_owned(), json!(name));
            }
            if !self.group.is_empty() {
                details.insert("group".to_owned(), json!(self.group));
            }
        }
        details
    }
}

/// Group and plural.
pub(crate) type Id = (String, String);

/// Every kind of one cluster.
pub(crate) type Kinds = BTreeMap<Id, Arc<Kind>>;

struct Row {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
    status: bool,
    scale: bool,
    all: bool,
    fields: &'static [&'static str],
}

const fn row(group: &'static str, version: &'static str, kind: &'static str, plural: &'static str) -> Row {
    Row {
        group,
        version,
        kind,
        plural,
        short: &[],
        namespaced: true,
        status: false,
        scale: false,
        all: false,
        fields: &[],
    }
}

impl Row {
    const fn short(self, short: &'static [&'static str]) -> Self {
        Self { short, ..self }
    }

    const fn cluster(self) -> Self {
        Self { namespaced: false, ..self }
    }

    const fn status(self) -> Self {
        Self { status: true, ..self }
    }

    const fn scale(self) -> Self {
        Self { scale: true, ..self }
    }

    const fn all(self) -> Self {
        Self { all: true, ..self }
    }

    const fn fields(self, fields: &'static [&'static str]) -> Self {
        Self { fields, ..self }
    }
}

const POD_FIELDS: &[&str] = &[
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
];
const EVENT_FIELDS: &[&str] = &[
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
];
const RBAC: &str = "rbac.authorization.k8s.io";

const ROWS: &[Row] = &[
    row("", "v1", "Namespace", "namespaces").short(&["ns"]).cluster().status().fields(&["status.phase"]),
    row("", "v1", "Node", "nodes").short(&["no"]).cluster().status().fields(&["spec.unschedulable"]),
    row("", "v1", "Pod", "pods").short(&["po"]).status().all().fields(POD_FIELDS),
    row("", "v1", "Service", "services").short(&["svc"]).status().all().fields(&["spec.clusterIP", "spec.type"]),
    row("", "v1", "ConfigMap", "configmaps").short(&["cm"]),
    row("", "v1", "Secret", "secrets").fields(&["type"]),
    row("", "v1", "ServiceAccount", "serviceaccounts").short(&["sa"]),
    row("", "v1", "ResourceQuota", "resourcequotas").short(&["quota"]).status(),
    row("", "v1", "LimitRange", "limitranges").short(&["limits"]),
    row("", "v1", "ReplicationController", "replicationcontrollers").short(&["rc"]).status().scale().all(),
    row("", "v1", "Event", "events").short(&["ev"]).fields(EVENT_FIELDS),
    row("apps", "v1", "Deployment", "deployments").short(&["deploy"]).status().scale().all(),
    row("apps", "v1", "ReplicaSet", "replicasets").short(&["rs"]).status().scale().all().fields(&["status.replicas"]),
    row("apps", "v1", "StatefulSet", "statefulsets").short(&["sts"]).status().scale().all(),
    row("apps", "v1", "DaemonSet", "daemonsets").short(&["ds"]).status().all(),
    row("batch", "v1", "Job", "jobs").status().all().fields(&["status.successful"]),
    row("batch", "v1", "CronJob", "cronjobs").short(&["cj"]).status().all(),
    row("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers").short(&["hpa"]).status().all(),
    row("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies").short(&["netpol"]),
    row("networking.k8s.io", "v1", "Ingress", "ingresses").short(&["ing"]).status(),
    row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets").short(&["pdb"]).status(),
    row(RBAC, "v1", "Role", "roles"),
    row(RBAC, "v1", "RoleBinding", "rolebindings"),
    row(RBAC, "v1", "ClusterRole", "clusterroles").cluster(),
    row(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings").cluster(),
    row("coordination.k8s.io", "v1", "Lease", "leases"),
    row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
        .short(&["crd", "crds"])
        .cluster()
        .status(),
];

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

/// What every cluster knows before anybody defines more.
pub(super) fn builtin() -> Kinds {
    let kinds = ROWS.iter().map(|row| Kind {
        group: row.group.to_owned(),
        version: row.version.to_owned(),
        kind: row.kind.to_owned(),
        plural: row.plural.to_owned(),
        singular: row.kind.to_lowercase(),
        short: words(row.short),
        categories: if row.all { words(&["all"]) } else { Vec::new() },
        namespaced: row.namespaced,
        has_status: row.status,
        has_scale: row.scale,
        builtin: true,
        fields: row.fields,
        columns: Vec::new(),
    });
    kinds.map(|kind| (kind.id(), Arc::new(kind))).collect()
}

/// The row that a CustomResourceDefinition adds, in its storage version; nothing where it is not whole.
pub(super) fn defined(crd: &Value) -> Option<Kind> {
    let spec = crd.get("spec")?;
    let names = spec.get("names")?;
    let text = |value: &Value, key: &str| at(value, key).as_str().map(str::to_owned);
    let list = |key: &str| -> Vec<String> {
        let all = at(names, key).as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let versions = spec.get("versions")?.as_array()?;
    let stored = versions.iter().find(|version| at(version, "storage").as_bool() == Some(true))?;
    let kind = text(names, "kind")?;
    let subresources = at(stored, "subresources");
    Some(Kind {
        group: text(spec, "group")?,
        version: text(stored, "name")?,
        plural: text(names, "plural")?,
        singular: text(names, "singular").unwrap_or_else(|| kind.to_lowercase()),
        kind,
        short: list("shortNames"),
        categories: list("categories"),
        namespaced: at(spec, "scope").as_str() != Some("Cluster"),
        has_status: subresources.get("status").is_some(),
        has_scale: subresources.get("scale").is_some(),
        builtin: false,
        fields: &[],
        columns: at(stored, "additionalPrinterColumns").as_array().cloned().unwrap_or_default(),
    })
}
