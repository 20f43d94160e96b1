//! Which exact bytes are hashed and signed?
//!
//! RFC 8785 (JSON Canonicalization Scheme), narrowed by DESIGN §9: values are strings, arrays and
//! objects only. A number, a boolean or a null is refused, because two programs can spell the first
//! differently and mistake the last for "absent". Text must be in Unicode NFC, so that one name has
//! one spelling.

use serde::Serialize;
use serde_json::Value;
use unicode_normalization::is_nfc;

/// Why a value has no canonical bytes, or bytes are not canonical.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number, boolean or null stands at this path.
    #[error("{0}: only strings, arrays and objects may be signed")]
    HoldsOther(String),
    /// Text at this path is not in Unicode NFC.
    #[error("{0}: text is not in Unicode normal form C")]
    NotNormal(String),
    /// Not JSON, or not the canonical spelling of it (duplicate keys, white space, order, escapes).
    #[error("not canonical JSON")]
    NotCanonical,
}

/// The canonical bytes of `value`.
///
/// # Errors
/// When the value holds anything but normalised text, arrays and objects.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|_| CanonicalError::NotCanonical)?;
    check(&value, "$")?;
    serde_json_canonicalizer::to_vec(&value).map_err(|_| CanonicalError::NotCanonical)
}

/// Reads canonical bytes back. Duplicate keys need no search of their own: a parser keeps one of the
/// two, so writing it again cannot give the same bytes.
///
/// # Errors
/// When `bytes` are not exactly what [`to_bytes`] writes for the value they hold.
pub fn parse(bytes: &[u8]) -> Result<Value, CanonicalError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| CanonicalError::NotCanonical)?;
    if to_bytes(&value)? == bytes { Ok(value) } else { Err(CanonicalError::NotCanonical) }
}

fn check(value: &Value, path: &str) -> Result<(), CanonicalError> {
    match value {
        Value::String(text) if is_nfc(text) => Ok(()),
        Value::String(_) => Err(CanonicalError::NotNormal(path.to_owned())),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(i, item)| check(item, &format!("{path}[{i}]"))),
        Value::Object(fields) => fields.iter().try_for_each(|(key, item)| {
            if !is_nfc(key) {
                return Err(CanonicalError::NotNormal(format!("{path}.{key}")));
            }
            check(item, &format!("{path}.{key}"))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(CanonicalError::HoldsOther(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_nothing_is_added() {
        assert_eq!(to_bytes(&json!({"b": "2", "a": ["x"]})).unwrap(), br#"{"a":["x"],"b":"2"}"#);
    }

    #[test]
    fn numbers_booleans_nulls_and_unnormalised_names_are_refused() {
        for (bad, path) in
            [(json!({"n": 1}), "$.n"), (json!(["a", true]), "$[1]"), (json!({"x": {"y": null}}), "$.x.y")]
        {
            assert_eq!(to_bytes(&bad), Err(CanonicalError::HoldsOther(path.into())));
        }
        assert_eq!(to_bytes(&json!({"name": "Zoe\u{308}"})), Err(CanonicalError::NotNormal("$.name".into())));
    }

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert!(parse(br#"{"a":"1","b":"2"}"#).is_ok());
        for bad in [r#"{"a":"1","a":"1"}"#, r#"{"b":"2","a":"1"}"#, r#"{"a": "1"}"#, r#"{"a":"\u0031"}"#, "{", "\"a\" "]
        {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
