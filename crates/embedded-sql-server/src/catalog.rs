//! What is defined in the database: tables with their constraints and indexes, and procedures. Names are found without case.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlparser::ast::Expr;
use time::PrimitiveDateTime;

use crate::{batch::Statement, permissions::Principals, value::SqlType};

/// Everything defined in the database. All of it lives in schema dbo.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    tables: BTreeMap<String, Table>,
    procedures: BTreeMap<String, Arc<Procedure>>,
    last_object_id: i32,
    /// Who may do what.
    pub(crate) principals: Principals,
}

/// A table, or the shape of a table variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// As first written, without schema. The SQLite table has the same name.
    pub name: String,
    /// `OBJECT_ID(N'dbo.Name')`; 0 for a table variable.
    pub object_id: i32,
    /// In the order of definition.
    pub columns: Vec<TableColumn>,
    /// Primary key, unique, check and foreign key constraints. Defaults are with their column.
    pub constraints: Vec<Constraint>,
    /// Made by CREATE INDEX; those behind constraints are not listed here.
    pub indexes: Vec<Index>,
    /// When it was created (UTC).
    pub created: PrimitiveDateTime,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// As first written.
    pub name: String,
    /// Its declared type.
    pub sql_type: SqlType,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// IDENTITY(seed, increment)
    pub identity: Option<Identity>,
    /// What an INSERT that does not name the column puts there.
    pub default: Option<ColumnDefault>,
}

/// IDENTITY(seed, increment)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The first value given.
    pub seed: i64,
    /// The step between values.
    pub increment: i64,
}

/// A DEFAULT constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefault {
    /// Given or made up (`DF__Table__Column`).
    pub name: String,
    /// Evaluated anew for each row.
    pub expression: Expr,
}

/// A named rule of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Given or made up.
    pub name: String,
    /// `OBJECT_ID(N'dbo.Name')`
    pub object_id: i32,
    /// What it demands.
    pub rule: Rule,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// PRIMARY KEY
    PrimaryKey(Vec<IndexColumn>),
    /// UNIQUE; NULLs collide
    Unique(Vec<IndexColumn>),
    /// CHECK; NULL (unknown) passes
    Check(Box<Expr>),
    /// FOREIGN KEY
    ForeignKey {
        /// Columns of this table.
        columns: Vec<String>,
        /// The other table's name.
        table: String,
        /// Columns of the other table, in the same order.
        referenced: Vec<String>,
    },
}

/// An index made by CREATE INDEX.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// As given.
    pub name: String,
    /// The key.
    pub columns: Vec<IndexColumn>,
    /// Whether two rows may have the same key; NULLs collide.
    pub unique: bool,
    /// INCLUDE (…)
    pub included: Vec<String>,
    /// WHERE …
    pub filter: Option<Expr>,
}

/// A column of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// Of the table.
    pub name: String,
    /// DESC
    pub descending: bool,
}

/// A stored procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// As first written, without schema.
    pub name: String,
    /// `OBJECT_ID(N'dbo.Name')`
    pub object_id: i32,
    /// In the order of definition.
    pub parameters: Vec<ProcedureParameter>,
    /// What it does.
    pub body: Vec<Statement>,
    /// When it was created (UTC).
    pub created: PrimitiveDateTime,
}

/// A parameter of a stored procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureParameter {
    /// With its `@`.
    pub name: String,
    /// Its declared type.
    pub sql_type: SqlType,
    /// Its value when the caller gives none.
    pub default: Option<Expr>,
    /// OUTPUT
    pub output: bool,
}

impl Catalog {
    /// The table of this name (without schema), without case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(&name.to_lowercase())
    }

    /// All tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    /// The procedure of this name (without schema), without case.
    #[must_use]
    pub fn procedure(&self, name: &str) -> Option<&Arc<Procedure>> {
        self.procedures.get(&name.to_lowercase())
    }

    /// All procedures, by name.
    pub fn procedures(&self) -> impl Iterator<Item = &Procedure> {
        self.procedures.values().map(Arc::as_ref)
    }

    /// The id of the table, procedure or constraint of this name (without schema), and its two-letter type
    /// as `OBJECT_ID` and `sys.objects` know it: `U`, `P`, `PK`, `UQ`, `C`, `F`.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<(i32, &'static str)> {
        if let Some(table) = self.table(name) {
            return Some((table.object_id, "U"));
        }
        if let Some(procedure) = self.procedure(name) {
            return Some((procedure.object_id, "P"));
        }
        let constraint = self
            .tables()
            .flat_map(|table| &table.constraints)
            .find(|it| it.name.to_lowercase() == name.to_lowercase())?;
        Some((constraint.object_id, constraint.rule.object_type()))
    }

    /// Adds a table, or puts a new definition in the place of the old one.
    pub(crate) fn put_table(&mut self, table: Table) {
        self.tables.insert(table.name.to_lowercase(), table);
    }

    /// Forgets a table.
    pub(crate) fn remove_table(&mut self, name: &str) -> Option<Table> {
        self.tables.remove(&name.to_lowercase())
    }

    /// Adds a procedure, or puts a new definition in the place of the old one.
    pub(crate) fn put_procedure(&mut self, procedure: Procedure) {
        self.procedures
            .insert(procedure.name.to_lowercase(), Arc::new(procedure));
    }

    /// Forgets a procedure.
    pub(crate) fn remove_procedure(&mut self, name: &str) -> Option<Arc<Procedure>> {
        self.procedures.remove(&name.to_lowercase())
    }

    /// An id that no object had before.
    pub(crate) fn next_object_id(&mut self) -> i32 {
        self.last_object_id += 1;
        // SQL Server's own objects have the small numbers.
        1_000_000 + self.last_object_id
    }
}

impl Table {
    /// The column of this name, without case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.column_position(name)
            .map(|position| &self.columns[position])
    }

    /// The position of the column of this name, without case.
    #[must_use]
    pub fn column_position(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        self.columns
            .iter()
            .position(|column| column.name.to_lowercase() == name)
    }

    /// The position of the IDENTITY column.
    #[must_use]
    pub fn identity_position(&self) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.identity.is_some())
    }

    /// The columns of the primary key, in its order; none without one.
    #[must_use]
    pub fn primary_key(&self) -> &[IndexColumn] {
        self.constraints
            .iter()
            .find_map(|constraint| match &constraint.rule {
                Rule::PrimaryKey(columns) => Some(columns.as_slice()),
                _ => None,
            })
            .unwrap_or_default()
    }
}

impl Rule {
    /// The two-letter type that `sys.objects` gives it.
    #[must_use]
    pub fn object_type(&self) -> &'static str {
        match self {
            Self::PrimaryKey(_) => "PK",
            Self::Unique(_) => "UQ",
            Self::Check(_) => "C",
            Self::ForeignKey { .. } => "F",
        }
    }
}
