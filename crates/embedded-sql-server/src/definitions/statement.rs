//! The statements that define something, as parsed.

use sqlparser::ast::Expr;

use crate::batch::Statement;
use crate::catalog::{Index, IndexColumn, ProcedureParameter};
use crate::permissions::statement::Security;
use crate::value::SqlType;

/// The body of a CREATE TABLE or of a table variable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableDefinition {
    /// In order.
    pub columns: Vec<ColumnDefinition>,
    /// Of the table, and those written with a column.
    pub constraints: Vec<ConstraintDefinition>,
}

/// A column as defined.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// As written.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// NULL or NOT NULL; columns are nullable when nothing is said.
    pub nullable: Option<bool>,
    /// IDENTITY(seed, increment)
    pub identity: Option<(i64, i64)>,
    /// DEFAULT, with the constraint's name
    pub default: Option<(Option<String>, Expr)>,
}

/// A constraint as defined.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstraintDefinition {
    /// CONSTRAINT name
    pub name: Option<String>,
    /// What it demands.
    pub rule: RuleDefinition,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleDefinition {
    /// PRIMARY KEY
    PrimaryKey(Vec<IndexColumn>),
    /// UNIQUE
    Unique(Vec<IndexColumn>),
    /// CHECK
    Check(Expr),
    /// FOREIGN KEY
    ForeignKey {
        /// Of this table.
        columns: Vec<String>,
        /// The other table.
        table: String,
        /// Of the other table; its primary key when empty.
        referenced: Vec<String>,
    },
    /// ALTER TABLE … ADD DEFAULT … FOR column
    Default {
        /// The column.
        column: String,
        /// The value.
        expression: Expr,
    },
}

/// A statement of the data definition language.
#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    /// CREATE TABLE
    CreateTable {
        /// Without schema.
        name: String,
        /// Columns and constraints.
        definition: TableDefinition,
    },
    /// ALTER TABLE … ADD
    AddToTable {
        /// Without schema.
        name: String,
        /// Columns and constraints.
        definition: TableDefinition,
    },
    /// ALTER TABLE … DROP CONSTRAINT
    DropConstraint {
        /// Without schema.
        table: String,
        /// The constraint.
        name: String,
    },
    /// CREATE INDEX
    CreateIndex {
        /// Without schema.
        table: String,
        /// The index.
        index: Box<Index>,
    },
    /// DROP INDEX … ON …
    DropIndex {
        /// Without schema.
        table: String,
        /// The index.
        name: String,
        /// IF EXISTS
        if_exists: bool,
    },
    /// DROP TABLE
    DropTable {
        /// Without schema.
        name: String,
        /// IF EXISTS
        if_exists: bool,
    },
    /// CREATE PROCEDURE
    CreateProcedure {
        /// Without schema.
        name: String,
        /// In order.
        parameters: Vec<ProcedureParameter>,
        /// What it does.
        body: Vec<Statement>,
        /// CREATE OR ALTER, or ALTER
        replace: Replace,
    },
    /// CREATE LOGIN, USER or ROLE, ALTER ROLE, GRANT
    Security(Security),
    /// DROP PROCEDURE
    DropProcedure {
        /// Without schema.
        name: String,
        /// IF EXISTS
        if_exists: bool,
    },
}

/// What becomes of a procedure that already has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// CREATE: error 2714
    Never,
    /// CREATE OR ALTER
    IfExists,
    /// ALTER: there must be one
    Always,
}
