//! What would be another thing under other rules? Row by row for what is governed, line by line for the policy's files.

use super::Bundle;
use super::store;
use crate::config::Kept;
use crate::error::Error;
use gatehouse_domain::policy::Proposal;
use serde::Serialize;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Lines around what differs.
const AROUND: usize = 3;
/// More lines than this nobody reads on a page; the file itself is where it came from.
const MOST_LINES: usize = 2_000;

/// Everything that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Rows of the configuration, by their place.
    pub rows: Vec<RowDifference>,
    /// Files of the policy.
    pub files: Vec<FileDifference>,
}

/// A value that is another, or is there on one side only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// `admitted.E-1001.roles`.
    pub place: String,
    /// In force.
    pub before: Option<String>,
    /// Proposed.
    pub after: Option<String>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDifference {
    /// Its name.
    pub name: String,
    /// What differs, with some lines around it.
    pub lines: Vec<Line>,
    /// Whether there is more than is shown.
    pub cut: bool,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum Line {
    /// On both sides.
    Same(String),
    /// Only in force.
    Gone(String),
    /// Only proposed.
    New(String),
    /// Lines that do not differ are left out here.
    Skipped,
}

impl Difference {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.files.is_empty()
    }

    /// `2 values and 1 file of the policy differ`.
    #[must_use]
    pub fn title(&self) -> String {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let rows = count(self.rows.len(), "value", "values");
        let files = count(self.files.len(), "file of the policy", "files of the policy");
        match (self.rows.is_empty(), self.files.is_empty()) {
            (true, true) => "Nothing differs".to_owned(),
            (false, true) => format!("Other rules: {rows}"),
            (true, false) => format!("Other rules: {files}"),
            (false, false) => format!("Other rules: {rows}, {files}"),
        }
    }
}

/// What differs between two configurations that are kept.
///
/// # Errors
/// When one of them is not there, or is not what its digest names.
pub async fn difference(conn: &mut PgConnection, proposal: &Proposal) -> Result<Difference, Error> {
    let missing = || Error::internal("a configuration is not kept");
    let base = store::find_document(conn, &proposal.base).await?.ok_or_else(missing)?;
    let proposed = store::find_document(conn, &proposal.proposed).await?.ok_or_else(missing)?;
    between(&base, &proposed).map_err(Error::internal)
}

/// The same for two at hand.
///
/// # Errors
/// When one is not what its digest names.
pub fn between(base: &Kept, proposed: &Kept) -> Result<Difference, String> {
    let ((_, old), (_, new)) = (base.open()?, proposed.open()?);
    Ok(Difference { rows: rows(&values(&base.governed)?, &values(&proposed.governed)?), files: files(&old, &new) })
}

/// Every value by its place. The policy is one digest there; its files say more.
pub(super) fn values(governed: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let governed: Value = serde_json::from_slice(governed).map_err(|error| error.to_string())?;
    let mut values = BTreeMap::new();
    flatten(&governed, "", &mut values);
    values.remove("policy");
    Ok(values)
}

fn flatten(value: &Value, place: &str, values: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                flatten(value, &place, values);
            }
        }
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            values.insert(place.to_owned(), items.join(", "));
        }
        Value::String(text) => {
            values.insert(place.to_owned(), text.clone());
        }
        // The governed configuration is text only.
        other => {
            values.insert(place.to_owned(), other.to_string());
        }
    }
}

fn rows(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<RowDifference> {
    let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    places
        .into_iter()
        .filter(|place| before.get(*place) != after.get(*place))
        .map(|place| RowDifference {
            place: place.clone(),
            before: before.get(place).cloned(),
            after: after.get(place).cloned(),
        })
        .collect()
}

/// What differs between two policies.
#[must_use]
pub fn files(old: &Bundle, new: &Bundle) -> Vec<FileDifference> {
    let by_name = |bundle: &Bundle| -> BTreeMap<String, String> {
        bundle.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let empty = String::new();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| lines(name, old.get(name).unwrap_or(&empty), new.get(name).unwrap_or(&empty)))
        .collect()
}

fn lines(name: &str, old: &str, new: &str) -> FileDifference {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (i, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if i > 0 {
            lines.push(Line::Skipped);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().trim_end_matches('\n').to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => Line::Same(text),
                ChangeTag::Delete => Line::Gone(text),
                ChangeTag::Insert => Line::New(text),
            });
        }
    }
    let cut = lines.len() > MOST_LINES;
    lines.truncate(MOST_LINES);
    FileDifference { name: name.to_owned(), lines, cut }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn told(before: &str, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let rows = rows(&values(before.as_bytes()).unwrap(), &values(after.as_bytes()).unwrap());
        rows.into_iter().map(|row| (row.place, row.before, row.after)).collect()
    }

    #[test]
    fn every_value_that_is_another_is_told_and_no_other() {
        let some = |text: &str| Some(text.to_owned());
        let before =
            r#"{"admitted":{"E-1":{"roles":["engineer"]},"E-2":{"roles":["dpo"]}},"policy":"x","roles":{"dpo":"g"}}"#;
        let after = r#"{"admitted":{"E-1":{"roles":["engineer","dpo"]},"E-3":{"roles":["dpo"]}},"policy":"y","roles":{"dpo":"g"}}"#;
        assert_eq!(
            told(before, after),
            [
                ("admitted.E-1.roles".to_owned(), some("engineer"), some("engineer, dpo")),
                ("admitted.E-2.roles".to_owned(), some("dpo"), None),
                ("admitted.E-3.roles".to_owned(), None, some("dpo")),
            ]
        );
        assert_eq!(told(before, before), []);
    }

    #[test]
    fn lines_that_differ_stand_between_some_that_do_not() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 10\n", "line ten\n");
        let told = lines("a.rego", &old, &new);
        assert!(told.lines.contains(&Line::Gone("line 10".to_owned())), "{told:?}");
        assert!(told.lines.contains(&Line::New("line ten".to_owned())), "{told:?}");
        assert_eq!((told.lines.len(), told.cut), (8, false), "three lines before, three after");
    }
}
