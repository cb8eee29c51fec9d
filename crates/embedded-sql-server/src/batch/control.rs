//! What changes the order of statements: IF, WHILE, RETURN, THROW.

use super::run::{Flow, Run};
use super::statement::{Condition, Statement};
use crate::error::SqlError;
use crate::failure::Failure;
use crate::value::{Length, SqlType, Value};

impl Run<'_> {
    pub(super) fn if_else(
        &mut self,
        condition: &Condition,
        then: &Statement,
        otherwise: Option<&Statement>,
    ) -> Result<Flow, Failure> {
        if self.holds(condition)? {
            return Ok(self.step(then));
        }
        Ok(otherwise.map_or(Flow::Next, |otherwise| self.step(otherwise)))
    }

    pub(super) fn repeat(
        &mut self,
        condition: &Condition,
        body: &Statement,
    ) -> Result<Flow, Failure> {
        while self.holds(condition)? {
            match self.step(body) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                flow => return Ok(flow),
            }
            if self.session.is_cancelled() {
                return Ok(self.cancelled());
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn leave(&mut self, status: Option<&Condition>) -> Result<Flow, Failure> {
        let Some(status) = status else {
            return Ok(Flow::Return(0));
        };
        let status = match self.typed_value(status, SqlType::Int)? {
            Value::Int(status) => i32::try_from(status).unwrap_or_default(),
            _ => 0,
        };
        Ok(Flow::Return(status))
    }

    pub(super) fn thrown(
        &mut self,
        number: &Condition,
        message: &Condition,
        state: &Condition,
    ) -> Result<Failure, Failure> {
        let number = match self.typed_value(number, SqlType::Int)? {
            Value::Int(number) => u32::try_from(number).unwrap_or_default(),
            _ => 0,
        };
        if !(50_000..=2_147_483_647).contains(&number) {
            let message = format!(
                "Error number {number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647."
            );
            return Err(SqlError::new(35100, message).into());
        }
        let message = super::run::text_of(
            self.typed_value(message, SqlType::NVarChar(Length::Limited(2048)))?,
        );
        let state = match self.typed_value(state, SqlType::Int)? {
            Value::Int(state) => u8::try_from(state).unwrap_or(1),
            _ => 1,
        };
        Ok(Failure {
            error: SqlError {
                state,
                ..SqlError::new(number, message)
            },
            thrown: true,
        })
    }
}
