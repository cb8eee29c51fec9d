//! What a statement is translated against: the catalog, the variables, the session's facts,
//! and the row sources (FROM items) whose columns an expression can name.

use std::cell::{Cell, RefCell};

pub use super::variables::undeclared;
use super::variables::{SessionFacts, TableVariables, Variables};
use crate::{
    catalog::{Catalog, Table},
    error::SqlError,
    permissions::{Accesses, Verb},
    value::SqlType,
};

/// One statement being translated. It owns the parameters that the SQLite statement is run with.
#[derive(Debug)]
pub struct Statement<'a> {
    /// Tables and procedures.
    pub catalog: &'a Catalog,
    /// Scalar variables.
    pub variables: &'a Variables,
    /// Table variables.
    pub table_variables: &'a TableVariables,
    /// The session's facts at the start of the statement.
    pub session: &'a SessionFacts,
    /// What it uses of tables and procedures.
    pub(crate) accesses: Accesses,
    bindings: RefCell<Vec<(String, rusqlite::types::Value)>>,
    next_alias: Cell<u32>,
}

impl<'a> Statement<'a> {
    /// A statement with nothing bound yet.
    #[must_use]
    pub fn new(
        catalog: &'a Catalog,
        variables: &'a Variables,
        table_variables: &'a TableVariables,
        session: &'a SessionFacts,
    ) -> Self {
        Self {
            catalog,
            variables,
            table_variables,
            session,
            accesses: Accesses::default(),
            bindings: RefCell::default(),
            next_alias: Cell::new(1),
        }
    }

    /// Whether the user may do all that was translated so far. Errors 229 and 230.
    pub(crate) fn permitted(&self) -> Result<(), SqlError> {
        if !self.session.restricted {
            return Ok(());
        }
        self.catalog.principals.check(
            self.catalog,
            &self.session.database,
            &self.session.database_user,
            &self.accesses.noted(),
        )
    }

    /// Binds a value and answers its placeholder (`?3`). The same key is bound once: a variable that
    /// is used twice is one parameter, and two uses of an expression have the same text.
    pub fn bind(&self, key: &str, value: impl FnOnce() -> rusqlite::types::Value) -> String {
        let mut bindings = self.bindings.borrow_mut();
        let position = bindings
            .iter()
            .position(|(known, _)| known == key)
            .unwrap_or_else(|| {
                bindings.push((key.to_owned(), value()));
                bindings.len() - 1
            });
        format!("?{}", position + 1)
    }

    /// Binds a value that nothing else shares and answers its placeholder.
    pub fn bind_new(&self, value: rusqlite::types::Value) -> String {
        let mut bindings = self.bindings.borrow_mut();
        bindings.push((String::new(), value));
        format!("?{}", bindings.len())
    }

    /// The values to run the SQLite statement with, `?1` first.
    ///
    /// SQLite refuses a value whose placeholder does not occur in the text and a later one does not either,
    /// so run a statement with the bindings of everything that was translated for it, and only that
    /// (see [`Self::bindings_for`] when the text uses a part).
    #[must_use]
    pub fn bindings(&self) -> Vec<rusqlite::types::Value> {
        self.bindings
            .borrow()
            .iter()
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// The first `count` values, where `count` is `rusqlite::Statement::parameter_count` of the prepared text.
    #[must_use]
    pub fn bindings_for(&self, count: usize) -> Vec<rusqlite::types::Value> {
        self.bindings
            .borrow()
            .iter()
            .take(count)
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// A quoted SQLite alias that nothing else in this statement has.
    pub fn fresh_alias(&self) -> String {
        let number = self.next_alias.get();
        self.next_alias.set(number + 1);
        format!("\"t{number}\"")
    }
}

/// A column that a row source offers.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceColumn {
    /// As T-SQL names it.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether NULL may come.
    pub nullable: bool,
    /// The SQLite expression that reads it, for example `"t1"."Status"`.
    pub sql: String,
}

/// A FROM item: a table, a derived table, OPENJSON, or what B makes of `inserted` and `deleted`.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSource {
    /// The name that qualifies its columns: the alias, or the table's own name.
    pub name: String,
    /// Its quoted alias in the SQLite text (`"t1"`); `{alias}.rowid` is the row's key when `table` is set.
    pub alias: String,
    /// The SQLite table behind it, not quoted, when there is one.
    pub table: Option<String>,
    /// The id of the table whose columns these are, in the table's order; 0 when rights are not asked for.
    pub object: i32,
    /// Its columns in order, as `*` lists them.
    pub columns: Vec<SourceColumn>,
}

impl RowSource {
    /// A table or table variable under a name, with a fresh SQLite alias.
    #[must_use]
    pub fn of_table(statement: &Statement<'_>, name: &str, storage: &str, table: &Table) -> Self {
        let alias = statement.fresh_alias();
        let columns = table
            .columns
            .iter()
            .map(|column| SourceColumn {
                name: column.name.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                sql: format!("{alias}.{}", quote_name(&column.name)),
            })
            .collect();
        Self {
            name: name.to_owned(),
            alias,
            table: Some(storage.to_owned()),
            object: table.object_id,
            columns,
        }
    }

    /// The columns of a table without any qualifier, for CHECK constraints, filtered indexes and computed tests
    /// that stand inside a SQLite table definition.
    #[must_use]
    pub fn unqualified(table: &Table) -> Self {
        let columns = table
            .columns
            .iter()
            .map(|column| SourceColumn {
                name: column.name.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                sql: quote_name(&column.name),
            })
            .collect();
        Self {
            name: table.name.clone(),
            alias: quote_name(&table.name),
            table: Some(table.name.clone()),
            object: 0,
            columns,
        }
    }

    /// Takes note that the column at this position is read.
    pub(crate) fn column_read(&self, statement: &Statement<'_>, position: usize) {
        statement
            .accesses
            .note(self.object, Verb::Select, Some(position));
    }

    /// The column of this name, without case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        self.columns
            .iter()
            .find(|column| same_name(&column.name, name))
    }
}

/// A common table expression that later parts of the statement can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    /// As T-SQL names it.
    pub name: String,
    /// The SQLite name, quoted.
    pub sqlite_name: String,
    /// Its columns; the SQLite columns are `c0`, `c1`, ….
    pub columns: Vec<crate::value::Column>,
}

/// How the expressions of a SELECT with GROUP BY or aggregates may name columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grouping {
    /// The translated GROUP BY expressions.
    pub keys: Vec<String>,
}

/// Where an expression is translated: the sources it can name, and the scopes around it.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The statement that this is part of.
    pub statement: &'a Statement<'a>,
    /// The scope around a subquery, for correlation.
    pub parent: Option<&'a Scope<'a>>,
    /// The FROM items.
    pub sources: Vec<RowSource>,
    /// The common table expressions declared here.
    pub ctes: Vec<Cte>,
    /// Set while the select list, HAVING or ORDER BY of a grouped query is translated.
    pub grouping: Option<Grouping>,
    /// Whether an aggregate was translated here: without GROUP BY that alone makes the query a grouped one.
    pub saw_aggregate: Cell<bool>,
}

impl<'a> Scope<'a> {
    /// The outermost scope of a statement, without sources.
    #[must_use]
    pub fn new(statement: &'a Statement<'a>) -> Self {
        Self {
            statement,
            parent: None,
            sources: Vec::new(),
            ctes: Vec::new(),
            grouping: None,
            saw_aggregate: Cell::new(false),
        }
    }

    /// A scope inside another, as of a subquery.
    #[must_use]
    pub fn inside(parent: &'a Scope<'a>) -> Self {
        Self {
            parent: Some(parent),
            ..Self::new(parent.statement)
        }
    }

    /// This scope without its own sources: what a derived table in its FROM sees.
    #[must_use]
    pub fn without_sources(&self) -> Self {
        Self {
            parent: self.parent,
            ctes: self.ctes.clone(),
            ..Self::new(self.statement)
        }
    }

    /// This scope as the argument of an aggregate sees it: every row's columns can be named.
    #[must_use]
    pub fn ungrouped(&self) -> Self {
        Self {
            grouping: None,
            ..self.clone()
        }
    }

    /// The common table expression of this name, here or around.
    #[must_use]
    pub fn cte(&self, name: &str) -> Option<&Cte> {
        self.ctes
            .iter()
            .rev()
            .find(|cte| same_name(&cte.name, name))
            .or_else(|| self.parent?.cte(name))
    }

    /// This scope with these sources.
    #[must_use]
    pub fn with_sources(mut self, sources: Vec<RowSource>) -> Self {
        self.sources = sources;
        self
    }

    /// The source of this name in this scope, without case.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&RowSource> {
        self.sources
            .iter()
            .find(|source| same_name(&source.name, name))
    }
}

/// A translated scalar expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// SQLite text, safe to put into any larger expression without parentheses.
    pub sql: String,
    /// The type that SQL Server would give it.
    pub sql_type: SqlType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What is known of it beside its type.
    pub form: Form,
}

/// What kind of expression it is, where that changes the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A bare NULL, which takes the type of what it meets.
    Null,
    /// A literal; `digits` of a whole number decide the precision that it has beside a decimal.
    Literal {
        /// Decimal digits of a number, else 0.
        digits: u8,
    },
    /// A column, with its name (the default name of a result column).
    Column(String),
    /// Anything else.
    Other,
}

impl Typed {
    /// An expression that is neither literal nor column.
    #[must_use]
    pub fn new(sql: impl Into<String>, sql_type: SqlType, nullable: bool) -> Self {
        Self {
            sql: sql.into(),
            sql_type,
            nullable,
            form: Form::Other,
        }
    }

    /// A bare NULL, which SQL Server types as int where nothing else decides.
    #[must_use]
    pub fn null() -> Self {
        Self {
            sql: "NULL".to_owned(),
            sql_type: SqlType::Int,
            nullable: true,
            form: Form::Null,
        }
    }

    /// Whether it is a bare NULL.
    #[must_use]
    pub fn is_bare_null(&self) -> bool {
        self.form == Form::Null
    }
}

/// A translated query. Its SQLite columns are `c0`, `c1`, … in order.
#[derive(Debug, Clone, PartialEq)]
pub struct TranslatedQuery {
    /// SQLite text.
    pub sql: String,
    /// Name, type and nullability of each result column.
    pub columns: Vec<crate::value::Column>,
}

impl TranslatedQuery {
    /// A column of this query as an expression over `{alias}`, the alias under which the query stands in a FROM.
    #[must_use]
    pub fn column(&self, alias: &str, position: usize) -> Option<Typed> {
        let column = self.columns.get(position)?;
        Some(Typed::new(
            format!("{alias}.c{position}"),
            column.sql_type,
            column.nullable,
        ))
    }
}

/// Names compare without case.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// A SQLite identifier.
#[must_use]
pub fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
