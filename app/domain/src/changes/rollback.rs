//! What is done if it goes wrong: drafted by the machine from what production runs now.

use super::Field;
use crate::canonical;
use crate::ids::{CommitSha, Digest, EnvironmentName, ImageDigest, ServiceName};
use serde::{Deserialize, Serialize};

/// The plan. Its digest is part of `S`, so a plan that changes needs new signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackPlan {
    /// What is rolled back.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// The build to return to: what production ran when this was drafted.
    pub to_image: Field<ImageDigest>,
    /// The commit of that build.
    pub to_commit: Field<CommitSha>,
    /// Whether this release carries migrations, which a rollback leaves in place.
    pub migrations: String,
}

impl RollbackPlan {
    /// Drafts the plan.
    #[must_use]
    pub fn draft(
        service: &ServiceName,
        environment: &EnvironmentName,
        to_image: Field<ImageDigest>,
        to_commit: Field<CommitSha>,
        has_migrations: bool,
    ) -> Self {
        let migrations = if has_migrations { "forward_only" } else { "none" };
        Self {
            service: service.clone(),
            environment: environment.clone(),
            to_image,
            to_commit,
            migrations: migrations.to_owned(),
        }
    }

    /// SHA-256 of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&canonical::to_bytes(self).unwrap_or_default())
    }

    /// The plan as a person reads it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let back = match (&self.to_image, &self.to_commit) {
            (Field::Known(image), Field::Known(commit)) => {
                format!("Redeploy {} (commit {}), which {} runs now.", image.short(), commit.short(), self.environment)
            }
            (Field::Absent(_), _) | (_, Field::Absent(_)) => {
                format!("Remove {}: {} runs nothing of it yet.", self.service, self.environment)
            }
            _ => "Not known yet: what production runs now could not be read.".to_owned(),
        };
        let migrations = if self.migrations == "none" {
            "This release carries no migrations."
        } else {
            "Its migrations stay in place: they are forward-only and the previous build must tolerate them."
        };
        format!("{back} {migrations}")
    }
}
