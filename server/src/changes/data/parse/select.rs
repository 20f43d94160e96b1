//! dbt's models: which columns does a `select` give?

use super::{sql, stem};
use gatehouse_domain::changes::data::{Column, Picture, Said, Table};
use sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr, Statement, TableFactor};
use std::collections::BTreeMap;

/// Queries that are looked into for one answer: `*` of `*` of `*` grows without an end.
const MOST: usize = 200;

/// The table that a model makes.
pub(super) fn model(path: &str, text: &str) -> Said {
    let Some(plain) = without_template(text) else {
        return Said::Unknown("it is put together by a template when it runs".to_owned());
    };
    let statements = sql::statements(&plain);
    let Some([Statement::Query(query)]) = statements.as_deref() else {
        return Said::Unknown("it is not one `select` that could be read".to_owned());
    };
    let name = stem(path).to_owned();
    let (columns, whole) = columns(query);
    let mut picture = Picture::default();
    if !whole {
        picture.unsure.insert(format!("not every column of {name} is named in the file"));
    }
    let columns = columns.into_iter().map(|column| (column, Column::default())).collect();
    picture.tables.insert(name, Table { columns });
    Said::State(picture)
}

/// Puts names where dbt puts tables: `{{ ref('x') }}` and `{{ source('a', 'x') }}`. `None` where a template does more.
fn without_template(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (inner, after) = if let Some(comment) = from.strip_prefix("{#") {
            ("", comment.split_once("#}")?.1)
        } else {
            from.strip_prefix("{{")?.split_once("}}")?
        };
        let inner = inner.trim().trim_matches('-').trim();
        let arguments = |call: &str| -> Option<String> {
            let list = inner.strip_prefix(call)?.trim().strip_prefix('(')?.strip_suffix(')')?;
            let names = list.split(',').map(|name| name.trim().trim_matches(['\'', '"']));
            let names: Vec<&str> = names.collect();
            let plain = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            names.iter().all(plain).then(|| names.join("."))
        };
        if let Some(table) = arguments("ref").or_else(|| arguments("source")) {
            out.push_str(&table);
        } else if !(inner.is_empty() || inner.starts_with("config")) {
            return None;
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The names of a query's columns, and whether these are all.
pub(super) fn columns(query: &Query) -> (Vec<String>, bool) {
    let mut reader = Reader { left: MOST, names: Vec::new(), whole: true };
    reader.query(query, &Known::new());
    (reader.names, reader.whole)
}

type Known<'a> = BTreeMap<&'a str, &'a Query>;

struct Reader {
    left: usize,
    names: Vec<String>,
    whole: bool,
}

impl Reader {
    fn query<'a>(&mut self, query: &'a Query, outer: &Known<'a>) {
        let Some(left) = self.left.checked_sub(1) else {
            self.whole = false;
            return;
        };
        self.left = left;
        let mut known = outer.clone();
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        known.extend(ctes.map(|cte| (cte.alias.name.value.as_str(), cte.query.as_ref())));
        self.body(&query.body, &known);
    }

    fn body<'a>(&mut self, body: &'a SetExpr, known: &Known<'a>) {
        match body {
            SetExpr::Select(select) => self.select(select, known),
            SetExpr::Query(query) => self.query(query, known),
            // The names are the first one's.
            SetExpr::SetOperation { left, .. } => self.body(left, known),
            _ => self.whole = false,
        }
    }

    fn select<'a>(&mut self, select: &'a Select, known: &Known<'a>) {
        self.whole &= select.into.is_none();
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => self.names.push(alias.value.clone()),
                SelectItem::UnnamedExpr(Expr::Identifier(name)) => self.names.push(name.value.clone()),
                SelectItem::UnnamedExpr(Expr::CompoundIdentifier(path)) => {
                    self.names.extend(path.last().map(|name| name.value.clone()));
                }
                SelectItem::Wildcard(_) => match star(select, known) {
                    Some(query) => self.query(query, known),
                    None => self.whole = false,
                },
                _ => self.whole = false,
            }
        }
    }
}

/// What `*` stands for, where it is everything of one named query.
fn star<'a>(select: &Select, known: &Known<'a>) -> Option<&'a Query> {
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, .. } = &from.relation else { return None };
    if !from.joins.is_empty() {
        return None;
    }
    known.get(sql::name_of(name).as_str()).copied()
}
