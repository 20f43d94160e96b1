//! Which objects does a selector choose? Labels in both forms (`a=b`, `a in (b, c)`), fields by equality.

use serde_json::Value;

use super::kind::Kind;
use super::object;
use super::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
    Above(i64),
    Below(i64),
}

/// What a list or a watch is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<(String, Wanted)>,
    fields: Vec<(String, String, bool)>,
}

impl Selector {
    pub(super) fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, Refusal> {
        let unreadable = |word: &str| {
            Refusal::bad(format!("unable to parse requirement: found '{word}', expected: a label requirement"))
        };
        let labels = parts(labels).into_iter().map(|part| requirement(part).ok_or_else(|| unreadable(part)));
        let labels = labels.collect::<Result<_, _>>()?;
        let mut wanted = Vec::new();
        for part in fields.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (field, value, equal) = match (part.split_once("!="), part.split_once("==")) {
                (Some((field, value)), _) => (field, value, false),
                (None, Some((field, value))) => (field, value, true),
                (None, None) => match part.split_once('=') {
                    Some((field, value)) => (field, value, true),
                    None => {
                        return Err(Refusal::bad(format!("invalid selector: '{part}'; can't understand '{part}'")));
                    }
                },
            };
            if !["metadata.name", "metadata.namespace"].contains(&field) && !kind.fields.contains(&field) {
                return Err(Refusal::bad(format!(
                    "Unable to find \"{}/{}, Resource={}\" that match label selector \"\", field selector \"{part}\": \
                     field label not supported: {field}",
                    kind.group, kind.version, kind.plural
                )));
            }
            wanted.push((field.to_owned(), value.to_owned(), equal));
        }
        Ok(Self { labels, fields: wanted })
    }

    /// Whether it chooses this object.
    pub(super) fn takes(&self, value: &Value) -> bool {
        let labels = object::get(value, &["metadata", "labels"]);
        let label = |(key, wanted): &(String, Wanted)| {
            let have = labels.get(key).and_then(Value::as_str);
            match wanted {
                Wanted::In(all) => have.is_some_and(|have| all.iter().any(|one| one == have)),
                Wanted::NotIn(all) => have.is_none_or(|have| !all.iter().any(|one| one == have)),
                Wanted::Exists => have.is_some(),
                Wanted::Absent => have.is_none(),
                Wanted::Above(than) => have.and_then(|have| have.parse::<i64>().ok()).is_some_and(|have| have > *than),
                Wanted::Below(than) => have.and_then(|have| have.parse::<i64>().ok()).is_some_and(|have| have < *than),
            }
        };
        self.labels.iter().all(label)
            && self.fields.iter().all(|(field, wanted, equal)| (field_of(value, field) == *wanted) == *equal)
    }
}

fn field_of(value: &Value, field: &str) -> String {
    let path: Vec<&str> = if field == "source" { vec!["source", "component"] } else { field.split('.').collect() };
    match object::get(value, &path) {
        Value::String(text) => text.clone(),
        // A truth that nobody wrote is false to a selector.
        Value::Null if field == "spec.unschedulable" || field == "spec.hostNetwork" => "false".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Split at commas outside brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut all) = (0_u32, 0, Vec::new());
    for (index, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                all.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    all.extend(text.get(start..));
    all.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

fn requirement(part: &str) -> Option<(String, Wanted)> {
    let one = |value: &str| vec![value.trim().to_owned()];
    let set = |rest: &str| -> Option<Vec<String>> {
        let inner = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
    };
    let (key, wanted) = if let Some((key, rest)) = part.split_once(" notin ").or_else(|| part.split_once(" notin")) {
        (key, Wanted::NotIn(set(rest)?))
    } else if let Some((key, rest)) =
        part.split_once(" in ").or_else(|| part.split_once(" in(").map(|_| part.split_once(" in").unwrap_or_default()))
    {
        (key, Wanted::In(set(rest)?))
    } else if let Some((key, value)) = part.split_once("!=") {
        (key, Wanted::NotIn(one(value)))
    } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (key, Wanted::In(one(value)))
    } else if let Some((key, value)) = part.split_once('>') {
        (key, Wanted::Above(value.trim().parse().ok()?))
    } else if let Some((key, value)) = part.split_once('<') {
        (key, Wanted::Below(value.trim().parse().ok()?))
    } else if let Some(key) = part.strip_prefix('!') {
        (key, Wanted::Absent)
    } else {
        (part, Wanted::Exists)
    };
    let key = key.trim();
    is_key(key).then(|| (key.to_owned(), wanted))
}
