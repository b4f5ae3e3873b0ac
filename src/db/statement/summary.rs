//! What a statement does to what, in few words: `INSERT documents SELECT users`.

use super::keyword::{
    AFTER_TARGETS, BEFORE_TARGET, KINDS, Key, NAMELESS, NO_OPERATION_AFTER, OPERATIONS, PLAIN,
    WITH_BODY, WITH_KIND, WITH_TARGET,
};
use super::lexer::Token;

/// The longest summary, in characters; it ends before the word that would not fit.
pub(in crate::db) const MAX_SUMMARY_CHARS: usize = 255;
/// What lies deeper in brackets is not looked at.
const MAX_DEPTH: usize = 64;
/// How many names of a `WITH` are known as such.
const MAX_COMMON: usize = 32;

/// Finds operations and targets in a stream of tokens.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    text: String,
    chars: usize,
    full: bool,
    levels: Vec<Level>,
    /// How many brackets are open beyond [`MAX_DEPTH`].
    deeper: usize,
    statement: Statement,
    before: Key,
    /// The target that is being read, which may go on behind a dot.
    name: String,
    /// Names that a `WITH` gives, which are no tables.
    common: Vec<&'a str>,
}

/// What is known of a statement as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statement {
    /// No word of it was read.
    New,
    /// `CREATE` and the like: its kind of target is waited for.
    Kind {
        drops: bool,
    },
    Open,
    /// Nothing more is of interest.
    Closed,
}

/// What is known between two brackets.
#[derive(Debug, Default, Clone, Copy)]
struct Level {
    /// An operation was read.
    operation: bool,
    insert: bool,
    /// The next name is a target.
    expects: bool,
    /// Behind a comma there is another target.
    lists: bool,
    /// A `WITH` was read, but not yet what it is for.
    with: bool,
    /// The next name is one that a `WITH` gives.
    names: bool,
    /// Every name is a column.
    columns: bool,
}

impl<'a> Summary<'a> {
    pub(super) fn new() -> Self {
        Summary {
            text: String::new(),
            chars: 0,
            full: false,
            levels: vec![Level::default()],
            deeper: 0,
            statement: Statement::New,
            before: Key::NONE,
            name: String::new(),
            common: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// None if nothing was found.
    pub(super) fn finish(mut self) -> Option<String> {
        self.end_name();
        (!self.text.is_empty()).then_some(self.text)
    }

    /// Takes the next token; whether a name must stand there.
    pub(super) fn take(&mut self, token: Token<'a>, next: Option<Token<'a>>) -> bool {
        if self.goes_on(token) {
            self.before = Key::NONE;
            return true;
        }
        let ended_name = self.end_name();
        match token {
            Token::Word(word) => return self.word(word, next == Some(Token::Symbol("("))),
            Token::Name(name) | Token::NameOrText(name) => return self.name(name),
            Token::Symbol("(") => self.open(ended_name),
            Token::Symbol(")") => self.close(),
            Token::Symbol(",") => self.comma(),
            Token::Symbol(";") if self.levels.len() == 1 => self.reset(),
            Token::Literal | Token::Parameter(_) => self.level().expects = false,
            Token::Symbol(_) => {}
        }
        self.before = Key::of(if token == Token::Symbol(".") { "." } else { "" });
        false
    }

    /// Whether a token is part of the name that is being read, and takes it if so.
    fn goes_on(&mut self, token: Token<'_>) -> bool {
        let part = match token {
            Token::Symbol(".") if !self.name.is_empty() => ".",
            Token::Word(part) | Token::Name(part) | Token::NameOrText(part)
                if self.name.ends_with('.') =>
            {
                part
            }
            _ => return false,
        };
        self.name.push_str(part);
        true
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn open(&mut self, after_name: bool) {
        if self.levels.len() >= MAX_DEPTH {
            self.deeper += 1;
            return;
        }
        let level = self.level();
        let inside = std::mem::take(&mut level.expects);
        let columns = after_name && level.insert;
        self.levels.push(Level { expects: inside, lists: inside, columns, ..Level::default() });
    }

    fn close(&mut self) {
        match self.deeper {
            0 if self.levels.len() > 1 => drop(self.levels.pop()),
            0 => {}
            _ => self.deeper -= 1,
        }
    }

    fn comma(&mut self) {
        if self.deeper > 0 {
            return;
        }
        let level = self.level();
        level.names = level.with;
        level.expects = level.lists && !level.with;
    }

    fn reset(&mut self) {
        self.statement = Statement::New;
        *self.level() = Level::default();
        self.common.clear();
    }

    /// A quoted name.
    fn name(&mut self, name: &'a str) -> bool {
        self.before = Key::NONE;
        if self.deeper > 0 {
            return false;
        }
        let level = *self.level();
        match level {
            Level { names: true, .. } => self.common_name(name),
            Level { expects: true, .. } => self.begin_name(name),
            _ => return level.columns,
        }
        true
    }

    fn word(&mut self, word: &'a str, opens: bool) -> bool {
        let key = Key::of(word);
        let before = std::mem::replace(&mut self.before, key);
        if self.deeper > 0 {
            return false;
        }
        let level = *self.level();
        let is_operation = key.is_one_of(OPERATIONS) || key.as_str() == "WITH";
        if level.names && key.as_str() != "RECURSIVE" && !is_operation {
            self.common_name(word);
        } else if level.expects && !is_operation && !key.is_one_of(AFTER_TARGETS) {
            if !key.is_one_of(BEFORE_TARGET) {
                self.begin_name(word);
            }
        } else {
            // `USING (id)` names columns.
            let key = if opens && key.as_str() == "USING" { Key::NONE } else { key };
            self.keyword(word, key, before);
        }
        false
    }

    fn keyword(&mut self, word: &str, key: Key, before: Key) {
        match self.statement {
            Statement::New => self.first_word(word, key),
            Statement::Kind { drops } => self.kind(word, key, drops),
            Statement::Open => self.later_word(word, key, before),
            Statement::Closed => {}
        }
    }

    fn first_word(&mut self, word: &str, key: Key) {
        self.statement = Statement::Open;
        if key.is_one_of(OPERATIONS) || key.is_one_of(&["REPLACE", "UPSERT", "VALUES"]) {
            self.operation(word, key);
        } else if key.as_str() == "WITH" {
            self.with();
        } else if key.is_one_of(&["BEGIN", "EXPLAIN"]) {
            self.push(word);
        } else if key.is_one_of(WITH_KIND) {
            self.push(word);
            self.statement = Statement::Kind { drops: key.as_str() == "DROP" };
        } else {
            self.statement = Statement::Closed;
            if key.is_one_of(WITH_TARGET) {
                self.push(word);
                let lists = key.as_str() == "TRUNCATE";
                *self.level() = Level { expects: true, lists, ..Level::default() };
            } else if key.is_one_of(PLAIN) {
                self.push(word);
            }
        }
    }

    fn kind(&mut self, word: &str, key: Key, drops: bool) {
        if key.is_one_of(NAMELESS) {
            self.push(word);
            self.statement = Statement::Closed;
        } else if key.is_one_of(KINDS) {
            self.push(word);
            let has_body = key.is_one_of(WITH_BODY);
            self.statement = if has_body { Statement::Closed } else { Statement::Open };
            *self.level() = Level { expects: true, lists: drops, ..Level::default() };
        }
    }

    fn later_word(&mut self, word: &str, key: Key, before: Key) {
        if key.is_one_of(OPERATIONS) {
            match before.is_one_of(NO_OPERATION_AFTER) {
                true => self.end_targets(),
                false => self.operation(word, key),
            }
            return;
        }
        if key.is_one_of(AFTER_TARGETS) && key.as_str() != "ON" {
            return self.end_targets();
        }
        let level = self.level();
        match key.as_str() {
            "WITH" if !level.operation || level.insert => self.with(),
            // `IS DISTINCT FROM` compares, and `EXTRACT(YEAR FROM day)` stands in brackets of its own.
            "FROM" if level.operation && before.as_str() != "DISTINCT" => {
                (level.expects, level.lists) = (true, true);
            }
            "JOIN" if level.lists => level.expects = true,
            "USING" if level.operation => level.expects = true,
            "INTO" if level.operation => (level.expects, level.lists) = (true, false),
            "ON" => level.expects = false,
            _ => {}
        }
    }

    fn operation(&mut self, word: &str, key: Key) {
        self.push(word);
        let insert = key.is_one_of(&["INSERT", "REPLACE", "UPSERT", "MERGE"]);
        let update = key.as_str() == "UPDATE";
        let expects = insert || update;
        *self.level() =
            Level { operation: true, insert, expects, lists: update, ..Level::default() };
    }

    fn with(&mut self) {
        *self.level() = Level { with: true, names: true, ..*self.level() };
    }

    fn end_targets(&mut self) {
        let level = self.level();
        (level.expects, level.lists) = (false, false);
    }

    fn common_name(&mut self, name: &'a str) {
        self.level().names = false;
        if self.common.len() < MAX_COMMON {
            self.common.push(bare(name));
        }
    }

    fn begin_name(&mut self, name: &str) {
        self.level().expects = false;
        self.name.push_str(name);
    }

    /// Whether there was a target to end.
    fn end_name(&mut self) -> bool {
        let name = std::mem::take(&mut self.name);
        let name = name.trim_end_matches('.');
        if !self.common.iter().any(|common| common.eq_ignore_ascii_case(bare(name))) {
            self.push(name);
        }
        !name.is_empty()
    }

    fn push(&mut self, word: &str) {
        if word.is_empty() || self.full {
            return;
        }
        let room = usize::from(!self.text.is_empty());
        let chars = room + word.chars().count();
        if self.chars + chars > MAX_SUMMARY_CHARS {
            self.full = true;
            return;
        }
        self.text.push_str(&" "[..room]);
        self.text.push_str(word);
        self.chars += chars;
    }
}

/// A name without its quotes.
fn bare(name: &str) -> &str {
    name.trim_matches(['"', '`', '[', ']'])
}
