//! A place in an object, read strictly: what is absent is empty, what is of another type is an error with its key.

use super::Why;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A place in an object.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    value: &'a Value,
    key: &'static str,
}

impl<'a> Node<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self { value, key: "the object" }
    }

    fn is_not(self, what: &str) -> Why {
        Why(format!("{} is not {what}", self.key))
    }

    /// The raw value; `None` where there is none.
    pub(super) fn raw(self) -> Option<&'a Value> {
        (!self.value.is_null()).then_some(self.value)
    }

    pub(super) fn at(self, key: &'static str) -> Result<Self, Why> {
        let value = self.map()?.and_then(|map| map.get(key)).unwrap_or(&Value::Null);
        Ok(Self { value, key })
    }

    pub(super) fn path(self, keys: &[&'static str]) -> Result<Self, Why> {
        keys.iter().try_fold(self, |node, key| node.at(key))
    }

    pub(super) fn map(self) -> Result<Option<&'a Map<String, Value>>, Why> {
        match self.value {
            Value::Null => Ok(None),
            Value::Object(map) => Ok(Some(map)),
            _ => Err(self.is_not("an object")),
        }
    }

    pub(super) fn list(self) -> Result<impl Iterator<Item = Self>, Why> {
        let all: &[Value] = match self.value {
            Value::Null => &[],
            Value::Array(all) => all,
            _ => return Err(self.is_not("a list")),
        };
        Ok(all.iter().map(move |value| Self { value, key: self.key }))
    }

    /// Members with their names.
    pub(super) fn members(self) -> Result<impl Iterator<Item = (&'a str, Self)>, Why> {
        let all = self.map()?.into_iter().flatten();
        Ok(all.map(move |(name, value)| (name.as_str(), Self { value, key: self.key })))
    }

    /// Empty where there is none.
    pub(super) fn text(self) -> Result<&'a str, Why> {
        match self.value {
            Value::Null => Ok(""),
            Value::String(text) => Ok(text),
            _ => Err(self.is_not("text")),
        }
    }

    /// A text, or a number as it is written: quantities, ports, `maxUnavailable`.
    pub(super) fn written(self) -> Result<String, Why> {
        match self.value {
            Value::Number(number) => Ok(number.to_string()),
            _ => self.text().map(str::to_owned),
        }
    }

    pub(super) fn integer(self) -> Result<Option<i64>, Why> {
        match self.value {
            Value::Null => Ok(None),
            value => value.as_i64().map(Some).ok_or_else(|| self.is_not("a whole number")),
        }
    }

    pub(super) fn count(self) -> Result<u32, Why> {
        self.count_or(0)
    }

    pub(super) fn count_or(self, default: u32) -> Result<u32, Why> {
        let number =
            self.integer()?.map(|number| u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX }));
        Ok(number.unwrap_or(default))
    }

    pub(super) fn flag(self) -> Result<Option<bool>, Why> {
        match self.value {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(*flag)),
            _ => Err(self.is_not("true or false")),
        }
    }

    pub(super) fn is_true(self) -> Result<bool, Why> {
        Ok(self.flag()? == Some(true))
    }

    pub(super) fn time(self) -> Result<Option<DateTime<Utc>>, Why> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| self.is_not("a time"))?;
        Ok(Some(time.with_timezone(&Utc)))
    }

    /// As JSON with sorted members; `None` where there is none.
    pub(super) fn canonical(self) -> Option<String> {
        self.raw().map(Value::to_string)
    }
}
