//! A batch that is explored: every statement runs, whichever way the batch would go, and nothing ends it early.

use super::run::{Flow, Run};
use super::statement::{Action, Call, Callee};
use crate::failure::Failure;
use crate::permissions::Verb;
use crate::value::Value;

impl Run<'_> {
    /// What a statement does differently while it is found out what the batch needs. None: what it always does.
    pub(super) fn explored(&mut self, action: &Action) -> Option<Result<Flow, Failure>> {
        self.session.explores.as_ref()?;
        match action {
            Action::If {
                condition,
                then,
                otherwise,
            } => {
                let asked = self.holds(condition).map(|_| Flow::Next);
                self.step(then);
                if let Some(otherwise) = otherwise {
                    self.step(otherwise);
                }
                Some(asked.map_err(Failure::from))
            }
            Action::While { condition, body } => {
                let asked = self.holds(condition).map(|_| Flow::Next);
                self.step(body);
                Some(asked.map_err(Failure::from))
            }
            Action::Execute(call) => Some(self.explored_call(call)),
            Action::Break
            | Action::Continue
            | Action::Return(_)
            | Action::Throw { .. }
            | Action::BeginTransaction
            | Action::Commit
            | Action::Rollback
            | Action::Truncate(_)
            | Action::Define { .. }
            | Action::Use(_) => Some(Ok(Flow::Next)),
            _ => None,
        }
    }

    fn explored_call(&mut self, call: &Call) -> Result<Flow, Failure> {
        for argument in call.arguments.iter().filter_map(|it| it.value.as_ref()) {
            self.value(argument)?;
        }
        let name = match &call.procedure {
            Callee::Named(name) => Some(name.clone()),
            Callee::InVariable(variable) => match self.frame.variables.get(variable) {
                Some(held) => match &held.value {
                    Value::Text(name) => Some(super::calls::without_schema(name)),
                    _ => None,
                },
                None => None,
            },
        };
        // Names are resolved when a statement runs: a procedure that does not exist is on a way that is not gone.
        let found = name.and_then(|name| self.find(&name).ok());
        if let (Some(procedure), Some(findings)) = (found, &mut self.session.explores) {
            findings.called(procedure.object_id, Verb::Execute);
        }
        Ok(Flow::Next)
    }
}
