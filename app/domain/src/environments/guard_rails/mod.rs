//! Does a cluster keep the rails that it was promised to keep?
//!
//! [`judge`] looks at every object that is ours and says for each rail: held, broken, or that it could not tell. What it
//! says of an object is what Kubernetes and Istio would do with it, not what the object looks like: a container's
//! security context overrides its pod's, what is not set has the platform's default, an UNSET mode is its parent's.
//!
//! Invariants
//! - a rail is *held* only where every kind that it needs was read wholly and lately; what could not be read is said;
//! - a broken rail stays broken on the last good data: a cluster that does not answer has not become better;
//! - a namespace that is not ours is not judged, and that is said, with how much runs there;
//! - one finding for one thing to mend: pods made from a broken template are counted on it, not listed beside it.
//!
//! What can be stale: everything, and each finding says when its object was last seen.

mod around;
mod image;
mod pods;
mod rules;
mod scaling;
#[cfg(test)]
mod tests;

pub use rules::{Malformed, Registry, Rules};

use super::facts::{Cluster, Kind, Meta, Name};
use super::gap::{Gap, as_of, gaps};
use crate::tone::Tone;
use crate::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a cluster was promised to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rail {
    /// Every namespace denies all traffic that nothing allows.
    DenyAll,
    /// Every namespace has a ResourceQuota.
    Quota,
    /// Nothing in the mesh takes plain traffic.
    StrictMtls,
    /// Nothing runs as root.
    NonRoot,
    /// Nothing writes to its root filesystem.
    ReadOnlyRoot,
    /// Nothing can gain privileges.
    NoEscalation,
    /// Nothing shares the machine's network, processes, memory or files.
    NoHost,
    /// What runs is pinned, and comes from our registry.
    Images,
    /// No secret is an environment variable.
    NoSecretEnv,
    /// There is room to grow.
    Headroom,
}

impl Rail {
    /// All of them, as they are shown.
    pub const ALL: [Self; 10] = [
        Self::DenyAll,
        Self::Quota,
        Self::StrictMtls,
        Self::NonRoot,
        Self::ReadOnlyRoot,
        Self::NoEscalation,
        Self::NoHost,
        Self::Images,
        Self::NoSecretEnv,
        Self::Headroom,
    ];

    /// Its name in files and addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DenyAll => "deny_all",
            Self::Quota => "quota",
            Self::StrictMtls => "strict_mtls",
            Self::NonRoot => "non_root",
            Self::ReadOnlyRoot => "read_only_root",
            Self::NoEscalation => "no_escalation",
            Self::NoHost => "no_host",
            Self::Images => "images",
            Self::NoSecretEnv => "no_secret_env",
            Self::Headroom => "headroom",
        }
    }

    /// What was promised, in a sentence.
    #[must_use]
    pub fn promise(self) -> &'static str {
        match self {
            Self::DenyAll => "Every namespace denies all traffic that nothing allows",
            Self::Quota => "Every namespace has a quota",
            Self::StrictMtls => "Nothing in the mesh takes plain traffic",
            Self::NonRoot => "Nothing runs as root",
            Self::ReadOnlyRoot => "Root filesystems are read-only",
            Self::NoEscalation => "Nothing can gain privileges",
            Self::NoHost => "Nothing shares the machine it runs on",
            Self::Images => "Images are pinned and come from our registry",
            Self::NoSecretEnv => "No secret is an environment variable",
            Self::Headroom => "There is room to grow",
        }
    }

    /// What must be known before it can be called held.
    #[must_use]
    pub fn needs(self) -> &'static [Kind] {
        match self {
            Self::DenyAll => &[Kind::Namespace, Kind::NetworkPolicy],
            Self::Quota => &[Kind::Namespace, Kind::Quota],
            Self::StrictMtls => &[Kind::Namespace, Kind::PeerAuthentication],
            Self::Headroom => &[Kind::Scaler],
            _ => &[Kind::Pod, Kind::Deployment, Kind::StatefulSet, Kind::Rollout],
        }
    }
}

/// What is wrong, with what, and how one knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it breaks.
    pub rail: Rail,
    /// `Deployment`: what would have to be mended.
    pub kind: String,
    /// Which.
    pub name: Name,
    /// `containers[api].image`: where in it. In a workload that is under `spec.template.spec`.
    pub field: String,
    /// What it says there and what follows, in a sentence.
    pub evidence: String,
    /// How many pods run so now.
    pub pods: u32,
    /// When this was last seen.
    pub seen: Option<DateTime<Utc>>,
    /// How bad it is; *unknown* where it could not be told of this object.
    pub tone: Tone,
}

/// What can be said of a rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was looked at, and is as promised.
    Held,
    /// Something is not.
    Broken,
    /// Nothing is known to be broken, but not everything could be looked at.
    CouldNotTell,
}

impl Verdict {
    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Held => Tone::Ok,
            Self::Broken => Tone::Bad,
            Self::CouldNotTell => Tone::Unknown,
        }
    }

    /// In a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::CouldNotTell => "could not tell",
        }
    }
}

/// What was found out about a rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Which.
    pub rail: Rail,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What breaks it, or of what it could not be told; the worst first.
    pub findings: Vec<Finding>,
    /// How many namespaces, autoscalers, or workloads and pods were looked at.
    pub looked_at: usize,
    /// When everything that it needs was last whole.
    pub as_of: Option<DateTime<Utc>>,
    /// What could not be looked at.
    pub gaps: Vec<Gap>,
}

/// A namespace that is not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// Its name.
    pub namespace: String,
    /// Why it is not ours to judge, in the policy's words.
    pub why: String,
    /// How many pods run there.
    pub pods: usize,
}

/// What was found out about a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Every rail, in the order of [`Rail::ALL`].
    pub rails: Vec<Judged>,
    /// What was not judged.
    pub outside: Vec<Outside>,
}

impl Report {
    /// Everything that is wrong.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.rails.iter().flat_map(|judged| &judged.findings)
    }
}

/// Judges a cluster, of which images may come from this registry.
#[must_use]
pub fn judge(cluster: &Cluster, rules: &Rules, registry: &Registry) -> Report {
    let mut found = Found::default();
    around::judge(cluster, rules, &mut found);
    pods::judge(cluster, rules, registry, &mut found);
    scaling::judge(cluster, rules, &mut found);
    let mut by_rail: BTreeMap<Rail, Vec<Finding>> = BTreeMap::new();
    for finding in found.findings.into_values() {
        by_rail.entry(finding.rail).or_default().push(finding);
    }
    let rails = Rail::ALL.map(|rail| {
        let mut findings = by_rail.remove(&rail).unwrap_or_default();
        findings.sort_by_key(|finding| (rank(finding.tone), finding.name.clone()));
        let gaps = gaps(cluster, rail.needs());
        let verdict = match findings.first() {
            Some(worst) if worst.tone != Tone::Unknown => Verdict::Broken,
            None if gaps.is_empty() => Verdict::Held,
            _ => Verdict::CouldNotTell,
        };
        let looked_at = found.looked_at.get(&rail).copied().unwrap_or_default();
        Judged { rail, verdict, findings, looked_at, as_of: as_of(cluster, rail.needs()), gaps }
    });
    Report { rails: rails.into(), outside: outside(cluster, rules) }
}

fn outside(cluster: &Cluster, rules: &Rules) -> Vec<Outside> {
    let mut pods: BTreeMap<&str, usize> = BTreeMap::new();
    for name in cluster.pods.keys() {
        *pods.entry(&name.namespace).or_default() += 1;
    }
    let is_there =
        |namespace: &str| pods.contains_key(namespace) || cluster.namespaces.keys().any(|n| &*n.name == namespace);
    let mut all: Vec<Outside> = Vec::new();
    for (namespace, why) in rules.outside().filter(|(namespace, _)| is_there(namespace)) {
        let pods = pods.get(namespace).copied().unwrap_or_default();
        all.push(Outside { namespace: namespace.to_owned(), why: why.to_owned(), pods });
    }
    all
}

/// The worst first; what could not be told last.
fn rank(tone: Tone) -> u8 {
    match tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Unknown => 3,
        _ => 2,
    }
}

/// What was found so far: each thing once.
#[derive(Default)]
struct Found {
    findings: BTreeMap<(Rail, String, Name, String, String), Finding>,
    looked_at: BTreeMap<Rail, usize>,
}

impl Found {
    fn looked(&mut self, rail: Rail) {
        *self.looked_at.entry(rail).or_default() += 1;
    }

    /// The same thing found again is one finding, seen later.
    fn add(&mut self, finding: Finding) {
        let Finding { rail, kind, name, field, evidence, .. } = &finding;
        let key = (*rail, kind.clone(), name.clone(), field.clone(), evidence.clone());
        match self.findings.get_mut(&key) {
            None => drop(self.findings.insert(key, finding)),
            Some(known) => {
                known.pods += finding.pods;
                known.seen = known.seen.max(finding.seen);
            }
        }
    }

    /// Of an object that is there.
    fn of(
        &mut self,
        cluster: &Cluster,
        (rail, kind): (Rail, Kind),
        meta: &Meta,
        field: &str,
        evidence: String,
        tone: Tone,
    ) {
        self.add(Finding {
            rail,
            kind: super::singular(kind).to_owned(),
            name: meta.name.clone(),
            field: field.to_owned(),
            evidence,
            pods: 0,
            seen: meta.seen.or(cluster.reach(kind).as_of),
            tone,
        });
    }
}
