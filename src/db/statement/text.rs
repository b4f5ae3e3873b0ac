//! The statement without its literals.

use super::lexer::{Piece, Token};

/// The longest text, in characters; a longer one is cut at a token and ends in `…`.
pub(in crate::db) const MAX_TEXT_CHARS: usize = 4_096;

/// Writes `db.query.text`.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    chars: usize,
    full: bool,
    list: List,
    after_dot: bool,
}

/// Where in an `IN (?, ?)` the writer is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum List {
    #[default]
    Outside,
    /// Behind `IN`.
    Announced,
    /// Behind the bracket.
    Open,
    /// Behind the first value, which stands for all.
    Shown,
    /// Behind a comma that is not written yet.
    Comma,
}

impl Writer {
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// `is_name` says whether a piece that may be a text is a name where it stands.
    pub(super) fn write(&mut self, piece: Piece<'_>, next: Option<Token<'_>>, is_name: bool) {
        let dotted = self.after_dot || next == Some(Token::Symbol("."));
        self.after_dot = piece.token == Token::Symbol(".");
        if self.folds(piece.token) {
            return;
        }
        let shown = match piece.token {
            Token::Word(word) if is_truth(word) => "?",
            Token::Word(text) | Token::Name(text) => text,
            Token::Parameter(text) | Token::Symbol(text) => text,
            Token::NameOrText(text) if is_name || dotted => text,
            Token::NameOrText(_) | Token::Literal => "?",
        };
        self.push(piece.apart, shown);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Whether a token is part of a list that its first value stands for.
    fn folds(&mut self, token: Token<'_>) -> bool {
        let is_value = matches!(token, Token::Literal | Token::Parameter(_));
        let is_sign = matches!(token, Token::Symbol("-" | "+"));
        let before = self.list;
        self.list = match (before, token) {
            (_, Token::Word(word)) if word.eq_ignore_ascii_case("in") => List::Announced,
            (List::Announced, Token::Symbol("(")) => List::Open,
            (List::Open, _) if is_sign => List::Open,
            (List::Open, _) if is_value => List::Shown,
            (List::Shown, Token::Symbol(",")) => List::Comma,
            (List::Comma, _) if is_sign => List::Comma,
            (List::Comma, _) if is_value => List::Shown,
            _ => List::Outside,
        };
        match (before, self.list) {
            (List::Open, List::Open) => true,
            (List::Shown | List::Comma, List::Comma) | (List::Comma, List::Shown) => true,
            (List::Comma, _) => {
                self.push(false, ",");
                false
            }
            _ => false,
        }
    }

    fn push(&mut self, apart: bool, shown: &str) {
        if self.full {
            return;
        }
        let room = usize::from(apart && !self.text.is_empty());
        // Room for the mark of a cut.
        if self.chars + room + shown.chars().count() >= MAX_TEXT_CHARS {
            self.text.push('…');
            self.full = true;
            return;
        }
        self.text.push_str(&" "[..room]);
        self.text.push_str(shown);
        self.chars += room + shown.chars().count();
    }
}

fn is_truth(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}
