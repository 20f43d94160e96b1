//! Which rules are in force, and may others take their place?
//!
//! The rules are one configuration: policy, admitted list, environments, services and the identity of every outside
//! system, named by one digest. It is in force because the log says so, not because a file does. A file that says
//! something else is a *proposal*: which configuration (`proposed`) is to take the place of which (`base`). Somebody signs
//! that they propose it, and then it is a change like every other, with a subject, seats, vetoes and an expiry.
//!
//! Invariants
//! - whatever a policy says, everybody signs for other rules, and whoever proposes them does not: who guards the rules is not
//!   for the rules to say. So no policy can be made that nobody could ever replace, and none that is easy to weaken;
//! - a change is from the rules in force to others. When the base is not in force any more, it is over;
//! - rules under which nobody could sign for others never come into force.

pub mod decide;
pub mod events;
#[cfg(test)]
mod tests;

use crate::canonical;
use crate::changes::{
    Absent, ChangeKey, Contributors, Field, Migrations, Part, RollbackPlan, SUBJECT_LIFETIME, Subject, Who,
};
use crate::ids::{
    ChangeNumber, CommitSha, Digest, EnvironmentName, GithubId, Malformed, RepositoryId, RunAttempt, RunId, ServiceName,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const TAG: &str = "gatehouse.configuration-proposal.v1";
/// In a subject the place of what is deployed and where to.
const SERVICE: &str = "gatehouse";
const ENVIRONMENT: &str = "configuration";

/// Which configuration is to take the place of which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The one in force.
    pub base: Digest,
    /// The other.
    pub proposed: Digest,
}

impl Proposal {
    /// What whoever proposes it signs: SHA-256 of its canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        #[derive(Serialize)]
        struct Tagged<'a> {
            tag: &'static str,
            base: &'a Digest,
            proposed: &'a Digest,
        }
        // Hex is always canonical text; an empty digest would match no signature.
        let bytes = canonical::to_bytes(&Tagged { tag: TAG, base: &self.base, proposed: &self.proposed });
        Digest::of(&bytes.unwrap_or_default())
    }

    /// What it would take to go back: the base, which stays in the database.
    ///
    /// # Errors
    /// Never: the words are of their types.
    pub fn rollback_plan(&self) -> Result<RollbackPlan, Malformed> {
        let not_a_build = Absent::NotABuild;
        Ok(RollbackPlan {
            service: service()?,
            environment: environment()?,
            to_image: Field::Absent(not_a_build),
            to_commit: Field::Absent(not_a_build),
            migrations: Migrations::None,
            edited: None,
        })
    }

    /// The exact thing that is approved: the same bytes as every subject's. The configuration stands where a service's deploy
    /// values do; nothing is built, so there is no image, and Git's word for no commit.
    ///
    /// # Errors
    /// Never: the words are of their types.
    pub fn subject(&self, now: DateTime<Utc>) -> Result<Subject, Malformed> {
        let none = Absent::NotABuild;
        let no_commit: CommitSha = "0".repeat(40).parse()?;
        Ok(Subject {
            service: service()?,
            environment: environment()?,
            image_digest: Field::Absent(none),
            commit_sha: no_commit,
            base_sha: Field::Absent(none),
            config_digest: Field::Known(self.proposed.clone()),
            migrations_digest: Field::Absent(none),
            plan_digest: Field::Absent(none),
            rollback_plan_digest: Field::Known(self.rollback_plan()?.digest()),
            evidence_digest: Field::Absent(none),
            policy_digest: self.base.clone(),
            expires_at: now + SUBJECT_LIFETIME,
        })
    }
}

/// Whoever proposes has a part in it, with every account of theirs.
#[must_use]
pub fn contributors(accounts: &BTreeSet<GithubId>) -> Contributors {
    Contributors::collect(accounts.iter().map(|id| (Who::Human(*id), Part::Requester)), accounts)
}

/// The key of a change of the configuration. No run of GitHub's asks for it: the repository and the run are 0, which GitHub
/// never gives, and the attempt is the change's own number.
///
/// # Errors
/// Never for a number of ours.
pub fn key_of(number: &ChangeNumber) -> Result<ChangeKey, Malformed> {
    let digits: String = number.as_str().chars().filter(char::is_ascii_digit).collect();
    let attempt = digits.parse().map_err(|_| Malformed { what: "change number" })?;
    Ok(ChangeKey {
        repository_id: RepositoryId(0),
        run_id: RunId(0),
        attempt: RunAttempt(attempt),
        environment: environment()?,
    })
}

fn service() -> Result<ServiceName, Malformed> {
    SERVICE.parse()
}

fn environment() -> Result<EnvironmentName, Malformed> {
    ENVIRONMENT.parse()
}
