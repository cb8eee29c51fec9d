//! Statements that read or write rows: what they send, count and assign.

use sqlparser::ast::{Query, SetExpr};

use super::evaluate;
use super::run::Run;
use super::statement::{Action, Reading};
use crate::error::SqlError;
use crate::writes::{self, Written};

impl Run<'_> {
    /// SELECT, INSERT, UPDATE, DELETE and TRUNCATE.
    pub(super) fn rows(&mut self, action: &Action) -> Result<(), SqlError> {
        let written = match action {
            Action::Select(reading) => return self.select(reading),
            Action::Assign { targets, reading } => return self.assign(targets, reading),
            Action::Insert(insert) => writes::run(self.session, &self.frame, |context| {
                writes::insert::insert(context, insert)
            })?,
            Action::Update(update) => writes::run(self.session, &self.frame, |context| {
                writes::update::update(context, update)
            })?,
            Action::Delete(delete) => writes::run(self.session, &self.frame, |context| {
                writes::delete::delete(context, delete)
            })?,
            Action::Truncate(table) => writes::run(self.session, &self.frame, |context| {
                writes::delete::truncate(context, table)
            })?,
            _ => return Err(SqlError::unsupported("this statement")),
        };
        self.written(written)
    }

    fn select(&mut self, reading: &Reading) -> Result<(), SqlError> {
        let (session, sink) = (&mut *self.session, &mut *self.sink);
        let count = evaluate::with_translation(
            session,
            &self.frame,
            reading.reads,
            |connection, statement| evaluate::send(connection, statement, &reading.query, sink),
        )?;
        self.counted(count);
        Ok(())
    }

    fn assign(&mut self, targets: &[String], reading: &Reading) -> Result<(), SqlError> {
        let (last, types, count) = evaluate::with_translation(
            self.session,
            &self.frame,
            reading.reads,
            |connection, statement| evaluate::last_row(connection, statement, &reading.query),
        )?;
        if let Some(row) = last {
            refuse_running_totals(targets, &reading.query, count)?;
            for ((target, value), sql_type) in targets.iter().zip(row).zip(types) {
                self.put_variable(target, &value, sql_type)?;
            }
        }
        self.session.row_count = count;
        Ok(())
    }

    fn counted(&mut self, count: i64) {
        self.session.row_count = count;
        let told = if self.session.options.no_count {
            None
        } else {
            u64::try_from(count).ok()
        };
        self.sink.done(told);
    }

    /// Sends what a write has to tell.
    fn written(&mut self, written: Written) -> Result<(), SqlError> {
        if let Some(output) = written.output {
            self.sink.columns(&output.columns);
            for row in &output.rows {
                self.sink.row(row);
            }
        }
        for (name, value, sql_type) in written.variables {
            self.put_variable(&name, &value, sql_type)?;
        }
        if written.identity.is_some() {
            self.frame.scope_identity = written.identity;
        }
        self.counted(written.count);
        Ok(())
    }
}

/// `SELECT @sum = @sum + x FROM …` over several rows adds them up in SQL Server, in an order that nothing promises.
fn refuse_running_totals(targets: &[String], query: &Query, rows: i64) -> Result<(), SqlError> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return Ok(());
    };
    let mentions = |target: &String| {
        select.projection.iter().any(|item| {
            let text = item.to_string().to_lowercase();
            text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '$')))
                .any(|word| word == target.to_lowercase())
        })
    };
    if rows > 1 && targets.iter().any(mentions) {
        return Err(SqlError::unsupported(
            "SELECT @variable = an expression with that variable, over several rows",
        ));
    }
    Ok(())
}
