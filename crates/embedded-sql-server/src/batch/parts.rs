//! The parts of a statement that sqlparser reads: expressions, queries, FROM lists, types.

use sqlparser::ast::{DataType, Expr, Query, SelectItem, TableWithJoins, With};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::{Cursor, DIALECT};
use crate::error::SqlError;

impl Cursor<'_> {
    /// An expression, as far as sqlparser reads.
    pub(crate) fn expression(&mut self) -> Result<Expr, SqlError> {
        self.parse(Parser::parse_expr)
    }

    /// A query (SELECT, or WITH … SELECT), as far as sqlparser reads.
    pub(crate) fn query(&mut self) -> Result<Query, SqlError> {
        let mut tokens = self.tokens[self.at..self.end].to_vec();
        fetch_variables(&mut tokens);
        self.parse_tokens(tokens, |parser| parser.parse_query().map(|query| *query))
    }

    /// The common table expressions of a statement that begins WITH.
    pub(crate) fn with(&mut self) -> Result<With, SqlError> {
        // sqlparser reads WITH only as a part of a query, so it gets a query of these CTEs that does nothing else.
        let end = self.until(&["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]);
        let part = self.cut(end);
        let mut tokens = part.tokens[part.at..part.end].to_vec();
        tokens.push(TokenWithSpan::wrap(Token::make_keyword("SELECT")));
        tokens.push(TokenWithSpan::wrap(Token::Number("1".to_owned(), false)));
        let incorrect = part.incorrect();
        let query = Parser::new(&DIALECT)
            .with_tokens_with_locations(tokens)
            .parse_query()
            .map_err(|error| syntax(&error, &incorrect))?;
        query.with.ok_or(incorrect)
    }

    /// A select list.
    pub(crate) fn select_list(&mut self) -> Result<Vec<SelectItem>, SqlError> {
        self.parse(Parser::parse_projection)
    }

    /// The tables after FROM.
    pub(crate) fn tables(&mut self) -> Result<Vec<TableWithJoins>, SqlError> {
        self.parse(|parser| parser.parse_comma_separated(Parser::parse_table_and_joins))
    }

    /// A declared type.
    pub(crate) fn data_type(&mut self) -> Result<DataType, SqlError> {
        self.parse(Parser::parse_data_type)
    }

    fn parse<T>(
        &mut self,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Result<T, SqlError> {
        self.parse_tokens(self.tokens[self.at..self.end].to_vec(), read)
    }

    fn parse_tokens<T>(
        &mut self,
        tokens: Vec<TokenWithSpan>,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Result<T, SqlError> {
        let mut parser = Parser::new(&DIALECT).with_tokens_with_locations(tokens);
        let parsed = read(&mut parser).map_err(|error| syntax(&error, &self.incorrect()))?;
        self.at = (self.at + parser.index()).min(self.end);
        Ok(parsed)
    }
}

/// `FETCH NEXT @n ROWS ONLY`: sqlparser takes a literal or a placeholder there, so the variable becomes a placeholder of its name.
fn fetch_variables(tokens: &mut [TokenWithSpan]) {
    let words: Vec<usize> = (0..tokens.len())
        .filter(|at| !matches!(tokens[*at].token, Token::Whitespace(_)))
        .collect();
    for three in words.windows(3) {
        let [fetch, next, count] = *three else {
            continue;
        };
        let is = |at: usize, keywords: &[Keyword]| matches!(&tokens[at].token, Token::Word(word) if keywords.contains(&word.keyword));
        if is(fetch, &[Keyword::FETCH])
            && is(next, &[Keyword::NEXT, Keyword::FIRST])
            && let Token::Word(word) = &tokens[count].token
            && word.value.starts_with('@')
        {
            tokens[count].token = Token::Placeholder(word.value.clone());
        }
    }
}

/// What sqlparser could not read: a mistake for SQL Server too, or a construct that sqlparser does not know.
fn syntax(error: &ParserError, place: &SqlError) -> SqlError {
    let said = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            message.as_str()
        }
        ParserError::RecursionLimitExceeded => "too deeply nested",
    };
    SqlError {
        message: format!("{} ({said})", place.message),
        ..place.clone()
    }
}
