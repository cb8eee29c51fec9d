//! Runs the statements of a batch or a procedure, one after the other.

use super::evaluate;
use super::frame::Frame;
use super::statement::{Action, Condition, Declaration, SessionOption, Statement};
use super::table_variables;
use crate::failure::{Consequence, Failure};
use crate::translate;
use crate::value::{Length, SqlType, Value};
use crate::{definitions, error::SqlError, session::Session, sink::Sink};

/// A batch or procedure that runs.
pub(crate) struct Run<'s> {
    pub(super) session: &'s mut Session,
    pub(super) sink: &'s mut dyn Sink,
    pub(crate) frame: Frame,
}

/// How a batch or procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At its end or by RETURN, with this status.
    Finished(i32),
    /// By an error that ends the batch.
    Aborted,
}

/// What comes after a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
    Return(i32),
    Abort,
}

impl<'s> Run<'s> {
    /// Ready to run with these variables.
    pub(crate) fn new(session: &'s mut Session, sink: &'s mut dyn Sink, frame: Frame) -> Self {
        Self {
            session,
            sink,
            frame,
        }
    }

    /// A batch as the client sent it.
    pub(crate) fn batch(&mut self, statements: &[Statement]) -> Ending {
        let table_variables = self.session.table_variables.len();
        self.frame.declare_all(statements);
        let ending = match self.all(statements) {
            Flow::Abort => Ending::Aborted,
            Flow::Return(status) => Ending::Finished(status),
            _ => Ending::Finished(0),
        };
        self.session.leave_table_variables(table_variables);
        ending
    }

    /// A procedure's body, or the batch of `sp_executesql`: it must leave as many transactions open as it found (error 266).
    pub(crate) fn module(&mut self, statements: &[Statement]) -> Ending {
        let before = self.session.transaction_count();
        let ending = self.batch(statements);
        let after = self.session.transaction_count();
        if ending != Ending::Aborted && before != after {
            let message = format!(
                "Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = {before}, current count = {after}."
            );
            let error = SqlError {
                state: 2,
                ..SqlError::new(266, message)
            };
            self.fail(Failure::from(error), 0);
        }
        ending
    }

    fn all(&mut self, statements: &[Statement]) -> Flow {
        for statement in statements {
            let flow = self.step(statement);
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    pub(super) fn step(&mut self, statement: &Statement) -> Flow {
        if self.session.is_cancelled() {
            return self.cancelled();
        }
        match self.act(statement) {
            Ok(flow) => flow,
            Err(failure) => self.fail(failure, statement.line),
        }
    }

    /// The client gave the batch up: the transaction stays open, except with XACT_ABORT.
    pub(super) fn cancelled(&mut self) -> Flow {
        if self.session.options.xact_abort {
            self.roll_back();
        }
        Flow::Abort
    }

    fn roll_back(&mut self) {
        if let Err(error) = self.session.roll_back(self.sink) {
            self.sink.error(&error);
        }
    }

    /// Reports an error and decides what comes after it.
    pub(super) fn fail(&mut self, mut failure: Failure, line: u32) -> Flow {
        if self.session.is_cancelled() {
            return self.cancelled();
        }
        if failure.error.line == 0 {
            failure.error.line = line;
        }
        if failure.error.procedure.is_empty() {
            failure.error.procedure.clone_from(&self.frame.procedure);
        }
        if let Some(findings) = &mut self.session.explores {
            findings.failed(&failure.error);
            return Flow::Next;
        }
        self.sink.error(&failure.error);
        self.session.row_count = 0;
        match failure.consequence(self.session.options.xact_abort) {
            Consequence::Statement => Flow::Next,
            Consequence::Batch => Flow::Abort,
            Consequence::Transaction => {
                self.roll_back();
                Flow::Abort
            }
        }
    }

    fn act(&mut self, statement: &Statement) -> Result<Flow, Failure> {
        if let Some(result) = self.explored(&statement.action) {
            return result;
        }
        if self.session.options.implicit_transactions
            && self.session.transaction_count() == 0
            && statement.action.begins_implicitly()
        {
            self.session.begin_transaction(self.sink);
        }
        match &statement.action {
            Action::Block(statements) => return Ok(self.all(statements)),
            Action::If {
                condition,
                then,
                otherwise,
            } => return self.if_else(condition, then, otherwise.as_deref()),
            Action::While { condition, body } => return self.repeat(condition, body),
            Action::Break => return Ok(Flow::Break),
            Action::Continue => return Ok(Flow::Continue),
            Action::Return(status) => return self.leave(status.as_ref()),
            Action::Execute(call) => return self.execute(call),
            Action::Throw {
                number,
                message,
                state,
            } => return Err(self.thrown(number, message, state)?),
            Action::Select(_)
            | Action::Assign { .. }
            | Action::Insert(_)
            | Action::Update(_)
            | Action::Delete(_)
            | Action::Truncate(_) => self.rows(&statement.action)?,
            Action::BeginTransaction | Action::Commit | Action::Rollback => {
                self.transact(&statement.action)?;
            }
            Action::Declare(declarations) => self.declare(declarations)?,
            Action::DeclareTable { name, definition } => {
                table_variables::declare(self.session, &mut self.frame, name, definition)?;
            }
            Action::SetVariable { name, value } => {
                self.set_variable(name, value)?;
                self.session.row_count = 1;
            }
            Action::SetOption(option) => self.set_option(*option),
            Action::Print(message) => {
                let message = self.typed_value(message, SqlType::NVarChar(Length::Max))?;
                self.sink.info(&text_of(message));
                self.session.row_count = 0;
            }
            Action::Define { definition, text } => {
                definitions::define(self.session, definition, text)?;
                self.session.row_count = 0;
            }
            Action::Use(name) => self.use_database(name)?,
        }
        Ok(Flow::Next)
    }

    fn transact(&mut self, action: &Action) -> Result<(), SqlError> {
        match action {
            Action::BeginTransaction => self.session.begin_transaction(self.sink),
            Action::Commit => self.session.commit(self.sink)?,
            _ => {
                if !self.session.roll_back(self.sink)? {
                    return Err(SqlError::new(
                        3903,
                        "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.",
                    ));
                }
            }
        }
        self.session.row_count = 0;
        Ok(())
    }

    fn use_database(&mut self, name: &str) -> Result<(), SqlError> {
        let current = self.session.database.name();
        if !name.eq_ignore_ascii_case(current) {
            let message = format!(
                "Database '{name}' does not exist. Make sure that the name is entered correctly."
            );
            return Err(SqlError::new(911, message));
        }
        self.sink.database_changed(current, current);
        self.session.row_count = 0;
        Ok(())
    }

    fn declare(&mut self, declarations: &[Declaration]) -> Result<(), SqlError> {
        for declaration in declarations {
            if let Some(value) = &declaration.value {
                self.set_variable(&declaration.name, value)?;
            }
        }
        Ok(())
    }

    fn set_variable(&mut self, name: &str, value: &Condition) -> Result<(), SqlError> {
        let (value, sql_type) = self.value(value)?;
        self.put_variable(name, &value, sql_type)
    }

    pub(super) fn put_variable(
        &mut self,
        name: &str,
        value: &Value,
        sql_type: SqlType,
    ) -> Result<(), SqlError> {
        let declared = self
            .frame
            .variables
            .get(name)
            .ok_or_else(|| translate::undeclared(name))?
            .sql_type;
        let value = translate::convert_value(value, sql_type, declared)?;
        self.frame.variables.set(name, value)
    }

    pub(super) fn value(&mut self, condition: &Condition) -> Result<(Value, SqlType), SqlError> {
        evaluate::with_translation(
            self.session,
            &self.frame,
            condition.reads,
            |connection, statement| evaluate::value(connection, statement, &condition.expression),
        )
    }

    pub(super) fn typed_value(
        &mut self,
        condition: &Condition,
        sql_type: SqlType,
    ) -> Result<Value, SqlError> {
        let (value, from) = self.value(condition)?;
        translate::convert_value(&value, from, sql_type)
    }

    pub(super) fn holds(&mut self, condition: &Condition) -> Result<bool, SqlError> {
        let holds = evaluate::with_translation(
            self.session,
            &self.frame,
            condition.reads,
            |connection, statement| evaluate::holds(connection, statement, &condition.expression),
        )?;
        self.session.row_count = 0;
        Ok(holds)
    }

    fn set_option(&mut self, option: SessionOption) {
        let options = &mut self.session.options;
        match option {
            SessionOption::NoCount(on) => options.no_count = on,
            SessionOption::XactAbort(on) => options.xact_abort = on,
            SessionOption::ImplicitTransactions(on) => options.implicit_transactions = on,
            SessionOption::LockTimeout(milliseconds) => options.lock_timeout = Some(milliseconds),
            SessionOption::Nothing => {}
        }
        self.session.row_count = 0;
    }
}

pub(super) fn text_of(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        _ => String::new(),
    }
}
