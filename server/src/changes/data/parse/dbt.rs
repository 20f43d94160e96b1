//! dbt's properties: models and sources with their columns, exposures (who uses them), and the project's own settings.

use super::declared::{declare, is_made_later};
use super::stem;
use crate::apart::yaml;
use gatehouse_domain::changes::data::{Column, FactKind, Picture, Said};
use serde_json::{Map, Value};

/// Sections that name tables.
const TABLES: [&str; 3] = ["models", "seeds", "snapshots"];
/// Sections that hold no data and give none to anybody.
const SILENT: [&str; 24] = [
    "version",
    "name",
    "profile",
    "config-version",
    "require-dbt-version",
    "tests",
    "data_tests",
    "unit_tests",
    "macros",
    "analyses",
    "groups",
    "docs-paths",
    "model-paths",
    "seed-paths",
    "test-paths",
    "macro-paths",
    "analysis-paths",
    "snapshot-paths",
    "asset-paths",
    "target-path",
    "log-path",
    "packages-install-path",
    "clean-targets",
    "flags",
];

/// What a properties file says.
pub(super) fn properties(path: &str, text: &str) -> Said {
    let Some(Value::Object(file)) = yaml(text) else {
        return Said::Unknown("it is not YAML that could be read".to_owned());
    };
    let mut picture = Picture::default();
    for (section, value) in &file {
        match (section.as_str(), value) {
            (name, Value::Array(items)) if TABLES.contains(&name) => {
                items.iter().for_each(|item| table(&mut picture, "", item));
            }
            (name, Value::Object(tree)) if TABLES.contains(&name) || name == "sources" => {
                settings(&mut picture, stem(path), tree);
            }
            ("sources", Value::Array(items)) => items.iter().for_each(|item| source(&mut picture, item)),
            ("exposures", Value::Array(items)) => items.iter().for_each(|item| exposure(&mut picture, item)),
            (name, _) if SILENT.contains(&name) => {}
            (name, _) => {
                picture
                    .unsure
                    .insert(format!("its section `{}` is not read", name.chars().take(40).collect::<String>()));
            }
        }
    }
    Said::State(picture)
}

fn name_of<'a>(picture: &mut Picture, item: &'a Value) -> Option<(&'a str, &'a Map<String, Value>)> {
    let object = item.as_object();
    let named = object.and_then(|object| Some((object.get("name")?.as_str()?, object)));
    if named.is_none_or(|(name, _)| is_made_later(name)) {
        picture.unsure.insert("something in it has no plain name".to_owned());
        return None;
    }
    named
}

/// The places where dbt lets one declare things about something.
fn metas(object: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let places = [Some(object), object.get("config").and_then(Value::as_object)];
    places.into_iter().flatten().filter_map(|place| place.get("meta").and_then(Value::as_object))
}

fn declared(picture: &mut Picture, of: &str, object: &Map<String, Value>) -> Option<String> {
    let mut class = None;
    for meta in metas(object) {
        class = class.or(declare(picture, of, meta));
    }
    class
}

fn table(picture: &mut Picture, within: &str, item: &Value) {
    let Some((name, object)) = name_of(picture, item) else { return };
    let name = if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") };
    declared(picture, &name, object);
    let mut columns = Vec::new();
    for item in object.get("columns").and_then(Value::as_array).into_iter().flatten() {
        let Some((column, object)) = name_of(picture, item) else { continue };
        let kind = object.get("data_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let declared = declared(picture, &format!("{name}.{column}"), object);
        columns.push((column.to_owned(), Column { kind, declared }));
    }
    picture.tables.entry(name).or_default().columns.extend(columns);
}

fn source(picture: &mut Picture, item: &Value) {
    let Some((name, object)) = name_of(picture, item) else { return };
    declared(picture, name, object);
    let tables = object.get("tables").and_then(Value::as_array).into_iter().flatten();
    tables.for_each(|item| table(picture, name, item));
}

/// Somebody who uses what dbt makes: a recipient, by name and address.
fn exposure(picture: &mut Picture, item: &Value) {
    let Some((name, object)) = name_of(picture, item) else { return };
    declared(picture, name, object);
    let owner = object.get("owner").and_then(Value::as_object);
    let owner = owner.and_then(|owner| owner.get("name").or_else(|| owner.get("email")));
    let url = object.get("url");
    for text in [owner, url].into_iter().flatten() {
        match text.as_str() {
            Some(text) if !is_made_later(text) => {
                picture.facts.entry((FactKind::Recipient, name.to_owned())).or_default().insert(text.to_owned());
            }
            _ => {
                picture.unsure.insert(format!("who gets {name} is put together when it is used"));
            }
        }
    }
}

/// The project's tree of settings: `+meta` at any depth, of whatever lies below it.
fn settings(picture: &mut Picture, of: &str, tree: &Map<String, Value>) {
    for (name, value) in tree {
        let Value::Object(inner) = value else { continue };
        if matches!(name.as_str(), "+meta" | "meta") {
            declare(picture, of, inner);
        } else {
            settings(picture, &format!("{of}.{name}"), inner);
        }
    }
}
