//! The statements of a batch, as parsed. Names are resolved when a statement runs, as SQL Server does.

use sqlparser::ast::{Expr, Query, SelectItem, TableWithJoins, With};

use crate::definitions::statement::{Definition, TableDefinition};
use crate::value::SqlType;

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Line of its first word within the batch, from 1.
    pub line: u32,
    /// What it does.
    pub action: Action,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// DECLARE @a int, @b int = 1
    Declare(Vec<Declaration>),
    /// DECLARE @t TABLE (…)
    DeclareTable {
        /// With its `@`.
        name: String,
        /// Its columns and constraints.
        definition: TableDefinition,
    },
    /// SET @a = …
    SetVariable {
        /// With its `@`.
        name: String,
        /// The new value; `+=` is written out.
        value: Condition,
    },
    /// SET XACT_ABORT ON and its like
    SetOption(SessionOption),
    /// BEGIN … END
    Block(Vec<Statement>),
    /// IF … ELSE …
    If {
        /// Unknown is false.
        condition: Condition,
        /// When true.
        then: Box<Statement>,
        /// Otherwise.
        otherwise: Option<Box<Statement>>,
    },
    /// WHILE …
    While {
        /// Asked before each round.
        condition: Condition,
        /// The round.
        body: Box<Statement>,
    },
    /// BREAK
    Break,
    /// CONTINUE
    Continue,
    /// RETURN, with a status inside of a procedure
    Return(Option<Condition>),
    /// PRINT
    Print(Condition),
    /// THROW number, message, state
    Throw {
        /// 50000 and up
        number: Condition,
        /// Words
        message: Condition,
        /// 0 to 255
        state: Condition,
    },
    /// BEGIN TRANSACTION
    BeginTransaction,
    /// COMMIT
    Commit,
    /// ROLLBACK
    Rollback,
    /// EXEC
    Execute(Call),
    /// SELECT with a result set
    Select(Reading),
    /// SELECT @a = …
    Assign {
        /// The variables, in the order of the select list.
        targets: Vec<String>,
        /// What they get: the values of its last row.
        reading: Reading,
    },
    /// INSERT
    Insert(Box<Insert>),
    /// UPDATE
    Update(Box<Update>),
    /// DELETE
    Delete(Box<Delete>),
    /// TRUNCATE TABLE
    Truncate(String),
    /// CREATE TABLE, CREATE INDEX, … with the statement's own text, from which the catalog is made again after a restart.
    Define {
        /// What it defines.
        definition: Definition,
        /// The statement as written.
        text: String,
    },
    /// USE
    Use(String),
}

impl Action {
    /// Whether it begins a transaction under SET IMPLICIT_TRANSACTIONS ON; an explicit BEGIN then opens a second one within.
    pub(crate) fn begins_implicitly(&self) -> bool {
        match self {
            Self::Select(reading) | Self::Assign { reading, .. } => reading.reads,
            Self::Insert(_)
            | Self::Update(_)
            | Self::Delete(_)
            | Self::Truncate(_)
            | Self::Define { .. }
            | Self::BeginTransaction => true,
            _ => false,
        }
    }
}

/// An expression or a condition, with what is known of it before it is translated.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As parsed.
    pub expression: Expr,
    /// Whether it reads tables, so that it needs the database's lock.
    pub reads: bool,
}

/// A query, with what is known of it before it is translated.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// As parsed.
    pub query: Query,
    /// Whether it reads tables, so that it needs the database's lock.
    pub reads: bool,
}

/// A scalar variable of a DECLARE.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// With its `@`.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// Its first value.
    pub value: Option<Condition>,
}

/// A SET option. What only restates how this server always works is [`SessionOption::Nothing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOption {
    /// SET NOCOUNT
    NoCount(bool),
    /// SET XACT_ABORT
    XactAbort(bool),
    /// SET IMPLICIT_TRANSACTIONS
    ImplicitTransactions(bool),
    /// SET LOCK_TIMEOUT, in milliseconds; -1 waits without end
    LockTimeout(i32),
    /// An option at its only supported value.
    Nothing,
}

/// EXEC of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The variable that gets the return status.
    pub status: Option<String>,
    /// What is called.
    pub procedure: Callee,
    /// In the order given.
    pub arguments: Vec<Argument>,
}

/// The procedure of an EXEC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// Without schema.
    Named(String),
    /// The variable that holds its name, with its `@`.
    InVariable(String),
}

/// An argument of an EXEC.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// With its `@`, when given by name.
    pub name: Option<String>,
    /// `None`: DEFAULT
    pub value: Option<Condition>,
    /// The variable that takes the parameter's value back (OUTPUT).
    pub output: Option<String>,
}

/// A table that is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A table, or in UPDATE and DELETE the alias of one.
    Table(String),
    /// A table variable, with its `@`.
    Variable(String),
}

/// INSERT
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// Common table expressions before it.
    pub with: Option<With>,
    /// Where the rows go.
    pub target: Target,
    /// The columns named; empty for all.
    pub columns: Vec<String>,
    /// OUTPUT clauses.
    pub outputs: Vec<Output>,
    /// Where the rows come from.
    pub source: InsertSource,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone, PartialEq)]
pub enum InsertSource {
    /// SELECT
    Query(Box<Query>),
    /// VALUES; `None` is DEFAULT
    Values(Vec<Vec<Option<Expr>>>),
    /// DEFAULT VALUES
    Defaults,
}

/// OUTPUT …, to the client or INTO a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Expressions over `inserted` and `deleted`.
    pub items: Vec<SelectItem>,
    /// INTO, with the columns named.
    pub into: Option<(Target, Vec<String>)>,
}

/// UPDATE
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Common table expressions before it.
    pub with: Option<With>,
    /// TOP (n)
    pub top: Option<Expr>,
    /// What is changed.
    pub target: Target,
    /// SET
    pub assignments: Vec<Assignment>,
    /// OUTPUT clauses.
    pub outputs: Vec<Output>,
    /// FROM
    pub from: Vec<TableWithJoins>,
    /// WHERE
    pub filter: Option<Expr>,
}

/// One `column = value` of an UPDATE; `+=` is written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The column, unless only a variable is set.
    pub column: Option<String>,
    /// The variable that gets the value too, with its `@`.
    pub variable: Option<String>,
    /// `None`: DEFAULT
    pub value: Option<Expr>,
}

/// DELETE
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// Common table expressions before it.
    pub with: Option<With>,
    /// TOP (n)
    pub top: Option<Expr>,
    /// What rows go from.
    pub target: Target,
    /// OUTPUT clauses.
    pub outputs: Vec<Output>,
    /// The second FROM
    pub from: Vec<TableWithJoins>,
    /// WHERE
    pub filter: Option<Expr>,
}
