//! What a file declares about data by itself: purposes, terms, recipients, regions, classes. In whatever language, these
//! stand under the same names (`meta:` in dbt, attributes in Avro and JSON schema).

use gatehouse_domain::changes::data::{FactKind, Picture};
use serde_json::{Map, Value};

/// The kind of declaration that a name makes.
pub(super) fn fact_kind(name: &str) -> Option<FactKind> {
    Some(match plain(name).as_str() {
        "purpose" | "purposes" | "purposeofuse" | "legalbasis" => FactKind::Purpose,
        "retention" | "retentionperiod" | "retentiondays" | "retentionyears" | "ttl" | "ttldays" | "keepfor" => {
            FactKind::Retention
        }
        "recipient" | "recipients" | "sharedwith" | "sharewith" | "consumers" | "thirdparty" | "thirdparties" => {
            FactKind::Recipient
        }
        "region" | "regions" | "regionname" | "awsregion" | "dataregion" | "residency" | "dataresidency" => {
            FactKind::Region
        }
        _ => return None,
    })
}

/// Whether a name declares the class of personal data that something holds.
pub(super) fn names_class(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "pii"
            | "piiclass"
            | "piitype"
            | "personal"
            | "personaldata"
            | "containspii"
            | "dataclass"
            | "dataclassification"
    )
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a text is made when it is used.
pub(super) fn is_made_later(text: &str) -> bool {
    ["{{", "{%", "${", "$("].iter().any(|mark| text.contains(mark))
}

/// Takes every declaration of an object about `of`; gives the class that it declares, if any.
pub(super) fn declare(picture: &mut Picture, of: &str, object: &Map<String, Value>) -> Option<String> {
    let mut class = None;
    for (name, value) in object {
        if names_class(name) {
            class = class.or_else(|| class_of(value));
        }
        let Some(kind) = fact_kind(name) else { continue };
        let unit = ["days", "years"].into_iter().find(|unit| plain(name).ends_with(unit)).unwrap_or_default();
        for text in texts(value) {
            match text {
                Some(text) if is_made_later(&text) => {
                    picture.unsure.insert(format!("the {kind} of {of} is put together when it is used"));
                }
                Some(text) => {
                    let text = format!("{text} {unit}").trim().to_owned();
                    picture.facts.entry((kind, of.to_owned())).or_default().insert(text);
                }
                None => {
                    picture.unsure.insert(format!("the {kind} of {of} is not said in a word or a list of words"));
                }
            }
        }
    }
    class
}

fn class_of(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("Personal data".to_owned()),
        Value::String(text) if !matches!(text.to_lowercase().as_str(), "" | "no" | "none" | "false" | "public") => {
            Some(text.clone())
        }
        Value::Array(items) => items.iter().find_map(class_of),
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<Option<String>> {
    match value {
        Value::String(text) => vec![Some(text.clone())],
        Value::Number(number) => vec![Some(number.to_string())],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Null => Vec::new(),
        _ => vec![None],
    }
}
