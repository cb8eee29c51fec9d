//! From the tokens of a batch to its statements: control flow, variables, transactions, EXEC.

use sqlparser::ast::{BinaryOperator, Expr, Ident};
use sqlparser::tokenizer::Token;

use super::boundary::end_of_statement;
use super::cursor::{Cursor, tokenize};
use super::execute::execute;
use super::options::session_option;
use super::select::select;
use super::statement::{Action, Condition, Declaration, Statement};
use crate::{definitions, error::SqlError, permissions, translate::data_type, writes};

/// The statements of a batch. A batch with a mistake anywhere runs not at all.
pub(crate) fn batch(text: &str) -> Result<Vec<Statement>, SqlError> {
    let tokens = tokenize(text)?;
    let mut parser = StatementParser { text };
    let statements = parser.statements(&mut Cursor::new(&tokens))?;
    super::declared_once::check(&statements)?;
    Ok(statements)
}

/// Reads statements of a batch with this text.
pub(crate) struct StatementParser<'t> {
    text: &'t str,
}

impl StatementParser<'_> {
    /// All statements up to the cursor's end.
    pub(crate) fn statements(
        &mut self,
        cursor: &mut Cursor<'_>,
    ) -> Result<Vec<Statement>, SqlError> {
        let mut statements = Vec::new();
        loop {
            skip_semicolons(cursor);
            if cursor.is_done() {
                return Ok(statements);
            }
            statements.push(self.statement(cursor)?);
        }
    }

    fn statement(&mut self, cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
        let line = cursor.line();
        let word = cursor.word(0).unwrap_or_default();
        let action = match word.as_str() {
            "BEGIN" => self.begin(cursor)?,
            "IF" => self.if_else(cursor)?,
            "WHILE" => {
                let condition = header(cursor)?;
                Action::While {
                    condition,
                    body: Box::new(self.statement(cursor)?),
                }
            }
            "CREATE" | "ALTER" if definitions::is_procedure(cursor) => {
                definitions::procedure(cursor, self)?
            }
            _ => {
                let mut part = cursor.cut(end_of_statement(cursor));
                let action = self
                    .simple(&word, &mut part)
                    .map_err(|error| part.locate(error))?;
                if part.take("OPTION") {
                    // Query hints do not change what a statement means.
                    let end = part.closing_parenthesis()?;
                    part.cut(end + 1);
                }
                part.expect_done()?;
                action
            }
        };
        Ok(Statement { line, action })
    }

    fn begin(&mut self, cursor: &mut Cursor<'_>) -> Result<Action, SqlError> {
        let refused = [
            "TRY",
            "CATCH",
            "DISTRIBUTED",
            "ATOMIC",
            "DIALOG",
            "CONVERSATION",
        ];
        if let Some(word) = refused.iter().find(|word| cursor.is_at(1, word)) {
            return Err(cursor.locate(SqlError::unsupported(format_args!("BEGIN {word}"))));
        }
        if cursor.is_at(1, "TRAN") || cursor.is_at(1, "TRANSACTION") {
            let mut part = cursor.cut(end_of_statement(cursor));
            part.skip();
            transaction_name(&mut part)?;
            part.expect_done()?;
            return Ok(Action::BeginTransaction);
        }
        cursor.skip();
        let mut statements = Vec::new();
        loop {
            skip_semicolons(cursor);
            if cursor.take("END") {
                return if statements.is_empty() {
                    Err(cursor.incorrect())
                } else {
                    Ok(Action::Block(statements))
                };
            }
            if cursor.is_done() {
                return Err(cursor.incorrect());
            }
            statements.push(self.statement(cursor)?);
        }
    }

    fn if_else(&mut self, cursor: &mut Cursor<'_>) -> Result<Action, SqlError> {
        let condition = header(cursor)?;
        let then = Box::new(self.statement(cursor)?);
        let mut after = cursor.clone();
        skip_semicolons(&mut after);
        let otherwise = if after.take("ELSE") {
            *cursor = after;
            Some(Box::new(self.statement(cursor)?))
        } else {
            None
        };
        Ok(Action::If {
            condition,
            then,
            otherwise,
        })
    }

    /// A statement that holds no other.
    fn simple(&mut self, word: &str, part: &mut Cursor<'_>) -> Result<Action, SqlError> {
        match word {
            "DECLARE" => declare(part),
            "SET" => set(part),
            "SELECT" => select(part),
            "WITH" => match part.word_of_statement() {
                Some("INSERT") => writes::parse::insert(part),
                Some("UPDATE") => writes::parse::update(part),
                Some("DELETE") => writes::parse::delete(part),
                _ => select(part),
            },
            "INSERT" if part.is_at(1, "BULK") => {
                Err(SqlError::unsupported("INSERT BULK (bulk load)"))
            }
            "INSERT" => writes::parse::insert(part),
            "UPDATE" => writes::parse::update(part),
            "DELETE" => writes::parse::delete(part),
            _ if permissions::is_security(part) => permissions::security(part, self.text),
            "CREATE" | "ALTER" | "DROP" => definitions::parse::definition(part, self.text),
            "TRUNCATE" => {
                part.skip();
                part.expect("TABLE")?;
                Ok(Action::Truncate(part.object_name()?))
            }
            "COMMIT" | "ROLLBACK" => {
                part.skip();
                transaction_name(part)?;
                Ok(if word == "COMMIT" {
                    Action::Commit
                } else {
                    Action::Rollback
                })
            }
            "EXEC" | "EXECUTE" => execute(part),
            "THROW" => throw(part),
            "RETURN" => {
                part.skip();
                let status = if part.is_done() {
                    None
                } else {
                    Some(condition(part)?)
                };
                Ok(Action::Return(status))
            }
            "PRINT" => {
                part.skip();
                Ok(Action::Print(condition(part)?))
            }
            "BREAK" | "CONTINUE" => {
                part.skip();
                Ok(if word == "BREAK" {
                    Action::Break
                } else {
                    Action::Continue
                })
            }
            "USE" => {
                part.skip();
                Ok(Action::Use(part.name()?))
            }
            "SAVE" | "RAISERROR" | "MERGE" | "WAITFOR" | "GOTO" | "BULK" | "DENY" | "REVOKE"
            | "KILL" | "DBCC" | "OPEN" | "FETCH" | "CLOSE" | "DEALLOCATE" | "BACKUP"
            | "RESTORE" | "CHECKPOINT" | "LABEL" => {
                Err(SqlError::unsupported(format_args!("the statement {word}")))
            }
            _ => Err(part.incorrect()),
        }
    }
}

impl StatementParser<'_> {
    /// The batch's text.
    pub(crate) fn text(&self) -> &str {
        self.text
    }
}

impl Cursor<'_> {
    /// What kind of statement comes after the common table expressions of a WITH.
    fn word_of_statement(&self) -> Option<&'static str> {
        let mut look = self.clone();
        let end = look.until(&["SELECT", "INSERT", "UPDATE", "DELETE"]);
        look.cut(end);
        ["SELECT", "INSERT", "UPDATE", "DELETE"]
            .into_iter()
            .find(|word| look.is(word))
    }
}

/// The condition of an IF or WHILE.
fn header(cursor: &mut Cursor<'_>) -> Result<Condition, SqlError> {
    let mut part = cursor.cut(end_of_statement(cursor));
    part.skip();
    let condition = condition(&mut part)?;
    part.expect_done()?;
    Ok(condition)
}

fn skip_semicolons(cursor: &mut Cursor<'_>) {
    while cursor.take_token(&Token::SemiColon) {}
}

/// Whether the rest of a statement reads tables or asks what is defined. Both wait for the transaction that changes them.
pub(super) fn reads(part: &Cursor<'_>) -> bool {
    const ASKS: [&str; 7] = [
        "FROM",
        "OBJECT_ID",
        "OBJECT_NAME",
        "COL_LENGTH",
        "COL_NAME",
        "DATABASE_PRINCIPAL_ID",
        "SUSER_ID",
    ];
    ASKS.iter().any(|word| part.mentions(word))
}

/// An expression, with whether it reads tables.
pub(crate) fn condition(part: &mut Cursor<'_>) -> Result<Condition, SqlError> {
    let reads = reads(part);
    Ok(Condition {
        expression: part.expression()?,
        reads,
    })
}

fn transaction_name(part: &mut Cursor<'_>) -> Result<(), SqlError> {
    let _ = part.take("TRAN") || part.take("TRANSACTION") || part.take("WORK");
    if part.is_done() {
        Ok(())
    } else {
        Err(SqlError::unsupported("a named transaction"))
    }
}

fn declare(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    part.skip();
    if part.is_at(1, "TABLE") || part.is_at(2, "TABLE") {
        let name = part.variable()?;
        part.take("AS");
        part.expect("TABLE")?;
        return Ok(Action::DeclareTable {
            name,
            definition: definitions::parse::table_body(part)?,
        });
    }
    let mut declarations = Vec::new();
    loop {
        let name = part.variable()?;
        part.take("AS");
        let sql_type = data_type(&part.data_type()?)?;
        let value = if part.take_token(&Token::Eq) {
            Some(condition(part)?)
        } else {
            None
        };
        declarations.push(Declaration {
            name,
            sql_type,
            value,
        });
        if !part.take_token(&Token::Comma) {
            return Ok(Action::Declare(declarations));
        }
    }
}

fn set(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    part.skip();
    let Some(name) = part.peek_variable(0).map(str::to_owned) else {
        return session_option(part).map(Action::SetOption);
    };
    part.skip();
    let operator = assignment_operator(part)?;
    let mut value = condition(part)?;
    value.expression = written_out(
        Expr::Identifier(Ident::new(&name)),
        operator,
        value.expression,
    );
    Ok(Action::SetVariable { name, value })
}

/// `=`, or the operator of `+=` and its like.
pub(crate) fn assignment_operator(
    part: &mut Cursor<'_>,
) -> Result<Option<BinaryOperator>, SqlError> {
    let operator = match part.peek(0) {
        Some(Token::Eq) => None,
        Some(Token::Plus) => Some(BinaryOperator::Plus),
        Some(Token::Minus) => Some(BinaryOperator::Minus),
        Some(Token::Mul) => Some(BinaryOperator::Multiply),
        Some(Token::Div) => Some(BinaryOperator::Divide),
        Some(Token::Mod) => Some(BinaryOperator::Modulo),
        Some(Token::Ampersand) => Some(BinaryOperator::BitwiseAnd),
        Some(Token::Pipe) => Some(BinaryOperator::BitwiseOr),
        Some(Token::Caret) => Some(BinaryOperator::BitwiseXor),
        _ => return Err(part.incorrect()),
    };
    part.skip();
    if operator.is_some() {
        part.expect_token(&Token::Eq)?;
    }
    Ok(operator)
}

/// `target op= value` as `target op (value)`.
pub(crate) fn written_out(target: Expr, operator: Option<BinaryOperator>, value: Expr) -> Expr {
    match operator {
        None => value,
        Some(op) => Expr::BinaryOp {
            left: Box::new(target),
            op,
            right: Box::new(Expr::Nested(Box::new(value))),
        },
    }
}

fn throw(part: &mut Cursor<'_>) -> Result<Action, SqlError> {
    part.skip();
    if part.is_done() {
        return Err(SqlError::unsupported(
            "THROW without a number (there is no CATCH)",
        ));
    }
    let number = condition(part)?;
    part.expect_token(&Token::Comma)?;
    let message = condition(part)?;
    part.expect_token(&Token::Comma)?;
    let state = condition(part)?;
    Ok(Action::Throw {
        number,
        message,
        state,
    })
}
