//! Migrations: what is done to tables, once. PostgreSQL's SQL, by `sqlparser`.

use super::select;
use gatehouse_domain::changes::data::{FactKind, Said, Step};
use sqlparser::ast::{
    AlterColumnOperation, AlterTableOperation, AssignmentTarget, CreateTable, ObjectName, ObjectNamePart, ObjectType,
    RenameTableNameKind, SetExpr, Statement, TableFactor, TableObject,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use std::collections::{BTreeMap, BTreeSet};

const DEEPEST: usize = 40;

#[derive(Default)]
struct Reader {
    steps: Vec<Step>,
    facts: BTreeMap<(FactKind, String), BTreeSet<String>>,
    unsure: BTreeSet<String>,
}

/// Statements, or `None` where it is not SQL that the parser knows.
pub(super) fn statements(text: &str) -> Option<Vec<Statement>> {
    let parser = Parser::new(&PostgreSqlDialect {}).with_recursion_limit(DEEPEST);
    parser.try_with_sql(text).ok()?.parse_statements().ok()
}

/// What a migration does.
pub(super) fn migration(text: &str) -> Said {
    let Some(statements) = statements(text) else {
        return Said::Unknown("it is not SQL that could be read".to_owned());
    };
    let mut reader = Reader::default();
    statements.iter().for_each(|statement| reader.statement(statement));
    Said::Steps { steps: reader.steps, facts: reader.facts, unsure: reader.unsure }
}

pub(super) fn name_of(name: &ObjectName) -> String {
    let part = |part: &ObjectNamePart| match part {
        ObjectNamePart::Identifier(it) => it.value.clone(),
        ObjectNamePart::Function(it) => it.to_string(),
    };
    name.0.iter().map(part).collect::<Vec<_>>().join(".")
}

impl Reader {
    fn doubt(&mut self, why: impl Into<String>) {
        self.unsure.insert(why.into());
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(it) => self.create_table(it),
            Statement::CreateView(it) => {
                let table = name_of(&it.name);
                self.steps.push(Step::TableComes { table: table.clone() });
                self.select(&table, &it.query);
            }
            Statement::AlterTable(it) => {
                let table = name_of(&it.name);
                it.operations.iter().for_each(|operation| self.alter(&table, operation));
            }
            Statement::Drop {
                object_type: ObjectType::Table | ObjectType::View | ObjectType::MaterializedView,
                names,
                ..
            } => {
                self.steps.extend(names.iter().map(|name| Step::TableGoes { table: name_of(name) }));
            }
            Statement::Drop { object_type: ObjectType::Schema | ObjectType::Database, names, .. } => {
                let names: Vec<String> = names.iter().map(name_of).collect();
                self.doubt(format!("it drops {} with whatever is in it", names.join(", ")));
            }
            Statement::Update(it) => {
                let TableFactor::Table { name, .. } = &it.table.relation else {
                    return self.doubt("it rewrites rows of something that is no table");
                };
                let table = name_of(name);
                for assignment in &it.assignments {
                    let columns = match &assignment.target {
                        AssignmentTarget::ColumnName(name) => vec![name_of(name)],
                        AssignmentTarget::Tuple(names) => names.iter().map(name_of).collect(),
                    };
                    let step = |column| Step::RowsRewritten { table: table.clone(), column };
                    self.steps.extend(columns.into_iter().map(step));
                }
            }
            Statement::Insert(it) => {
                let TableObject::TableName(name) = &it.table else {
                    return self.doubt("it adds rows to something that is no table");
                };
                let table = name_of(name);
                let is_values = it.source.as_ref().is_some_and(|query| matches!(*query.body, SetExpr::Values(_)));
                if !is_values || it.columns.is_empty() {
                    self.doubt(format!("it adds rows to {table}; whose data they are cannot be told"));
                }
                let step = |column| Step::RowsRewritten { table: table.clone(), column: name_of(column) };
                self.steps.extend(it.columns.iter().map(step));
            }
            Statement::Delete(_) | Statement::Truncate(_) => {
                self.doubt("it deletes rows; whose data they are cannot be told")
            }
            Statement::Copy { .. } => self.doubt("it copies rows; whose data they are cannot be told"),
            Statement::Grant(it) => {
                let of = it.objects.as_ref().map_or_else(|| "what it names".to_owned(), ToString::to_string);
                let to = it.grantees.iter().map(ToString::to_string);
                self.facts.entry((FactKind::Recipient, of)).or_default().extend(to);
            }
            // Nothing of these moves, shows or keeps anybody's data.
            Statement::Drop { .. }
            | Statement::CreateIndex(_)
            | Statement::CreateSchema { .. }
            | Statement::CreateSequence { .. }
            | Statement::CreateExtension(_)
            | Statement::CreateType { .. }
            | Statement::Comment { .. }
            | Statement::Analyze(_)
            | Statement::Vacuum(_)
            | Statement::Set(_)
            | Statement::Revoke(_)
            | Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Lock(_) => {}
            Statement::CreatePolicy(_) | Statement::AlterPolicy(_) | Statement::DropPolicy(_) => {
                self.doubt("it changes which rows which role sees");
            }
            _ => self.doubt("it holds a statement of a kind that is not read"),
        }
    }

    fn create_table(&mut self, it: &CreateTable) {
        let table = name_of(&it.name);
        self.steps.push(Step::TableComes { table: table.clone() });
        for column in &it.columns {
            let (column, kind) = (column.name.value.clone(), column.data_type.to_string());
            self.steps.push(Step::ColumnComes { table: table.clone(), column, kind });
        }
        match &it.query {
            Some(query) => self.select(&table, query),
            None if it.columns.is_empty() => self.doubt(format!("which columns {table} gets is not said in the file")),
            None => {}
        }
        if it.like.is_some() || it.clone.is_some() || it.inherits.is_some() || it.partition_of.is_some() {
            self.doubt(format!("{table} takes columns from another table"));
        }
    }

    fn select(&mut self, table: &str, query: &sqlparser::ast::Query) {
        let (columns, whole) = select::columns(query);
        if !whole {
            self.doubt(format!("not every column of {table} is named in the file"));
        }
        let step = |column| Step::ColumnComes { table: table.to_owned(), column, kind: String::new() };
        self.steps.extend(columns.into_iter().map(step));
    }

    fn alter(&mut self, table: &str, operation: &AlterTableOperation) {
        use AlterTableOperation as Op;
        let table = table.to_owned();
        match operation {
            Op::AddColumn { column_def, .. } => {
                let (column, kind) = (column_def.name.value.clone(), column_def.data_type.to_string());
                self.steps.push(Step::ColumnComes { table, column, kind });
            }
            Op::DropColumn { column_names, .. } => {
                let step = |column: &sqlparser::ast::Ident| Step::ColumnGoes {
                    table: table.clone(),
                    column: column.value.clone(),
                };
                self.steps.extend(column_names.iter().map(step));
            }
            Op::RenameColumn { old_column_name, new_column_name } => {
                let (column, to) = (old_column_name.value.clone(), new_column_name.value.clone());
                self.steps.push(Step::ColumnRenamed { table, column, to });
            }
            Op::RenameTable { table_name: RenameTableNameKind::As(to) | RenameTableNameKind::To(to) } => {
                self.steps.push(Step::TableRenamed { table, to: name_of(to) });
            }
            Op::AlterColumn { column_name, op: AlterColumnOperation::SetDataType { data_type, .. } } => {
                let (column, to) = (column_name.value.clone(), data_type.to_string());
                self.steps.push(Step::ColumnRetyped { table, column, from: None, to });
            }
            Op::DisableRowLevelSecurity | Op::NoForceRowLevelSecurity => {
                self.doubt(format!("{table} no longer keeps rows from those who may not see them"));
            }
            Op::AlterColumn { .. }
            | Op::AddConstraint { .. }
            | Op::DropConstraint { .. }
            | Op::RenameConstraint { .. }
            | Op::ValidateConstraint { .. }
            | Op::EnableRowLevelSecurity
            | Op::ForceRowLevelSecurity => {}
            _ => self.doubt(format!("{table} is altered in a way that is not read")),
        }
    }
}
