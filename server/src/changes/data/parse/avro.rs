//! Avro schemas: records and their fields.

use super::declared::declare;
use gatehouse_domain::changes::data::{Column, Picture, Said};
use serde_json::{Map, Value};

/// What a schema file says.
pub(super) fn schema(text: &str) -> Said {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Said::Unknown("it is not JSON that could be read".to_owned());
    };
    let mut picture = Picture::default();
    of(&mut picture, &value);
    if picture.tables.is_empty() {
        picture.unsure.insert("it names no record".to_owned());
    }
    Said::State(picture)
}

fn of(picture: &mut Picture, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| of(picture, item)),
        Value::Object(object) if object.get("type").and_then(Value::as_str) == Some("record") => {
            record(picture, object)
        }
        // `{"type": {"type": "record", …}}`, and arrays and maps of records.
        Value::Object(object) => {
            let inner = ["type", "items", "values"].into_iter().filter_map(|name| object.get(name));
            inner.filter(|value| !value.is_string()).for_each(|value| of(picture, value));
        }
        _ => {}
    }
}

fn record(picture: &mut Picture, object: &Map<String, Value>) {
    let Some(name) = object.get("name").and_then(Value::as_str) else {
        picture.unsure.insert("a record in it has no name".to_owned());
        return;
    };
    let name = match object.get("namespace").and_then(Value::as_str) {
        Some(space) if !name.contains('.') => format!("{space}.{name}"),
        _ => name.to_owned(),
    };
    declare(picture, &name, object);
    picture.tables.entry(name.clone()).or_default();
    for field in object.get("fields").and_then(Value::as_array).into_iter().flatten() {
        let parts = field.as_object().and_then(|field| Some((field.get("name")?.as_str()?, field.get("type")?, field)));
        let Some((column, kind, field)) = parts else {
            picture.unsure.insert(format!("a field of {name} has no name or no type"));
            continue;
        };
        let declared = declare(picture, &format!("{name}.{column}"), field);
        let column_of = Column { kind: words(kind), declared };
        picture.tables.entry(name.clone()).or_default().columns.insert(column.to_owned(), column_of);
        of(picture, kind);
    }
}

/// A type as a person reads it: `string or nothing`.
fn words(kind: &Value) -> String {
    match kind {
        Value::String(name) if name == "null" => "nothing".to_owned(),
        Value::String(name) => name.clone(),
        Value::Array(items) => {
            // Whatever may be missing is said last.
            let mut all: Vec<String> = items.iter().map(words).collect();
            all.sort_by_key(|word| word == "nothing");
            all.join(" or ")
        }
        Value::Object(object) => {
            let inner = |name: &str| object.get(name).map(words).unwrap_or_default();
            match object.get("type").and_then(Value::as_str) {
                Some("record" | "enum" | "fixed") => inner("name"),
                Some("array") => format!("list of {}", inner("items")),
                Some("map") => format!("map to {}", inner("values")),
                Some(name) => object.get("logicalType").and_then(Value::as_str).unwrap_or(name).to_owned(),
                None => inner("type"),
            }
        }
        _ => String::new(),
    }
}
