//! Procedure calls: EXEC, and calls by name from the wire.

use sqlparser::ast::Expr;

use super::evaluate;
use super::frame::Frame;
use super::run::{Ending, Flow, Run};
use super::statement::{Call, Callee};
use crate::catalog::{Procedure, ProcedureParameter};
use crate::error::SqlError;
use crate::failure::Failure;
use crate::permissions::{Accesses, Verb};
use crate::sink::Returned;
use crate::tds::arguments::not_an_output;
use crate::translate;
use crate::value::{Parameter, SqlType, Value};

/// How deep procedures may call each other.
const NESTING: usize = 32;

/// An argument with its value.
struct Given {
    name: Option<String>,
    value: Option<(Value, SqlType)>,
}

impl Run<'_> {
    /// EXEC
    pub(super) fn execute(&mut self, call: &Call) -> Result<Flow, Failure> {
        let procedure = match &call.procedure {
            Callee::Named(name) => self.find(name)?,
            Callee::InVariable(variable) => {
                let held = self
                    .frame
                    .variables
                    .get(variable)
                    .ok_or_else(|| translate::undeclared(variable))?;
                match &held.value {
                    Value::Text(name) => self.find(&without_schema(name))?,
                    _ => {
                        return Err(
                            SqlError::new(2812, "Could not find stored procedure ''.").into()
                        );
                    }
                }
            }
        };
        self.may_call(&procedure)?;
        let mut given = Vec::new();
        for argument in &call.arguments {
            let value = argument
                .value
                .as_ref()
                .map(|value| self.value(value))
                .transpose()?;
            given.push(Given {
                name: argument.name.clone(),
                value,
            });
        }
        let (ending, frame) = self.call(&procedure, given)?;
        let Ending::Finished(status) = ending else {
            return Ok(Flow::Abort);
        };
        for (position, argument) in call.arguments.iter().enumerate() {
            let Some(variable) = &argument.output else {
                continue;
            };
            let parameter = matching(&procedure, argument.name.as_deref(), position)?;
            if let Some(value) = frame.variables.get(&parameter.name) {
                self.put_variable(variable, &value.value, value.sql_type)?;
            }
        }
        if let Some(variable) = &call.status {
            self.put_variable(variable, &Value::Int(i64::from(status)), SqlType::Int)?;
        }
        self.sink.return_status(status);
        Ok(Flow::Next)
    }

    /// A procedure called by the client, by name.
    pub(crate) fn remote_call(&mut self, name: &str, parameters: &[Parameter]) {
        let given = parameters
            .iter()
            .map(|parameter| Given {
                name: Some(parameter.name.clone()).filter(|name| !name.is_empty()),
                value: Some((parameter.value.clone(), parameter.sql_type)),
            })
            .collect();
        let called = self.find(&without_schema(name)).and_then(|procedure| {
            self.may_call(&procedure)?;
            let asked_back = asked_back(&procedure, parameters)?;
            let (ending, frame) = self.call(&procedure, given)?;
            Ok((asked_back, ending, frame))
        });
        match called {
            Ok((asked_back, Ending::Finished(status), frame)) => {
                self.sink.return_status(status);
                for (place, given, declared) in asked_back {
                    if let Some(held) = frame.variables.get(&declared) {
                        self.sink.return_value(&Returned {
                            place,
                            name: given,
                            sql_type: held.sql_type,
                            value: held.value.clone(),
                        });
                    }
                }
            }
            Ok((_, Ending::Aborted, _)) => {}
            Err(error) => {
                self.fail(error.into(), 0);
            }
        }
    }

    pub(super) fn find(&self, name: &str) -> Result<std::sync::Arc<Procedure>, SqlError> {
        let catalog = self.session.database.catalog();
        let found = catalog.procedure(name).cloned();
        found.ok_or_else(|| SqlError {
            state: 62,
            ..SqlError::new(2812, format!("Could not find stored procedure '{name}'."))
        })
    }

    /// Error 229. From inside a procedure everything of the same owner may be called.
    fn may_call(&mut self, procedure: &Procedure) -> Result<(), SqlError> {
        let facts = self.session.facts(&self.frame);
        let accesses = Accesses::default();
        accesses.note(procedure.object_id, Verb::Execute, None);
        let accesses = accesses.noted();
        if facts.restricted {
            let catalog = self.session.database.catalog();
            let principals = &catalog.principals;
            principals.check(&catalog, &facts.database, &facts.database_user, &accesses)?;
        }
        self.session.note(&facts, &accesses, true);
        Ok(())
    }

    fn call(
        &mut self,
        procedure: &Procedure,
        given: Vec<Given>,
    ) -> Result<(Ending, Frame), SqlError> {
        if self.frame.nesting > NESTING {
            let message = "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).";
            return Err(SqlError::new(217, message));
        }
        let mut frame = Frame::new(self.frame.nesting + 1);
        frame.procedure.clone_from(&procedure.name);
        let mut given: Vec<Option<Given>> = given.into_iter().map(Some).collect();
        check_arguments(procedure, &given)?;
        for (position, parameter) in procedure.parameters.iter().enumerate() {
            let argument = given.iter_mut().enumerate().find_map(|(place, slot)| {
                let fits = match slot.as_ref()?.name.as_deref() {
                    Some(name) => name.eq_ignore_ascii_case(&parameter.name),
                    None => place == position,
                };
                if fits { slot.take() } else { None }
            });
            let (value, sql_type) = match (
                argument.and_then(|argument| argument.value),
                &parameter.default,
            ) {
                (Some(value), _) => value,
                (None, Some(default)) => self.default_of(default)?,
                (None, None) => {
                    let (name, parameter) = (&procedure.name, &parameter.name);
                    let message = format!(
                        "Procedure or function '{name}' expects parameter '{parameter}', which was not supplied."
                    );
                    return Err(SqlError {
                        state: 4,
                        ..SqlError::new(201, message)
                    });
                }
            };
            let value = translate::convert_value(&value, sql_type, parameter.sql_type)?;
            frame
                .variables
                .declare(&parameter.name, parameter.sql_type, value);
        }
        let options = self.session.options;
        let mut run = Run::new(&mut *self.session, &mut *self.sink, frame);
        let ending = run.module(&procedure.body);
        let frame = run.frame;
        self.session.options = options;
        Ok((ending, frame))
    }

    fn default_of(&mut self, default: &Expr) -> Result<(Value, SqlType), SqlError> {
        evaluate::with_translation(
            self.session,
            &Frame::new(1),
            false,
            |connection, statement| evaluate::value(connection, statement, default),
        )
    }
}

/// The bare name of a procedure that is named in a value.
pub(super) fn without_schema(name: &str) -> String {
    name.rsplit('.')
        .next()
        .unwrap_or(name)
        .trim_matches(['[', ']'])
        .to_owned()
}

/// The parameters whose values the client wants back: their place in its call, their name there, and as declared.
fn asked_back<'p>(
    procedure: &Procedure,
    parameters: &'p [Parameter],
) -> Result<Vec<(u16, &'p str, String)>, SqlError> {
    parameters
        .iter()
        .enumerate()
        .filter_map(|(position, given)| given.returned.map(|place| (position, given, place)))
        .map(|(position, given, place)| {
            let name = Some(given.name.as_str()).filter(|name| !name.is_empty());
            let declared = matching(procedure, name, position)?;
            if declared.output {
                Ok((place, given.name.as_str(), declared.name.clone()))
            } else {
                Err(not_an_output(&declared.name))
            }
        })
        .collect()
}

fn check_arguments(procedure: &Procedure, given: &[Option<Given>]) -> Result<(), SqlError> {
    let name = &procedure.name;
    if given.len() > procedure.parameters.len() {
        return Err(SqlError {
            state: 2,
            ..SqlError::new(
                8144,
                format!("Procedure or function {name} has too many arguments specified."),
            )
        });
    }
    for (position, argument) in given.iter().flatten().enumerate() {
        matching(procedure, argument.name.as_deref(), position)?;
    }
    Ok(())
}

fn matching<'p>(
    procedure: &'p Procedure,
    name: Option<&str>,
    position: usize,
) -> Result<&'p ProcedureParameter, SqlError> {
    let found = match name {
        Some(name) => procedure
            .parameters
            .iter()
            .find(|parameter| parameter.name.eq_ignore_ascii_case(name)),
        None => procedure.parameters.get(position),
    };
    found.ok_or_else(|| {
        let message = format!(
            "{} is not a parameter for procedure {}.",
            name.unwrap_or_default(),
            procedure.name
        );
        SqlError {
            state: 2,
            ..SqlError::new(8145, message)
        }
    })
}
