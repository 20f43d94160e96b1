//! Who would have been asked under another policy? What a policy was told is kept by the digest that decisions record, so another
//! one can be told the same.

use super::{Bundle, Policy, store};
use crate::changes::{self, Recorded};
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::changes::{ChangedFiles, Requirement, State, ValuesMoved};
use gatehouse_domain::people::Role;
use serde::Serialize;
use std::collections::BTreeMap;

/// A recorded change, told to another policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The change.
    pub number: String,
    /// What it is of.
    pub service: String,
    /// Where it stands.
    pub state: String,
    /// Who was asked, as roles with their number.
    pub asked: Vec<String>,
    /// Who would be asked.
    pub would_ask: Vec<String>,
    /// What is another thing.
    pub outcome: Outcome,
}

/// What another policy would have made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The same people would have been asked.
    Same,
    /// Others would have been asked.
    Differs {
        /// In addition.
        more: Vec<String>,
        /// No more.
        fewer: Vec<String>,
        /// It went out, and would have waited for somebody.
        stopped: bool,
    },
    /// The policy gives no answer: the gate would have stayed shut.
    Stopped {
        /// Why.
        because: String,
    },
    /// What the policy was told then is not kept any more.
    NotKept,
}

/// The newest changes, told to `draft`.
///
/// # Errors
/// When the database does not answer.
pub async fn replay(ctx: &Context, draft: &Bundle, limit: i64) -> Result<Vec<Replayed>, Error> {
    let policy = Policy::compile(draft);
    let mut conn = ctx.db.acquire().await?;
    let recorded = changes::recorded(&mut conn, limit).await?;
    let mut replayed = Vec::with_capacity(recorded.len());
    for change in recorded {
        let digest = change.requirement.decided.as_ref().map(|decided| decided.input_digest.clone());
        let input = match &digest {
            Some(digest) => store::find_input(&mut conn, digest).await?,
            None => None,
        };
        replayed.push(match input {
            Some(input) => told(&policy, &change, input).await,
            None => row(&change, &[], Outcome::NotKept),
        });
    }
    Ok(replayed)
}

async fn told(policy: &Policy, change: &Recorded, input: Vec<u8>) -> Replayed {
    // Kept as it was told, and proved by its digest in the database.
    let input = String::from_utf8(input).unwrap_or_default();
    let mut value: serde_json::Value = serde_json::from_str(&input).unwrap_or_default();
    let paths = value.get("paths").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let paths: Vec<&str> = paths.iter().filter_map(serde_json::Value::as_str).collect();
    // Which class a path belongs to is the draft's own word.
    let values = value.get("values").cloned().unwrap_or_default();
    let values: ValuesMoved = serde_json::from_value(values).unwrap_or_default();
    let classes = policy.classify(paths.iter().copied(), &values).unwrap_or_default();
    if let Some(told) = value.get_mut("classes") {
        *told = serde_json::to_value(classes).unwrap_or_default();
    }
    let input = value.to_string();
    let paths = paths.iter().map(|path| (*path, None));
    let doubts = change.requirement.decided.iter().flat_map(|decided| decided.doubts.iter().cloned());
    let changed = doubts.fold(ChangedFiles::listed(paths), ChangedFiles::doubted);
    let requirement = policy.decide_again(input, &changed, &BTreeMap::new()).await;
    let would_ask = asked(&requirement);
    let outcome = match requirement.fault() {
        Some(fault) => Outcome::Stopped { because: fault.to_string() },
        None => compare(&count(&change.requirement), &count(&requirement), change.state),
    };
    row(change, &would_ask, outcome)
}

fn row(change: &Recorded, would_ask: &[String], outcome: Outcome) -> Replayed {
    Replayed {
        number: change.number.to_string(),
        service: change.service.clone(),
        state: change.state.to_string(),
        asked: asked(&change.requirement),
        would_ask: would_ask.to_vec(),
        outcome,
    }
}

fn count(requirement: &Requirement) -> BTreeMap<Role, usize> {
    let mut count = BTreeMap::new();
    for seat in &requirement.seats {
        *count.entry(seat.role).or_default() += 1;
    }
    count
}

fn asked(requirement: &Requirement) -> Vec<String> {
    count(requirement).iter().map(|(role, n)| shown(*role, *n)).collect()
}

fn shown(role: Role, n: usize) -> String {
    if n == 1 { role.code().to_owned() } else { format!("{} × {n}", role.code()) }
}

fn compare(before: &BTreeMap<Role, usize>, after: &BTreeMap<Role, usize>, state: State) -> Outcome {
    let beyond = |these: &BTreeMap<Role, usize>, those: &BTreeMap<Role, usize>| -> Vec<String> {
        let more = |(role, n): (&Role, &usize)| {
            let rest = n.saturating_sub(those.get(role).copied().unwrap_or_default());
            (rest > 0).then(|| shown(*role, rest))
        };
        these.iter().filter_map(more).collect()
    };
    let (more, fewer) = (beyond(after, before), beyond(before, after));
    if more.is_empty() && fewer.is_empty() {
        return Outcome::Same;
    }
    let stopped = !more.is_empty() && matches!(state, State::Released | State::Executing);
    Outcome::Differs { more, fewer, stopped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_more_or_less_and_what_would_have_waited() {
        use Role::{Dpo, Engineer, Security};
        let counts = |roles: &[(Role, usize)]| roles.iter().copied().collect::<BTreeMap<_, _>>();
        let (two, security) = (counts(&[(Engineer, 2)]), counts(&[(Engineer, 2), (Security, 1)]));
        assert_eq!(compare(&two, &two, State::Released), Outcome::Same);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let differs = |more: &[&str], fewer: &[&str], stopped| Outcome::Differs {
            more: words(more),
            fewer: words(fewer),
            stopped,
        };
        assert_eq!(compare(&two, &security, State::Released), differs(&["security"], &[], true));
        assert_eq!(compare(&two, &security, State::Closed), differs(&["security"], &[], false));
        assert_eq!(compare(&security, &two, State::Released), differs(&[], &["security"], false));
        let other = counts(&[(Engineer, 4), (Dpo, 1)]);
        assert_eq!(compare(&security, &other, State::Held), differs(&["engineer × 2", "dpo"], &["security"], false));
    }
}
