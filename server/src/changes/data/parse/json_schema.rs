//! JSON schemas and AsyncAPI documents: objects and their properties; servers that events go to.

use super::declared::{declare, is_made_later};
use super::stem;
use crate::apart::yaml;
use gatehouse_domain::changes::data::{Column, FactKind, Picture, Said};
use serde_json::{Map, Value};

/// What a JSON schema says.
pub(super) fn schema(path: &str, text: &str) -> Said {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else {
        return Said::Unknown("it is not a JSON schema that could be read".to_owned());
    };
    let mut picture = Picture::default();
    let name = object.get("title").and_then(Value::as_str).unwrap_or_else(|| stem(path));
    table(&mut picture, name, &object);
    for definitions in ["$defs", "definitions"].into_iter().filter_map(|name| object.get(name)?.as_object()) {
        tables(&mut picture, definitions);
    }
    Said::State(picture)
}

/// What an AsyncAPI document says.
pub(super) fn async_api(text: &str) -> Said {
    let Some(Value::Object(document)) = yaml(text) else {
        return Said::Unknown("it is not an AsyncAPI document that could be read".to_owned());
    };
    let mut picture = Picture::default();
    let part = |name: &str| document.get(name).and_then(Value::as_object);
    for (name, server) in part("servers").into_iter().flatten() {
        let host = ["host", "url"].into_iter().find_map(|key| server.get(key)?.as_str());
        match host {
            Some(host) if !is_made_later(host) && !host.contains('{') => {
                picture.facts.entry((FactKind::Recipient, name.clone())).or_default().insert(host.to_owned());
            }
            _ => {
                picture.unsure.insert("an address that events go to is put together when it is used".to_owned());
            }
        }
        if let Some(object) = server.as_object() {
            declare(&mut picture, name, object);
        }
    }
    let components = part("components");
    let section = |name: &str| components.and_then(|all| all.get(name)?.as_object());
    if let Some(schemas) = section("schemas") {
        tables(&mut picture, schemas);
    }
    for (name, message) in section("messages").into_iter().flatten() {
        if let Some(payload) = message.get("payload").and_then(Value::as_object) {
            table(&mut picture, name, payload);
        }
    }
    for (name, channel) in part("channels").into_iter().flatten() {
        if let Some(object) = channel.as_object() {
            declare(&mut picture, name, object);
        }
    }
    Said::State(picture)
}

fn tables(picture: &mut Picture, schemas: &Map<String, Value>) {
    for (name, schema) in schemas {
        if let Some(object) = schema.as_object() {
            table(picture, name, object);
        }
    }
}

fn table(picture: &mut Picture, name: &str, object: &Map<String, Value>) {
    declare(picture, name, object);
    if ["allOf", "anyOf", "oneOf"].iter().any(|word| object.contains_key(*word)) {
        picture.unsure.insert(format!("{name} is put together from other schemas"));
    }
    properties(picture, name, "", object);
}

fn properties(picture: &mut Picture, name: &str, within: &str, object: &Map<String, Value>) {
    let Some(all) = object.get("properties").and_then(Value::as_object) else { return };
    picture.tables.entry(name.to_owned()).or_default();
    for (property, schema) in all {
        let column = format!("{within}{property}");
        let Some(schema) = schema.as_object() else {
            picture.unsure.insert(format!("what {name}.{column} holds is not said"));
            continue;
        };
        let declared = declare(picture, &format!("{name}.{column}"), schema);
        let it = Column { kind: kind(schema), declared };
        picture.tables.entry(name.to_owned()).or_default().columns.insert(column.clone(), it);
        properties(picture, name, &format!("{column}."), schema);
        if let Some(items) = schema.get("items").and_then(Value::as_object) {
            properties(picture, name, &format!("{column}."), items);
        }
    }
}

fn kind(schema: &Map<String, Value>) -> String {
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => text("type").unwrap_or_default().to_owned(),
    };
    match (text("format"), text("$ref")) {
        (Some(format), _) => format!("{kind} ({format})"),
        (None, Some(other)) => other.rsplit('/').next().unwrap_or(other).to_owned(),
        (None, None) => kind,
    }
}
