//! The subject `S`: the exact thing that keys sign (INV-1).
//!
//! | field | source |
//! |---|---|
//! | `service` | configuration: the service whose repository id and workflow path are the run's |
//! | `environment` | configuration: the environment whose GitHub name the rule request carries |
//! | `image_digest` | ECR `DescribeImages` in the configured account: the digest of the tag that is the run's SHA |
//! | `commit_sha` | GitHub: `head_sha` of the run, read again (never the webhook's) |
//! | `base_sha` | Kubernetes: the digest that the production Deployment's container runs; ECR: the tag of that digest that is a commit SHA. `absent:first_release` when nothing runs |
//! | `config_digest` | GitHub trees at `commit_sha`: SHA-256 of the canonical list (path, mode, blob) below the service's `config_path` (chart and values) |
//! | `migrations_digest` | the same below `migrations_path`; `absent:no_migrations` when the tree has none |
//! | `plan_digest` | the Terraform plan; `absent:not_infrastructure` for a service that is deployed by Helm |
//! | `rollback_plan_digest` | SHA-256 of the canonical [`super::RollbackPlan`] |
//! | `evidence_digest` | SHA-256 of the canonical verdicts (check, image digest, result, ids), never report bytes or times |
//! | `policy_digest` | the governed configuration in force |
//! | `expires_at` | the primary database's clock at making, plus [`SUBJECT_LIFETIME`] |
//!
//! For a change of the rules ([`crate::policy`]) `config_digest` is the proposed configuration, `policy_digest` the one in
//! force, `commit_sha` Git's null id, and what belongs to a build is `absent:not_a_build`.
//!
//! A field that cannot be read is `unreadable:<source>`: the change is shown, and the gate stays shut.

use crate::canonical::{self, CanonicalError};
use crate::ids::{CommitSha, Digest, EnvironmentName, ImageDigest, ServiceName};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A subject and its approvals live this long (DESIGN §9, Expiry).
pub const SUBJECT_LIFETIME: Duration = Duration::hours(72);

const TAG: &str = "gatehouse.subject.v1";

/// Why a field does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Production runs nothing of this service yet.
    FirstRelease,
    /// The tree holds no migrations for this service.
    NoMigrations,
    /// The service is deployed by Helm; no infrastructure plan belongs to it.
    NotInfrastructure,
    /// Nothing is built or deployed: the rules themselves change.
    NotABuild,
}

impl Absent {
    pub(super) const ALL: [Self; 4] =
        [Self::FirstRelease, Self::NoMigrations, Self::NotInfrastructure, Self::NotABuild];

    /// The word in the canonical bytes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FirstRelease => "first_release",
            Self::NoMigrations => "no_migrations",
            Self::NotInfrastructure => "not_infrastructure",
            Self::NotABuild => "not_a_build",
        }
    }
}

/// The system that a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// GitHub.
    Github,
    /// Amazon ECR.
    Ecr,
    /// The environment's cluster.
    Kubernetes,
}

impl Source {
    pub(super) const ALL: [Self; 3] = [Self::Github, Self::Ecr, Self::Kubernetes];

    /// The word in the canonical bytes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Ecr => "ecr",
            Self::Kubernetes => "kubernetes",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Github => "GitHub",
            Self::Ecr => "Amazon ECR",
            Self::Kubernetes => "the production cluster",
        })
    }
}

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String", bound = "T: FromStr + fmt::Display + Clone")]
pub enum Field<T> {
    /// Read.
    Known(T),
    /// Does not apply, for this reason.
    Absent(Absent),
    /// Could not be read from this system; closes the gate.
    Unreadable(Source),
}

impl<T> Field<T> {
    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent(_) | Self::Unreadable(_) => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Absent(why) => write!(f, "absent:{}", why.code()),
            Self::Unreadable(source) => write!(f, "unreadable:{}", source.code()),
        }
    }
}

impl<T: fmt::Display> From<Field<T>> for String {
    fn from(field: Field<T>) -> String {
        field.to_string()
    }
}

impl<T: FromStr> TryFrom<String> for Field<T> {
    type Error = crate::ids::Malformed;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const BAD: crate::ids::Malformed = crate::ids::Malformed { what: "field of a subject" };
        if let Some(why) = text.strip_prefix("absent:") {
            return Absent::ALL.into_iter().find(|a| a.code() == why).map(Self::Absent).ok_or(BAD);
        }
        if let Some(source) = text.strip_prefix("unreadable:") {
            return Source::ALL.into_iter().find(|s| s.code() == source).map(Self::Unreadable).ok_or(BAD);
        }
        text.parse().map(Self::Known).map_err(|_| BAD)
    }
}

/// `S`. See the module for the source of each field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What is deployed.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// The build.
    pub image_digest: Field<ImageDigest>,
    /// The commit that it was built from.
    pub commit_sha: CommitSha,
    /// The commit that production runs now.
    pub base_sha: Field<CommitSha>,
    /// The deploy values.
    pub config_digest: Field<Digest>,
    /// The migrations.
    pub migrations_digest: Field<Digest>,
    /// The infrastructure plan.
    pub plan_digest: Field<Digest>,
    /// What is done if it goes wrong.
    pub rollback_plan_digest: Field<Digest>,
    /// What was proved about the build.
    pub evidence_digest: Field<Digest>,
    /// The rules in force.
    pub policy_digest: Digest,
    /// When it stops being approvable.
    #[serde(with = "micros")]
    pub expires_at: DateTime<Utc>,
}

impl Subject {
    /// The canonical bytes.
    ///
    /// # Errors
    /// Never for values of these types; the signature keeps the caller from assuming it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        #[derive(Serialize)]
        struct Tagged<'a> {
            tag: &'static str,
            #[serde(flatten)]
            subject: &'a Subject,
        }
        canonical::to_bytes(&Tagged { tag: TAG, subject: self })
    }

    /// SHA-256 of the canonical bytes: what signed acts name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Hex, slugs and timestamps are always canonical text; an empty digest would match no signature.
        Digest::of(&self.to_bytes().unwrap_or_default())
    }

    /// Each field that applies only when readable, as (name for a person, text).
    #[must_use]
    pub fn fields(&self) -> [(&'static str, String); 12] {
        [
            ("service", self.service.to_string()),
            ("environment", self.environment.to_string()),
            ("image digest", self.image_digest.to_string()),
            ("commit", self.commit_sha.to_string()),
            ("what production runs now", self.base_sha.to_string()),
            ("deploy values", self.config_digest.to_string()),
            ("migrations", self.migrations_digest.to_string()),
            ("infrastructure plan", self.plan_digest.to_string()),
            ("rollback plan", self.rollback_plan_digest.to_string()),
            ("evidence", self.evidence_digest.to_string()),
            ("policy", self.policy_digest.to_string()),
            ("expiry", self.expires_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        ]
    }

    /// The names of the fields that could not be read.
    #[must_use]
    pub fn unreadable(&self) -> Vec<&'static str> {
        self.fields().iter().filter(|(_, text)| text.starts_with("unreadable:")).map(|(name, _)| *name).collect()
    }

    /// Whether both name the same thing; the expiry is not part of the thing.
    #[must_use]
    pub fn is_same_thing(&self, other: &Self) -> bool {
        Self { expires_at: other.expires_at, ..self.clone() } == *other
    }
}

/// Timestamps in signed bytes have one spelling: UTC, six decimals, `Z`.
mod micros {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(d)?;
        DateTime::parse_from_rfc3339(&text).map(|at| at.with_timezone(&Utc)).map_err(D::Error::custom)
    }
}
