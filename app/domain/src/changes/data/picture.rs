//! What one version of one file says about data, whatever language it says it in.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a file that describes a state says: tables with columns, and what is declared about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// By name.
    pub tables: BTreeMap<String, Table>,
    /// What is declared: (kind, of what) → the texts.
    pub facts: BTreeMap<(FactKind, String), BTreeSet<String>>,
    /// What could not be told, each in a sentence.
    pub unsure: BTreeSet<String>,
}

/// A table, an event or a message: anything with columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// By name.
    pub columns: BTreeMap<String, Column>,
}

/// A column or field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Its type, in the file's own words; empty where the file says none.
    pub kind: String,
    /// The class of personal data that the file itself declares.
    pub declared: Option<String>,
}

/// What can be declared about data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// What it is used for.
    Purpose,
    /// How long it is kept.
    Retention,
    /// Who gets it.
    Recipient,
    /// Where it is.
    Region,
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Purpose => "purpose",
            Self::Retention => "retention",
            Self::Recipient => "recipient",
            Self::Region => "region",
        })
    }
}

/// What is done to a table or column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Step {
    /// A new one.
    TableComes {
        /// Its name.
        table: String,
    },
    /// It is dropped, with all its rows.
    TableGoes {
        /// Its name.
        table: String,
    },
    /// It has another name.
    TableRenamed {
        /// Its name before.
        table: String,
        /// Its name now.
        to: String,
    },
    /// A new one.
    ColumnComes {
        /// Where.
        table: String,
        /// Its name.
        column: String,
        /// Its type, where the file says one.
        kind: String,
    },
    /// It is dropped, with what is in it.
    ColumnGoes {
        /// Where.
        table: String,
        /// Its name.
        column: String,
    },
    /// It has another name.
    ColumnRenamed {
        /// Where.
        table: String,
        /// Its name before.
        column: String,
        /// Its name now.
        to: String,
    },
    /// It has another type.
    ColumnRetyped {
        /// Where.
        table: String,
        /// Its name.
        column: String,
        /// Its type before, where the file says it.
        from: Option<String>,
        /// Its type now.
        to: String,
    },
    /// Its values are written anew.
    RowsRewritten {
        /// Where.
        table: String,
        /// Its name.
        column: String,
    },
}

impl Step {
    /// The table that it is about.
    #[must_use]
    pub fn table(&self) -> &str {
        match self {
            Self::TableComes { table }
            | Self::TableGoes { table }
            | Self::TableRenamed { table, .. }
            | Self::ColumnComes { table, .. }
            | Self::ColumnGoes { table, .. }
            | Self::ColumnRenamed { table, .. }
            | Self::ColumnRetyped { table, .. }
            | Self::RowsRewritten { table, .. } => table,
        }
    }

    /// Every name that says what kind of data this is.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::TableComes { .. } | Self::TableGoes { .. } => Vec::new(),
            Self::TableRenamed { to, .. } => vec![to],
            Self::ColumnComes { column, .. }
            | Self::ColumnGoes { column, .. }
            | Self::ColumnRetyped { column, .. }
            | Self::RowsRewritten { column, .. } => vec![column],
            Self::ColumnRenamed { column, to, .. } => vec![column, to],
        }
    }
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// How things are.
    State(Picture),
    /// What is done, once: a migration.
    Steps {
        /// In their order.
        steps: Vec<Step>,
        /// What is declared: who may read, for instance.
        facts: BTreeMap<(FactKind, String), BTreeSet<String>>,
        /// What could not be told.
        unsure: BTreeSet<String>,
    },
    /// Nothing could be told, for this reason.
    Unknown(String),
}

/// A file before and after; `None` where it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersions {
    /// Where.
    pub path: String,
    /// In what production runs.
    pub before: Option<Said>,
    /// In what is to be released.
    pub now: Option<Said>,
}
