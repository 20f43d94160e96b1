//! What leads from one state of a file to the next?

use super::picture::{FactKind, Picture, Step};
use std::collections::{BTreeMap, BTreeSet};

/// (kind, of what) → the texts.
pub(super) type Facts = BTreeMap<(FactKind, String), BTreeSet<String>>;
/// (table, column) → the class that a file declares.
pub(super) type Declared = BTreeMap<(String, String), String>;

pub(super) fn classes_declared(before: &Picture, now: &Picture) -> Declared {
    let of = |picture: &Picture| -> Vec<((String, String), String)> {
        let columns =
            picture.tables.iter().flat_map(|(table, it)| it.columns.iter().map(move |column| (table, column)));
        columns
            .filter_map(|(table, (name, column))| Some(((table.clone(), name.clone()), column.declared.clone()?)))
            .collect()
    };
    of(before).into_iter().chain(of(now)).collect()
}

/// What leads from one state to the other.
pub(super) fn between(before: &Picture, now: &Picture) -> Vec<Step> {
    let mut steps = Vec::new();
    let empty = Default::default();
    let tables: BTreeSet<&String> = before.tables.keys().chain(now.tables.keys()).collect();
    for table in tables {
        let (old, new) = (before.tables.get(table), now.tables.get(table));
        match (old, new) {
            (None, Some(_)) => steps.push(Step::TableComes { table: table.clone() }),
            (Some(_), None) => steps.push(Step::TableGoes { table: table.clone() }),
            _ => {}
        }
        let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
        let columns: BTreeSet<&String> = old.columns.keys().chain(new.columns.keys()).collect();
        for column in columns {
            let (table, name) = (table.clone(), column.clone());
            match (old.columns.get(column), new.columns.get(column)) {
                (None, Some(it)) => steps.push(Step::ColumnComes { table, column: name, kind: it.kind.clone() }),
                (Some(_), None) => steps.push(Step::ColumnGoes { table, column: name }),
                (Some(was), Some(is)) if was.kind != is.kind => {
                    let from = Some(was.kind.clone()).filter(|kind| !kind.is_empty());
                    steps.push(Step::ColumnRetyped { table, column: name, from, to: is.kind.clone() });
                }
                // What a column is declared to hold is what it holds, whatever its name.
                (Some(was), Some(is)) if was.declared != is.declared => {
                    let kind = is.kind.clone();
                    steps.push(Step::ColumnRetyped { table, column: name, from: Some(kind.clone()), to: kind });
                }
                _ => {}
            }
        }
    }
    steps
}
