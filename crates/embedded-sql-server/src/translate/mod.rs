//! From the tree of a T-SQL query or expression to SQLite text with bound parameters,
//! with SQL Server's type for every expression. The tree is translated, never the text.
//!
//! The way in: make a [`Statement`], a [`Scope`] on it, fill its sources with [`from_clause`] or [`RowSource::of_table`],
//! translate with [`expression`], [`condition`] or [`query`], run the text with [`Statement::bindings_for`],
//! and read the result with [`decode`].

// Signatures that the interpreter builds on:
//   expression::expression(scope: &Scope<'_>, e: &ast::Expr) -> Result<Typed, SqlError>
//   condition::condition(scope: &Scope<'_>, e: &ast::Expr) -> Result<String, SqlError>
//   query::query(scope: &Scope<'_>, q: &ast::Query) -> Result<TranslatedQuery, SqlError>
//   query::common_tables(scope: &mut Scope<'_>, with: &ast::With) -> Result<String, SqlError>   // "WITH … " to put before the statement; declares the CTEs in the scope
//   source::from_clause(scope: &mut Scope<'_>, from: &[ast::TableWithJoins]) -> Result<String, SqlError>   // text after FROM, sources added to the scope
//   source::apply_target … none: UPDATE/DELETE find their target with scope.source(name)
//   conversion::convert(t: Typed, to: SqlType) -> Result<Typed, SqlError>          // SET @x = …, CAST: text too long is cut silently
//   conversion::assign(t: Typed, to: SqlType, table: &str, column: &str) -> Result<Typed, SqlError>   // INSERT, UPDATE: text too long is 2628
//   conversion::data_type(t: &ast::DataType) -> Result<SqlType, SqlError>          // declared types
//   conversion::encode(value: &Value, as_type: SqlType) -> Result<rusqlite::types::Value, SqlError>
//   conversion::decode(value: rusqlite::types::ValueRef<'_>, as_type: SqlType) -> Result<Value, SqlError>
//   conversion::convert_value(value: &Value, from: SqlType, to: SqlType) -> Result<Value, SqlError>   // a parameter to the type of a variable, without SQLite
//   crate::scalar_functions::register(connection: &rusqlite::Connection) -> rusqlite::Result<()>
//   crate::scalar_functions::server_error(message: &str) -> Option<SqlError>       // "mssql:<number>:<text>" back to an error

pub mod scope;

pub use scope::{
    Cte, Form, Grouping, RowSource, Scope, SessionFacts, SourceColumn, Statement, TableVariable, TableVariables,
    TranslatedQuery, Typed, Variable, Variables,
};
