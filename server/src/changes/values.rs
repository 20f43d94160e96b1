//! Which settings of the deploy values differ? What protects a pod (its security context, its account, the host's
//! network) is often a value and not a template, so a path alone does not say whether a release changes it.
//!
//! Invariants
//! - only files that a class of the policy names are read, at most [`MOST_FILES`] of them;
//! - a file that cannot be read as YAML, or is one too many, may have changed anything: nobody can tell;
//! - GitHub's silence is no answer: then it is not settled, everybody is asked, and it is read again.

use super::data::Place;
use crate::apart::{LONGEST, read_apart, yaml};
use crate::github::{self, FileAt};
use crate::policy::Policy;
use gatehouse_domain::CommitSha;
use gatehouse_domain::changes::{ChangedFiles, ValuesMoved, keys_that_differ};
use serde_json::Value;

/// Whoever changes more at once has somebody look at all of it.
const MOST_FILES: usize = 20;

/// Adds what differs in the values to what changes, and whether GitHub told all of it.
pub(super) async fn read_values(place: Place<'_>, changed: ChangedFiles, policy: &Policy) -> (ChangedFiles, bool) {
    let (mut moved, mut is_settled) = (ValuesMoved::new(), true);
    for (read, path) in changed.paths().iter().filter(|path| policy.looks_into(path)).enumerate() {
        let keys = match read < MOST_FILES {
            true => keys_of(place, path).await,
            false => Ok(None),
        };
        let keys = keys.unwrap_or_else(|error| {
            tracing::warn!(%error, "a file of deploy values could not be read");
            is_settled = false;
            None
        });
        moved.insert(path.clone(), keys);
    }
    (changed.with_values(moved), is_settled)
}

async fn keys_of(place: Place<'_>, path: &str) -> Result<Option<std::collections::BTreeSet<String>>, github::Error> {
    // Nothing to compare with: all of it is new.
    let before = match place.base {
        Some(base) => value(place, base, path).await?,
        None => Some(Value::Null),
    };
    let now = value(place, place.head, path).await?;
    Ok(before.zip(now).map(|(before, now)| keys_that_differ(&before, &now)))
}

/// The file as a value; null where there is none, nothing where it cannot be read.
async fn value(place: Place<'_>, commit: &CommitSha, path: &str) -> Result<Option<Value>, github::Error> {
    let text = match place.github.read_file(place.repository, commit, path).await? {
        FileAt::Absent => return Ok(Some(Value::Null)),
        FileAt::Unfit(_) => return Ok(None),
        FileAt::Text(text) => text,
    };
    let read = tokio::task::spawn_blocking(move || read_apart(text, LONGEST, yaml)).await;
    Ok(read.ok().and_then(Result::ok).flatten())
}
