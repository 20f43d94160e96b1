//! What is done if it goes wrong: drafted by the machine from what production runs now, edited by a person where that is
//! not what should be done.

use super::Field;
use crate::canonical;
use crate::ids::{ChangeNumber, CommitSha, Digest, EnvironmentName, ImageDigest, PersonId, ServiceName};
use crate::personal::Personal;
use serde::{Deserialize, Serialize};

/// The plan. Its digest is part of `S`, so a plan that changes needs new signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackPlan {
    /// What is rolled back.
    pub service: ServiceName,
    /// Where.
    pub environment: EnvironmentName,
    /// The build to return to: what production ran when this was drafted, unless a person chose another.
    pub to_image: Field<ImageDigest>,
    /// The commit of that build.
    pub to_commit: Field<CommitSha>,
    /// What happens to the migrations that this release carries.
    pub migrations: Migrations,
    /// What a person made of the draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
}

/// What happens to migrations when the release that carries them is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Migrations {
    /// There are none.
    None,
    /// They stay in place.
    ForwardOnly,
    /// Somebody undoes them, or makes them bearable, by hand.
    ByHand,
}

impl Migrations {
    /// The word in the plan and in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ForwardOnly => "forward_only",
            Self::ByHand => "by_hand",
        }
    }
}

/// A person's hand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    /// Whose.
    pub by: PersonId,
    /// What production ran then: while it still does, the plan stands, whatever else is read again.
    pub base_image: Field<ImageDigest>,
    /// The commit of that.
    pub base_commit: Field<CommitSha>,
    /// The earlier release that was chosen; absent where it stayed what production ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<ChangeNumber>,
    /// What else is to be done, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal>,
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
        let migrations = if has_migrations { Migrations::ForwardOnly } else { Migrations::None };
        let (service, environment) = (service.clone(), environment.clone());
        Self { service, environment, to_image, to_commit, migrations, edited: None }
    }

    /// What production ran when this was drafted.
    #[must_use]
    pub fn base(&self) -> (&Field<ImageDigest>, &Field<CommitSha>) {
        match &self.edited {
            Some(edited) => (&edited.base_image, &edited.base_commit),
            None => (&self.to_image, &self.to_commit),
        }
    }

    /// The plan after the world was read again: a person's stands while production runs what it was made for, and while it
    /// cannot be told what production runs.
    #[must_use]
    pub fn or_redrafted(&self, draft: Self) -> Self {
        let is_unread = matches!(draft.to_commit, Field::Unreadable(_));
        let stands = self.edited.is_some() && (is_unread || self.base() == draft.base());
        if stands { self.clone() } else { draft }
    }

    /// SHA-256 of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&canonical::to_bytes(self).unwrap_or_default())
    }

    /// The plan as a person reads it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let chosen = self.edited.as_ref().and_then(|edited| edited.to.as_ref());
        let back = match (&self.to_image, &self.to_commit, chosen) {
            (Field::Known(image), Field::Known(commit), Some(to)) => {
                format!("Redeploy {} (commit {}), released by {to}.", image.short(), commit.short())
            }
            (Field::Known(image), Field::Known(commit), None) => {
                format!("Redeploy {} (commit {}), which {} runs now.", image.short(), commit.short(), self.environment)
            }
            (Field::Absent(_), ..) | (_, Field::Absent(_), _) => {
                format!("Remove {}: {} runs nothing of it yet.", self.service, self.environment)
            }
            _ => "Not known yet: what production runs now could not be read.".to_owned(),
        };
        let migrations = match self.migrations {
            Migrations::None => "This release carries no migrations.",
            Migrations::ForwardOnly => {
                "Its migrations stay in place: they are forward-only and the previous build must tolerate them."
            }
            Migrations::ByHand => "Its migrations need a step by hand before the previous build runs again.",
        };
        format!("{back} {migrations}")
    }
}
