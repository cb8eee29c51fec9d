//! Where a statement ends. T-SQL needs no `;` between statements, so the end is the next word that can only begin another.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;

/// The index at which the statement (or condition) that begins at `cursor` ends: of its `;`, of the next statement's first word, or of the batch's end.
pub(crate) fn end_of_statement(cursor: &Cursor<'_>) -> usize {
    let mut walk = Walk::new(cursor);
    let mut look = cursor.clone();
    look.skip();
    while let Some(token) = look.peek(0) {
        if walk.ends_at(token, &look) {
            break;
        }
        look.skip();
    }
    look.position()
}

struct Walk {
    kind: String,
    depth: usize,
    cases: usize,
    seen_set: bool,
    seen_select: bool,
}

impl Walk {
    fn new(cursor: &Cursor<'_>) -> Self {
        let kind = cursor.word(0).unwrap_or_default();
        let depth = usize::from(cursor.peek(0) == Some(&Token::LParen));
        let cases = usize::from(kind == "CASE");
        let seen_select = kind == "SELECT";
        Self {
            kind,
            depth,
            cases,
            seen_set: false,
            seen_select,
        }
    }

    fn ends_at(&mut self, token: &Token, look: &Cursor<'_>) -> bool {
        match token {
            Token::LParen => self.depth += 1,
            Token::RParen => self.depth = self.depth.saturating_sub(1),
            Token::SemiColon => return self.depth == 0,
            Token::Word(word)
                if self.depth == 0
                    && word.quote_style.is_none()
                    && look.previous() != Some(&Token::Period) =>
            {
                return self.ends_at_word(&word.value.to_ascii_uppercase(), look);
            }
            _ => {}
        }
        false
    }

    fn ends_at_word(&mut self, word: &str, look: &Cursor<'_>) -> bool {
        let after = |words: &[&str]| matches!(look.previous(), Some(Token::Word(it)) if it.quote_style.is_none() && words.iter().any(|word| it.value.eq_ignore_ascii_case(word)));
        // The names of rights are words that begin statements elsewhere.
        if self.kind == "GRANT" && (after(&["GRANT"]) || look.previous() == Some(&Token::Comma)) {
            return false;
        }
        match word {
            "CASE" => {
                self.cases += 1;
                false
            }
            "END" if self.cases > 0 => {
                self.cases -= 1;
                false
            }
            "ELSE" if self.cases > 0 => false,
            "SELECT" => {
                if after(&["UNION", "ALL", "EXCEPT", "INTERSECT"]) {
                    return false;
                }
                let source_of_insert =
                    matches!(self.kind.as_str(), "INSERT" | "WITH") && !self.seen_select;
                self.adopt(word);
                self.seen_select = true;
                !source_of_insert
            }
            "SET" => {
                let of_update = self.kind == "UPDATE" && !self.seen_set;
                self.seen_set = true;
                !of_update
            }
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" => {
                if after(&["ON"]) {
                    return false;
                }
                !self.adopt(word)
            }
            "IF" => self.kind != "DROP",
            "DROP" | "ALTER" => !matches!(self.kind.as_str(), "ALTER" | "CREATE"),
            "END" | "ELSE" | "DECLARE" | "WHILE" | "BEGIN" | "COMMIT" | "ROLLBACK" | "SAVE"
            | "EXEC" | "EXECUTE" | "RETURN" | "PRINT" | "BREAK" | "CONTINUE" | "CREATE"
            | "TRUNCATE" | "GRANT" | "USE" | "RAISERROR" | "THROW" | "WAITFOR" | "GOTO" => true,
            _ => false,
        }
    }

    /// A statement that begins WITH is of the kind that comes after its common table expressions.
    fn adopt(&mut self, word: &str) -> bool {
        let open = self.kind == "WITH";
        if open {
            word.clone_into(&mut self.kind);
        }
        open
    }
}
