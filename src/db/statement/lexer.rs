//! Takes a statement apart, in one pass and without memory of its own.

use super::dialect::{Answer, Dialect, DoubleQuotes};

/// A piece of a statement; only the pieces that carry text may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a plain name.
    Word(&'a str),
    /// A quoted name, with its quotes.
    Name(&'a str),
    /// One where a name must stand, else perhaps a text.
    NameOrText(&'a str),
    /// A parameter that has a name, such as `:id`.
    Parameter(&'a str),
    /// A text, a number or a numbered parameter, or all that could not be read.
    Literal,
    /// Anything else, one character each but for `::`.
    Symbol(&'a str),
}

/// A token, and whether there was room before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) token: Token<'a>,
    pub(super) apart: bool,
}

/// Longer names are taken for texts.
const MAX_NAME_BYTES: usize = 128;

/// The pieces of a statement, see [`Piece`].
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    /// Whether the last token was an `E'..'`, which another text on a later line continues.
    after_escaped: bool,
    /// How many comments whose content runs are open.
    code_comments: usize,
    /// Up to where brackets were looked through for quotes.
    brackets_seen: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Lexer { text, at: 0, dialect, after_escaped: false, code_comments: 0, brackets_seen: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.rest().get(ahead).copied().unwrap_or(0)
    }

    /// All that is left is a literal.
    fn give_up(&mut self) {
        self.at = self.text.len();
    }

    /// Goes on behind the next of these; `false`, and to the end, if there is none.
    fn skip_past(&mut self, needle: &[u8]) -> bool {
        let found = self.rest().windows(needle.len()).position(|part| part == needle);
        match found {
            Some(at) => self.at += at + needle.len(),
            None => self.give_up(),
        }
        found.is_some()
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.iter().position(|byte| !keep(*byte)).unwrap_or(rest.len());
        // Only whole characters are kept or left, as every byte beyond ASCII is part of a word.
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Skips room and comments. None if how to read on is not clear.
    fn skip_room(&mut self) -> Option<()> {
        loop {
            match (self.peek(0), self.peek(1)) {
                _ if self.at >= self.text.len() => return Some(()),
                (..=b' ' | 0x7f, _) => self.at += 1,
                (b'-', b'-') => match (self.dialect.bare_dashes(), self.peek(2)) {
                    (Answer::Yes, _) | (_, ..=b' ') => self.line_comment()?,
                    (Answer::No, _) => return Some(()),
                    (Answer::Unsure, _) => return None,
                },
                (b'#', _) => match self.dialect.hash_comments() {
                    Answer::Yes => self.line_comment()?,
                    Answer::No => return Some(()),
                    Answer::Unsure => return None,
                },
                (b'/', b'*') if self.is_code() => {
                    self.at += 2;
                    self.code_comments += 1;
                    self.skip_while(|byte| byte == b'M' || byte == b'!' || byte.is_ascii_digit());
                }
                (b'/', b'*') => self.block_comment()?,
                (b'*', b'/') if self.code_comments > 0 => {
                    self.at += 2;
                    self.code_comments -= 1;
                }
                _ => return Some(()),
            }
        }
    }

    /// Whether this comment is one whose content MySQL runs.
    fn is_code(&self) -> bool {
        let rest = self.rest();
        self.dialect.comments_with_code() && (rest.starts_with(b"/*!") || rest.starts_with(b"/*M!"))
    }

    fn line_comment(&mut self) -> Option<()> {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
        if self.peek(0) == b'\n' || self.at == self.text.len() || self.peek(1) == b'\n' {
            return Some(());
        }
        match self.dialect.return_ends_comment() {
            Answer::Yes => Some(()),
            Answer::Unsure => None,
            Answer::No => {
                self.skip_while(|byte| byte != b'\n');
                Some(())
            }
        }
    }

    fn block_comment(&mut self) -> Option<()> {
        self.at += 2;
        let mut depth = 1_u32;
        while depth > 0 {
            match (self.peek(0), self.peek(1)) {
                _ if self.at >= self.text.len() => return Some(()),
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                (b'/', b'*') => {
                    match self.dialect.nested_comments() {
                        Answer::Yes => depth += 1,
                        Answer::No => {}
                        Answer::Unsure => return None,
                    }
                    // Without nesting the star may still be that of the end.
                    self.at += if depth > 1 { 2 } else { 1 };
                }
                _ => self.at += 1,
            }
        }
        Some(())
    }

    fn token(&mut self, had_line: bool) -> Token<'a> {
        let escaped = std::mem::take(&mut self.after_escaped);
        match self.peek(0) {
            b'\'' => self.quoted_text(escaped && had_line),
            b'"' => self.double_quoted(),
            b'`' if self.dialect.backticks_quote() => self.quoted_name(b'`'),
            b'[' => self.bracket(),
            b'$' => self.dollar(),
            b'?' if self.peek(1).is_ascii_digit() => self.number(),
            b'?' => {
                self.at += 1;
                Token::Literal
            }
            b':' if self.peek(1) == b':' => self.symbol(2),
            b':' | b'@' => self.parameter(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            byte if byte.is_ascii_digit() => self.number(),
            byte if is_word_start(byte) => self.word(),
            _ => self.symbol(1),
        }
    }

    fn symbol(&mut self, bytes: usize) -> Token<'a> {
        let start = self.at;
        self.at += bytes;
        self.text.get(start..self.at).map_or(Token::Literal, Token::Symbol)
    }

    /// A number, with all letters that hang on it.
    fn number(&mut self) -> Token<'a> {
        let start = self.at;
        self.at += 1;
        loop {
            self.skip_while(|byte| is_word(byte) || byte == b'.');
            let number = self.text.as_bytes().get(start..self.at).unwrap_or_default();
            let is_exponent = matches!(number.last(), Some(b'e' | b'E' | b'p' | b'P'))
                && matches!(self.peek(0), b'+' | b'-')
                && self.peek(1).is_ascii_digit();
            if !is_exponent {
                return Token::Literal;
            }
            self.at += 1;
        }
    }

    fn word(&mut self) -> Token<'a> {
        let word = self.skip_while(is_word);
        // SQL Server knows `€5`.
        if word.starts_with(is_currency) {
            return Token::Literal;
        }
        if self.peek(0) != b'\'' {
            return Token::Word(word);
        }
        let mut is_prefix = word.len() <= 2 || word.starts_with('_');
        if word.eq_ignore_ascii_case("q") || word.eq_ignore_ascii_case("nq") {
            match self.dialect.q_quotes() {
                Answer::Yes => return self.q_quoted(),
                Answer::Unsure => self.give_up(),
                Answer::No => {}
            }
        }
        // `IN'a'` and `AS'a'` are no prefixes.
        is_prefix &=
            !["in", "as", "is", "or", "by", "on"].iter().any(|w| word.eq_ignore_ascii_case(w));
        let escapes = self.dialect == Dialect::Postgresql && word.eq_ignore_ascii_case("e");
        match is_prefix {
            true => self.quoted_text(escapes),
            false => Token::Word(word),
        }
    }

    fn quoted_text(&mut self, backslashes: bool) -> Token<'a> {
        if self.at < self.text.len() && self.skip_quoted(b'\'', backslashes).is_none() {
            self.give_up();
        }
        self.after_escaped = backslashes;
        Token::Literal
    }

    /// Goes behind a quoted piece, whose quote stands doubled within it. None if where it ends is not
    /// clear.
    fn skip_quoted(&mut self, quote: u8, backslashes: bool) -> Option<()> {
        self.at += 1;
        loop {
            self.skip_while(|byte| byte != quote && byte != b'\\');
            match (self.peek(0), self.peek(1)) {
                _ if self.at >= self.text.len() => return None,
                (b'\\', _) if backslashes => self.skip_character_after_backslash(),
                (b'\\', next) => {
                    if next == quote && self.dialect.backslash_escapes() == Answer::Unsure {
                        return None;
                    }
                    self.at += 1;
                }
                (_, next) if next == quote => self.at += 2,
                _ => {
                    self.at += 1;
                    return Some(());
                }
            }
        }
    }

    fn skip_character_after_backslash(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        self.at += 1 + rest.chars().next().map_or(0, char::len_utf8);
    }

    /// A piece between quotes that is a name; one that does not end, or is too long, is none.
    fn quoted_name(&mut self, quote: u8) -> Token<'a> {
        let start = self.at;
        if self.skip_quoted(quote, false).is_none() {
            self.give_up();
            return Token::Literal;
        }
        match self.text.get(start..self.at) {
            Some(name) if is_short_line(name) => Token::Name(name),
            _ => Token::Literal,
        }
    }

    fn double_quoted(&mut self) -> Token<'a> {
        let name = self.quoted_name(b'"');
        match (self.dialect.double_quotes(), name) {
            (DoubleQuotes::Name, name) => name,
            (DoubleQuotes::Either, Token::Name(name)) => Token::NameOrText(name),
            _ => Token::Literal,
        }
    }

    fn bracket(&mut self) -> Token<'a> {
        match self.dialect.brackets_quote() {
            Answer::Yes => {
                let start = self.at;
                let mut closed = self.skip_past(b"]");
                // SQLite knows no doubled ones.
                while closed && self.dialect == Dialect::SqlServer && self.peek(0) == b']' {
                    self.at += 1;
                    closed = self.skip_past(b"]");
                }
                match self.text.get(start..self.at) {
                    Some(name) if closed && is_short_line(name) => Token::Name(name),
                    _ => Token::Literal,
                }
            }
            Answer::Unsure if self.bracket_has_quotes() => {
                self.give_up();
                Token::Literal
            }
            _ => self.symbol(1),
        }
    }

    fn bracket_has_quotes(&mut self) -> bool {
        let from = self.at.max(self.brackets_seen);
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let end = rest.iter().position(|byte| matches!(byte, b']' | b'\'' | b'"' | b'`'));
        // What was looked through once is not again, however many brackets open.
        self.brackets_seen = from + end.unwrap_or(rest.len());
        end.is_some_and(|at| rest.get(at) != Some(&b']'))
    }

    /// `$1`, `$name`, `$$text$$` or `$tag$text$tag$`.
    fn dollar(&mut self) -> Token<'a> {
        let start = self.at;
        self.at += 1;
        if self.peek(0).is_ascii_digit() {
            return self.number();
        }
        let quotes = self.dialect.dollar_quotes();
        self.skip_while(|byte| is_word(byte) && (byte != b'$' || quotes == Answer::No));
        if self.peek(0) == b'$' {
            self.at += 1;
            let tag = self.text.as_bytes().get(start..self.at).unwrap_or_default();
            match quotes {
                Answer::Yes => drop(self.skip_past(tag)),
                _ => self.give_up(),
            }
            return Token::Literal;
        }
        match self.text.get(start..self.at) {
            Some(name) if name.len() > 1 => Token::Parameter(name),
            _ => Token::Symbol("$"),
        }
    }

    /// `:name`, `@name` or `@@name`; a number after the sign is no name.
    fn parameter(&mut self) -> Token<'a> {
        let start = self.at;
        let signs = if self.rest().starts_with(b"@@") { 2 } else { 1 };
        match self.peek(signs) {
            byte if byte.is_ascii_digit() => {
                self.at += signs;
                self.number()
            }
            byte if is_word_start(byte) => {
                self.at += signs;
                self.skip_while(is_word);
                self.text.get(start..self.at).map_or(Token::Literal, Token::Parameter)
            }
            _ => self.symbol(1),
        }
    }

    /// `q'[..]'`, whose quotes don't count.
    fn q_quoted(&mut self) -> Token<'a> {
        self.at += 1;
        let Some(open) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            return Token::Literal;
        };
        self.at += open.len_utf8();
        let close = match open {
            '[' => ']',
            '(' => ')',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        let mut end = [0; 5];
        let length = close.encode_utf8(&mut end).len();
        end[length] = b'\'';
        self.skip_past(&end[..=length]);
        Token::Literal
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        let clear = self.skip_room().is_some();
        let room = self.text.as_bytes().get(start..self.at).unwrap_or_default();
        let (apart, had_line) = (!room.is_empty(), room.contains(&b'\n') || room.contains(&b'\r'));
        if !clear {
            self.give_up();
            return Some(Piece { token: Token::Literal, apart });
        }
        if self.at >= self.text.len() {
            return None;
        }
        Some(Piece { token: self.token(had_line), apart })
    }
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_currency(c: char) -> bool {
    matches!(c, '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}')
}

fn is_short_line(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && !name.contains(char::is_control)
}
