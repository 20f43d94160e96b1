//! What does `kubectl get` print? The server makes the table: columns of each kind, a row for each object.

mod cells;
mod columns;
mod custom;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::kind::Kind;
use super::object::{self, Object, get, text};
use super::read::partial;

/// One column, and where its cells come from.
pub(super) struct Column {
    name: &'static str,
    is_number: bool,
    /// Shown only with `-o wide`.
    wide: bool,
    cell: Cell,
}

/// What stands in a cell.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    /// A member, as it is.
    At(&'static [&'static str]),
    /// How long ago a member says.
    Since(&'static [&'static str]),
    /// Worked out.
    Of(fn(&Value) -> Value),
}

const fn at(name: &'static str, path: &'static [&'static str]) -> Column {
    Column { name, is_number: false, wide: false, cell: Cell::At(path) }
}

const fn since(name: &'static str, path: &'static [&'static str]) -> Column {
    Column { name, is_number: false, wide: false, cell: Cell::Since(path) }
}

const fn of(name: &'static str, cell: fn(&Value) -> Value) -> Column {
    Column { name, is_number: false, wide: false, cell: Cell::Of(cell) }
}

impl Column {
    const fn number(self) -> Self {
        Self { is_number: true, ..self }
    }

    const fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

fn definition(name: &str, kind: &str, format: &str, priority: u8, description: &str) -> Value {
    json!({ "name": name, "type": kind, "format": format, "description": description, "priority": priority })
}

/// The objects as a `Table`.
pub(super) fn render(kind: &Kind, objects: &[Arc<Object>], metadata: &Value, now: DateTime<Utc>) -> Value {
    let (definitions, cells): (Vec<Value>, Vec<Vec<Value>>) = if kind.builtin {
        let columns = columns::of_kind(&kind.kind);
        let one = |column: &Column| {
            let format = if column.name == "Name" { "name" } else { "" };
            definition(column.name, if column.is_number { "integer" } else { "string" }, format, column.wide.into(), "")
        };
        let row = |object: &Arc<Object>| columns.iter().map(|column| cell(column, &object.value, now)).collect();
        (columns.iter().map(one).collect(), objects.iter().map(row).collect())
    } else {
        let row = |object: &Arc<Object>| custom::cells(&kind.columns, &object.value, now);
        (custom::definitions(&kind.columns), objects.iter().map(row).collect())
    };
    let rows =
        objects.iter().zip(cells).map(|(object, cells)| json!({ "cells": cells, "object": partial(&object.value) }));
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": definitions,
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// A bookmark of a watch of tables.
pub(super) fn bookmark(kind: &Kind, bare: &Value) -> Value {
    let width =
        if kind.builtin { columns::of_kind(&kind.kind).len() } else { custom::definitions(&kind.columns).len() };
    let cells: Vec<Value> = (0..width).map(|_| json!("")).collect();
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": get(bare, &["metadata"]), "columnDefinitions": null,
        "rows": [{ "cells": cells, "object": partial(bare) }],
    })
}

fn cell(column: &Column, value: &Value, now: DateTime<Utc>) -> Value {
    match column.cell {
        Cell::At(path) => match get(value, path) {
            Value::Null if column.is_number => json!(0),
            Value::Null => json!("<none>"),
            found if column.is_number => found.clone(),
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        },
        Cell::Since(path) => json!(ago(text(value, path), now)),
        Cell::Of(work) => work(value),
    }
}

/// How long ago, in kubectl's words.
fn ago(at: &str, now: DateTime<Utc>) -> String {
    let Ok(at) = at.parse::<DateTime<Utc>>() else { return "<unknown>".to_owned() };
    human((now - at).num_seconds())
}

fn human(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |whole: i64, unit: &str, rest: i64, of: &str| {
        if rest == 0 { format!("{whole}{unit}") } else { format!("{whole}{unit}{rest}{of}") }
    };
    match seconds {
        ..0 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

/// The name, which every table begins with.
fn name(value: &Value) -> Value {
    json!(object::name(value))
}
