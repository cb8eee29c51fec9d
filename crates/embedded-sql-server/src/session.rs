//! A session: what one connection has open on a database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::batch::frame::Frame;
use crate::batch::run::{Ending, Run};
use crate::batch::statement::{Action, Statement};
use crate::catalog::Catalog;
use crate::database::{Database, Engine};
use crate::definitions::statement::Definition;
use crate::failure::sqlite_error;
use crate::permissions::{Access, Findings};
use crate::translate::SessionFacts;
use crate::value::{Parameter, Value};
use crate::{
    error::SqlError,
    sink::{Returned, Sink},
};

/// One connection's variables, options and transaction. Its calls block while they wait for their turn.
/// Dropping it rolls back what is open and gives the lock free.
#[derive(Debug)]
pub struct Session {
    pub(crate) database: Database,
    pub(crate) id: u64,
    pub(crate) options: Options,
    pub(crate) transaction: Option<Transaction>,
    pub(crate) row_count: i64,
    pub(crate) table_variables: Vec<String>,
    /// Set while it is found out what a batch needs.
    pub(crate) explores: Option<Findings>,
    user: String,
    cancelled: Arc<AtomicBool>,
}

/// What SET changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Options {
    pub(crate) no_count: bool,
    pub(crate) xact_abort: bool,
    /// Whether reading and writing tables begins a transaction.
    pub(crate) implicit_transactions: bool,
    /// In milliseconds, -1 without limit; the database's own when not set.
    pub(crate) lock_timeout: Option<i32>,
}

/// An open transaction.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) descriptor: u64,
    /// `@@TRANCOUNT`
    pub(crate) depth: i32,
    /// Whether it read or wrote anything yet, and so holds the lock: BEGIN TRANSACTION alone waits for nobody.
    started: bool,
    /// What was defined when it started.
    catalog: Arc<Catalog>,
}

impl Session {
    pub(crate) fn new(database: Database, id: u64) -> Self {
        Self {
            database,
            id,
            options: Options::default(),
            transaction: None,
            row_count: 0,
            table_variables: Vec::new(),
            explores: None,
            user: "dbo".to_owned(),
            cancelled: Arc::default(),
        }
    }

    /// The database that it works on.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Names the login, for `SUSER_SNAME()`.
    pub fn set_user(&mut self, user: &str) {
        user.clone_into(&mut self.user);
    }

    /// Set it to end the running batch between two statements, or while it waits for its turn (attention).
    /// Who sets it takes it back before the next call: a call that is about to begin must be stopped by it too.
    #[must_use]
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }

    /// Runs a batch without parameters.
    pub fn batch(&mut self, text: &str, sink: &mut dyn Sink) {
        if let Some(statements) = self.parsed(text, sink) {
            Run::new(self, sink, Frame::new(1)).batch(&statements);
        }
    }

    /// `sp_executesql`: a batch with parameters, in a scope of its own (SET options end with it). Reports return status 0.
    pub fn execute_sql(&mut self, text: &str, parameters: &[Parameter], sink: &mut dyn Sink) {
        let Some(statements) = self.parsed(text, sink) else {
            return;
        };
        if let Some(user) = self.database_user() {
            self.database.ledger().sent(&user, text, parameters);
        }
        let mut frame = Frame::new(1);
        for parameter in parameters {
            frame
                .variables
                .declare(&parameter.name, parameter.sql_type, parameter.value.clone());
        }
        let options = self.options;
        let mut run = Run::new(self, sink, frame);
        let ending = run.module(&statements);
        let variables = run.frame.variables;
        self.options = options;
        if ending == Ending::Aborted {
            return;
        }
        sink.return_status(0);
        for parameter in parameters {
            if let (Some(place), Some(held)) = (parameter.returned, variables.get(&parameter.name))
            {
                sink.return_value(&Returned {
                    place,
                    name: &parameter.name,
                    sql_type: held.sql_type,
                    value: held.value.clone(),
                });
            }
        }
    }

    /// Whether a text is one that could be run, for `sp_prepare`: names are resolved when it runs. Reports what is wrong with it.
    pub fn check(&mut self, text: &str, sink: &mut dyn Sink) -> bool {
        self.parsed(text, sink).is_some()
    }

    /// Runs the body of the procedure that a batch defines, without its parameters' values.
    pub(crate) fn explore_body(&mut self, text: &str, sink: &mut dyn Sink) {
        let Some(statements) = self.parsed(text, sink) else {
            return;
        };
        for statement in statements.iter() {
            let Action::Define {
                definition:
                    Definition::CreateProcedure {
                        parameters, body, ..
                    },
                ..
            } = &statement.action
            else {
                continue;
            };
            let mut frame = Frame::new(1);
            for parameter in parameters {
                let variables = &mut frame.variables;
                variables.declare(&parameter.name, parameter.sql_type, Value::Null);
            }
            Run::new(self, sink, frame).batch(body);
        }
    }

    /// A stored procedure by name, and reports its return status.
    pub fn procedure(&mut self, name: &str, parameters: &[Parameter], sink: &mut dyn Sink) {
        Run::new(self, sink, Frame::new(1)).remote_call(name, parameters);
    }

    /// Rolls back what is open and sets all options back, as a pooled connection asks for (RESETCONNECTION).
    pub fn reset(&mut self) {
        self.abandon();
        self.options = Options::default();
        self.row_count = 0;
    }

    /// The descriptor of the open transaction, 0 without one.
    #[must_use]
    pub fn transaction_descriptor(&self) -> u64 {
        self.transaction
            .as_ref()
            .map_or(0, |transaction| transaction.descriptor)
    }

    fn parsed(&mut self, text: &str, sink: &mut dyn Sink) -> Option<Arc<[Statement]>> {
        self.database
            .parse(text)
            .inspect_err(|error| sink.error(error))
            .ok()
    }

    /// The user of the database that the login works as; None for the owner.
    pub(crate) fn database_user(&self) -> Option<String> {
        let catalog = self.database.catalog();
        catalog.principals.user_of(&self.user).map(str::to_owned)
    }

    /// Takes note of what a statement used; `done`: it was allowed and ran.
    pub(crate) fn note(&mut self, facts: &SessionFacts, accesses: &BTreeSet<Access>, done: bool) {
        if let Some(findings) = &mut self.explores {
            findings.note(accesses);
        }
        if facts.restricted && done {
            self.database.ledger().used(&facts.database_user, accesses);
        }
    }

    /// Whether the client gave the running batch up.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// `@@TRANCOUNT`
    pub(crate) fn transaction_count(&self) -> i32 {
        self.transaction
            .as_ref()
            .map_or(0, |transaction| transaction.depth)
    }

    /// What functions tell about the session, with the clock read now.
    pub(crate) fn facts(&self, frame: &Frame) -> SessionFacts {
        let database_user = self.database_user();
        SessionFacts {
            now: self.database.clock().now(),
            database: self.database.name().to_owned(),
            user: self.user.clone(),
            // Procedures and tables have one owner: inside a procedure nothing is asked.
            restricted: database_user.is_some() && frame.procedure.is_empty(),
            database_user: database_user.unwrap_or_else(|| "dbo".to_owned()),
            session_id: i16::try_from(self.id % 30_000).unwrap_or_default(),
            row_count: self.row_count,
            transaction_count: self.transaction_count(),
            transaction_state: i16::from(self.transaction.is_some()),
            scope_identity: frame.scope_identity,
            error: None,
            lock_timeout: self.options.lock_timeout.unwrap_or(-1),
        }
    }

    /// Reads or writes tables: waits for the turn, which lasts for `act`, or inside a transaction until its end.
    pub(crate) fn in_turn<T>(
        &mut self,
        act: impl FnOnce(&mut Engine, &Database) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.database
            .take_turn(self.id, self.options.lock_timeout, &self.cancelled)?;
        let mut engine = self.database.engine();
        let result = Self::started(&mut engine, &self.database, self.transaction.as_mut())
            .and_then(|()| act(&mut engine, &self.database));
        drop(engine);
        if self.transaction.is_none() {
            self.database.end_turn(self.id);
        }
        result
    }

    fn started(
        engine: &mut Engine,
        database: &Database,
        transaction: Option<&mut Transaction>,
    ) -> Result<(), SqlError> {
        if engine.connection.is_autocommit() {
            for leftover in std::mem::take(&mut engine.leftovers) {
                drop_table(engine, &leftover)?;
            }
        }
        if let Some(transaction) = transaction
            && !transaction.started
        {
            engine
                .connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(|error| sqlite_error(&error))?;
            transaction.started = true;
            transaction.catalog = database.catalog();
        }
        Ok(())
    }

    /// Writes: like [`Self::in_turn`], and an error undoes all of `act` but the IDENTITY values that it took.
    pub(crate) fn write<T>(
        &mut self,
        act: impl FnOnce(&mut Engine, &Database) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.in_turn(|engine, database| {
            let run = |engine: &Engine, text: &str| {
                engine
                    .connection
                    .execute_batch(text)
                    .map_err(|error| sqlite_error(&error))
            };
            run(engine, "SAVEPOINT statement")?;
            let catalog = database.catalog();
            let result = act(engine, database)
                .and_then(|done| engine.identities.save(&engine.connection).map(|()| done));
            if result.is_err() {
                run(engine, "ROLLBACK TO statement")?;
                database.set_catalog(catalog);
                engine.identities.rolled_back();
                engine.identities.save(&engine.connection)?;
            }
            run(engine, "RELEASE statement")?;
            result
        })
    }

    /// BEGIN TRANSACTION
    pub(crate) fn begin_transaction(&mut self, sink: &mut dyn Sink) {
        if let Some(transaction) = &mut self.transaction {
            transaction.depth += 1;
            return;
        }
        let descriptor = self.database.next_descriptor();
        self.transaction = Some(Transaction {
            descriptor,
            depth: 1,
            started: false,
            catalog: self.database.catalog(),
        });
        sink.transaction_began(descriptor);
    }

    /// COMMIT
    pub(crate) fn commit(&mut self, sink: &mut dyn Sink) -> Result<(), SqlError> {
        match &mut self.transaction {
            None => Err(SqlError::new(
                3902,
                "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.",
            )),
            Some(transaction) if transaction.depth > 1 => {
                transaction.depth -= 1;
                Ok(())
            }
            Some(transaction) => {
                if transaction.started {
                    let engine = self.database.engine();
                    engine
                        .connection
                        .execute_batch("COMMIT")
                        .map_err(|error| sqlite_error(&error))?;
                }
                let descriptor = transaction.descriptor;
                self.transaction = None;
                self.database.end_turn(self.id);
                sink.transaction_ended(descriptor, true);
                Ok(())
            }
        }
    }

    /// Rolls the open transaction back, whatever its depth. Answers whether there was one. The rows of table variables stay.
    pub(crate) fn roll_back(&mut self, sink: &mut dyn Sink) -> Result<bool, SqlError> {
        let Some(transaction) = self.transaction.take() else {
            return Ok(false);
        };
        let result = self.undo(&transaction);
        self.database.end_turn(self.id);
        sink.transaction_ended(transaction.descriptor, false);
        result.map(|()| true)
    }

    fn undo(&self, transaction: &Transaction) -> Result<(), SqlError> {
        if !transaction.started {
            return Ok(());
        }
        let mut engine = self.database.engine();
        let engine = &mut *engine;
        let kept =
            crate::batch::table_variables::take_rows(&engine.connection, &self.table_variables)?;
        // After some errors (out of memory, disk full) SQLite has rolled back by itself.
        if !engine.connection.is_autocommit() {
            engine
                .connection
                .execute_batch("ROLLBACK")
                .map_err(|error| sqlite_error(&error))?;
        }
        self.database.set_catalog(Arc::clone(&transaction.catalog));
        engine.identities.rolled_back();
        engine.identities.save(&engine.connection)?;
        crate::batch::table_variables::put_rows(&engine.connection, &kept)
    }

    fn abandon(&mut self) {
        struct Nobody;
        impl Sink for Nobody {
            fn columns(&mut self, _: &[crate::value::Column]) {}
            fn row(&mut self, _: &[crate::value::Value]) {}
            fn done(&mut self, _: Option<u64>) {}
            fn error(&mut self, _: &SqlError) {}
            fn info(&mut self, _: &str) {}
            fn transaction_began(&mut self, _: u64) {}
            fn transaction_ended(&mut self, _: u64, _: bool) {}
            fn database_changed(&mut self, _: &str, _: &str) {}
            fn return_status(&mut self, _: i32) {}
            fn return_value(&mut self, _: &crate::sink::Returned<'_>) {}
        }
        if let Err(error) = self.roll_back(&mut Nobody) {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// Table variables whose batch ended go when nobody is in a transaction.
    pub(crate) fn leave_table_variables(&mut self, from: usize) {
        let ended = self
            .table_variables
            .split_off(from.min(self.table_variables.len()));
        if !ended.is_empty() {
            self.database.engine().leftovers.extend(ended);
        }
    }
}

fn drop_table(engine: &Engine, name: &str) -> Result<(), SqlError> {
    let text = format!(
        "DROP TABLE IF EXISTS temp.{}",
        crate::translate::quote_name(name)
    );
    engine
        .connection
        .execute_batch(&text)
        .map_err(|error| sqlite_error(&error))
}

impl Drop for Session {
    fn drop(&mut self) {
        self.abandon();
        self.database.end_turn(self.id);
    }
}
