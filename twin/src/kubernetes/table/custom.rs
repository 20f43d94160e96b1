//! The columns that a CustomResourceDefinition brings: a name, a type, and a path in the notation of kubectl.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::object::{self, number, text};
use super::{ago, definition};

/// Where a definition says nothing, Kubernetes shows the age.
const CREATED: &str = ".metadata.creationTimestamp";

fn shown(columns: &[Value]) -> Vec<(&str, &str, &str, u8)> {
    if columns.is_empty() {
        return vec![("Age", "date", CREATED, 0)];
    }
    let one = |column| {
        let priority = u8::try_from(number(column, &["priority"])).unwrap_or(1);
        (text(column, &["name"]), text(column, &["type"]), text(column, &["jsonPath"]), priority)
    };
    columns.iter().map(one).collect()
}

pub(super) fn definitions(columns: &[Value]) -> Vec<Value> {
    let name = definition("Name", "string", "name", 0, "");
    let rest =
        shown(columns).into_iter().map(|(name, kind, path, priority)| definition(name, kind, "", priority, path));
    std::iter::once(name).chain(rest).collect()
}

pub(super) fn cells(columns: &[Value], value: &Value, now: DateTime<Utc>) -> Vec<Value> {
    let cell = |(_, kind, path, _): (&str, &str, &str, u8)| match (found(value, path), kind) {
        (Some(Value::String(at)), "date") => json!(ago(at, now)),
        (Some(found), "string") if !found.is_string() => json!(found.to_string()),
        (Some(found), _) => found.clone(),
        (None, "date") => json!("<unknown>"),
        (None, "string") => json!(""),
        (None, _) => Value::Null,
    };
    std::iter::once(json!(object::name(value))).chain(shown(columns).into_iter().map(cell)).collect()
}

/// `.status.health.status`, `.status.conditions[?(@.type=="Ready")].status`, `.spec.hosts[0]`.
fn found<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut here = value;
    let mut rest = path.trim_start_matches('.');
    while !rest.is_empty() {
        if let Some(filter) = rest.strip_prefix("[?(@.") {
            let (test, after) = filter.split_once(")]")?;
            let (key, wanted) = test.split_once("==")?;
            let wanted = wanted.trim_matches(|letter| letter == '"' || letter == '\'' || letter == ' ');
            here = here.as_array()?.iter().find(|one| text(one, &[key.trim()]) == wanted)?;
            rest = after.trim_start_matches('.');
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            here = here.as_array()?.get(index.parse::<usize>().ok()?)?;
            rest = after.trim_start_matches('.');
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            here = here.get(rest.get(..end)?)?;
            rest = rest.get(end..)?.trim_start_matches('.');
        }
    }
    Some(here)
}
