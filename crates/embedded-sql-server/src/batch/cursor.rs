//! A place in the tokens of a batch, from which statements are read word by word
//! and their queries, expressions and FROM lists by sqlparser.

use sqlparser::dialect::MsSqlDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::error::SqlError;

pub(super) static DIALECT: MsSqlDialect = MsSqlDialect {};

/// The tokens of a batch, without blanks and comments.
pub(crate) fn tokenize(text: &str) -> Result<Vec<TokenWithSpan>, SqlError> {
    let mut tokens = Tokenizer::new(&DIALECT, text)
        .tokenize_with_location()
        .map_err(|error| at_line(SqlError::new(105, error.message), error.location.line))?;
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_) | Token::EOF));
    Ok(tokens)
}

/// A place in some tokens. Reading past the end answers nothing.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    pub(super) tokens: &'a [TokenWithSpan],
    pub(super) at: usize,
    pub(super) end: usize,
}

impl<'a> Cursor<'a> {
    /// At the first of these tokens.
    pub(crate) fn new(tokens: &'a [TokenWithSpan]) -> Self {
        Self {
            tokens,
            at: 0,
            end: tokens.len(),
        }
    }

    /// A cursor over the tokens from here up to `end`, an index of [`Self::position`]'s kind; this one goes on there.
    pub(crate) fn cut(&mut self, end: usize) -> Self {
        let part = Self {
            tokens: self.tokens,
            at: self.at,
            end: end.clamp(self.at, self.end),
        };
        self.at = part.end;
        part
    }

    /// The index of the next token.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Whether nothing is left.
    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.end
    }

    /// The token that comes `ahead` after the next.
    pub(crate) fn peek(&self, ahead: usize) -> Option<&'a Token> {
        self.tokens[..self.end]
            .get(self.at + ahead)
            .map(|token| &token.token)
    }

    /// The token before the next, within the batch.
    pub(crate) fn previous(&self) -> Option<&'a Token> {
        self.at
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index))
            .map(|token| &token.token)
    }

    /// The bare word that comes `ahead` after the next token, in capitals.
    pub(crate) fn word(&self, ahead: usize) -> Option<String> {
        self.peek(ahead).and_then(bare_word)
    }

    /// Whether the next token is this bare word (given in capitals).
    pub(crate) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Whether the token `ahead` after the next is this bare word (given in capitals).
    pub(crate) fn is_at(&self, ahead: usize, word: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Word(it)) if it.quote_style.is_none() && it.value.eq_ignore_ascii_case(word))
    }

    /// Goes past the next token when it is this bare word (given in capitals).
    pub(crate) fn take(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    /// Goes past these words (given in capitals) when all of them come next.
    pub(crate) fn take_all(&mut self, words: &[&str]) -> bool {
        let found = words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.is_at(ahead, word));
        if found {
            self.at += words.len();
        }
        found
    }

    /// Goes past the next token when it is this one.
    pub(crate) fn take_token(&mut self, token: &Token) -> bool {
        let found = self.peek(0) == Some(token);
        self.at += usize::from(found);
        found
    }

    /// Goes past the next token.
    pub(crate) fn skip(&mut self) {
        self.at = (self.at + 1).min(self.end);
    }

    /// This bare word must come next.
    pub(crate) fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.incorrect())
        }
    }

    /// This token must come next.
    pub(crate) fn expect_token(&mut self, token: &Token) -> Result<(), SqlError> {
        if self.take_token(token) {
            Ok(())
        } else {
            Err(self.incorrect())
        }
    }

    /// Nothing may be left.
    pub(crate) fn expect_done(&self) -> Result<(), SqlError> {
        if self.is_done() {
            Ok(())
        } else {
            Err(self.incorrect())
        }
    }

    /// A name, bare or quoted; bare it must not be a variable.
    pub(crate) fn name(&mut self) -> Result<String, SqlError> {
        match self.peek(0) {
            Some(Token::Word(word))
                if word.quote_style.is_some() || !word.value.starts_with('@') =>
            {
                self.at += 1;
                Ok(word.value.clone())
            }
            _ => Err(self.incorrect()),
        }
    }

    /// The name of an object of schema dbo, or without schema.
    pub(crate) fn object_name(&mut self) -> Result<String, SqlError> {
        let mut parts = vec![self.name()?];
        while self.take_token(&Token::Period) {
            parts.push(self.name()?);
        }
        let name = parts.pop().unwrap_or_default();
        match parts.as_slice() {
            [] => {}
            [schema] if schema.eq_ignore_ascii_case("dbo") => {}
            _ => {
                return Err(self.locate(SqlError::unsupported(format_args!(
                    "the name {}.{name}",
                    parts.join(".")
                ))));
            }
        }
        if name.starts_with('#') {
            return Err(self.locate(SqlError::unsupported(format_args!(
                "the temporary table {name}"
            ))));
        }
        Ok(name)
    }

    /// The name of a variable, with its `@`.
    pub(crate) fn variable(&mut self) -> Result<String, SqlError> {
        let name = self.peek_variable(0).ok_or_else(|| self.incorrect())?;
        self.at += 1;
        Ok(name.to_owned())
    }

    /// The variable `ahead` after the next token, with its `@`.
    pub(crate) fn peek_variable(&self, ahead: usize) -> Option<&'a str> {
        match self.peek(ahead) {
            Some(Token::Word(word))
                if word.quote_style.is_none()
                    && word.value.starts_with('@')
                    && !word.value.starts_with("@@") =>
            {
                Some(&word.value)
            }
            _ => None,
        }
    }

    /// A whole number, with or without minus.
    pub(crate) fn whole_number(&mut self) -> Result<i64, SqlError> {
        let negative = self.take_token(&Token::Minus);
        let number = match self.peek(0) {
            Some(Token::Number(digits, _)) => {
                digits.parse::<i64>().map_err(|_| self.incorrect())?
            }
            _ => return Err(self.incorrect()),
        };
        self.at += 1;
        Ok(if negative { -number } else { number })
    }

    /// The names between parentheses, separated by commas.
    pub(crate) fn name_list(&mut self) -> Result<Vec<String>, SqlError> {
        self.expect_token(&Token::LParen)?;
        let mut names = vec![self.name()?];
        while self.take_token(&Token::Comma) {
            names.push(self.name()?);
        }
        self.expect_token(&Token::RParen)?;
        Ok(names)
    }

    /// The index of the parenthesis that closes the one at the next token.
    pub(crate) fn closing_parenthesis(&self) -> Result<usize, SqlError> {
        let mut depth = 0_usize;
        for index in self.at..self.end {
            match self.tokens[index].token {
                Token::LParen => depth += 1,
                Token::RParen => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(index);
                    }
                }
                _ => {}
            }
        }
        Err(self.incorrect())
    }

    /// The index of the first of these words (in capitals) outside of parentheses from here on, or of the end.
    pub(crate) fn until(&self, words: &[&str]) -> usize {
        let mut depth = 0_usize;
        for index in self.at..self.end {
            match &self.tokens[index].token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                Token::Word(word) if depth == 0 && word.quote_style.is_none() => {
                    let after_period =
                        index > self.at && self.tokens[index - 1].token == Token::Period;
                    if !after_period && words.iter().any(|it| word.value.eq_ignore_ascii_case(it)) {
                        return index;
                    }
                }
                _ => {}
            }
        }
        self.end
    }

    /// Whether this bare word (in capitals) occurs from here to the end.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.tokens[self.at..self.end]
            .iter()
            .any(|token| bare_word(&token.token).as_deref() == Some(word))
    }

    /// The line of the next token (or of the last one, at the end), from 1.
    pub(crate) fn line(&self) -> u32 {
        let line = self.location().map_or(1, |location| location.line);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Where the next token begins (or the last one, at the end).
    pub(crate) fn location(&self) -> Option<Location> {
        self.tokens
            .get(self.at)
            .or_else(|| self.tokens.last())
            .map(|token| token.span.start)
    }

    /// What the batch's text says from the next token to this cursor's end.
    pub(crate) fn text_from_here(&self, text: &'a str) -> &'a str {
        let offset = |index: usize| {
            self.tokens
                .get(index)
                .map_or(text.len(), |token| offset_of(text, token.span.start))
        };
        text.get(offset(self.at)..offset(self.end))
            .unwrap_or_default()
            .trim_end()
    }

    /// Error 102 at the next token.
    pub(crate) fn incorrect(&self) -> SqlError {
        let near = match self.peek(0) {
            Some(token) => token.to_string(),
            None => self.tokens[..self.end].last().map_or_else(
                || "the end of the batch".to_owned(),
                |token| token.token.to_string(),
            ),
        };
        self.locate(SqlError::new(
            102,
            format!("Incorrect syntax near '{near}'."),
        ))
    }

    /// This error, at the line of the next token.
    pub(crate) fn locate(&self, mut error: SqlError) -> SqlError {
        if error.line == 0 {
            error.line = self.line();
        }
        error
    }
}

/// The byte at which this line and column (both from 1, in characters) begin.
fn offset_of(text: &str, location: Location) -> usize {
    let line = usize::try_from(location.line)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    let column = usize::try_from(location.column)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(offset, _)| offset)
}

/// A word without quotes, in capitals.
fn bare_word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        _ => None,
    }
}

fn at_line(mut error: SqlError, line: u64) -> SqlError {
    error.line = u32::try_from(line).unwrap_or(u32::MAX);
    error
}
