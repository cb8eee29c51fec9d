//! From the tree of a T-SQL query or expression to SQLite text with bound parameters,
//! with SQL Server's type for every expression. The tree is translated, never the text.
//!
//! The way in: make a [`Statement`], a [`Scope`] on it, fill its sources with [`from_clause`] or [`RowSource::of_table`],
//! translate with [`expression`], [`condition`] or [`query`], run the text with [`Statement::bindings_for`],
//! and read the result with [`decode`].

mod aggregates;
pub(crate) mod binary_conversion;
mod common_tables;
mod condition;
pub mod conversion;
mod date_functions;
mod declared;
mod expression;
mod few_rows;
mod functions;
mod inference;
mod json_functions;
mod literals;
mod metadata;
pub(crate) mod moments;
mod names;
mod number_functions;
mod operators;
mod query;
mod rows_of_json;
pub mod scope;
mod select;
mod select_items;
mod session_functions;
mod source;
mod storage;
mod subqueries;
mod system_views;
mod text_functions;
mod text_measures;
pub(crate) mod text_of;
mod value_conversion;
mod variables;

pub use common_tables::common_tables;
pub use condition::condition;
pub use conversion::{assign, convert, convert_value, data_type, decode, encode};
pub use expression::expression;
pub(crate) use few_rows::with_hints;
pub use query::{query, row_limit};
pub use scope::{
    Cte, Form, Grouping, RowSource, Scope, SourceColumn, Statement, TranslatedQuery, Typed,
    quote_name, same_name,
};
pub use source::from_clause;
pub use variables::{SessionFacts, TableVariable, TableVariables, Variable, Variables, undeclared};

/// A SQLite text literal. Text with a NUL, which would end it, is put together from its bytes.
#[must_use]
pub fn text_literal(text: &str) -> String {
    if text.contains('\0') {
        return format!(
            "CAST(x'{}' AS TEXT)",
            binary_conversion::hex(text.as_bytes())
        );
    }
    format!("'{}'", text.replace('\'', "''"))
}
