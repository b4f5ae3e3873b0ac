//! Where databases disagree about what is text and what is a statement.

/// How a database reads a statement. What is read wrongly could show a piece of a literal as if it
/// were a name, so a statement that may be read in two ways counts as a literal from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::db) enum Dialect {
    Postgresql,
    Mysql,
    Sqlite,
    SqlServer,
    Oracle,
    Unknown,
}

/// A question that a dialect answers, or leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Unsure,
}

/// What stands between double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DoubleQuotes {
    Name,
    Text,
    /// A name where a name must stand, else perhaps a text.
    Either,
}

impl Dialect {
    pub(super) fn double_quotes(self) -> DoubleQuotes {
        match self {
            Dialect::Postgresql | Dialect::Oracle => DoubleQuotes::Name,
            Dialect::Mysql => DoubleQuotes::Text,
            // SQLite takes what is no column for a text; SQL Server can be told to.
            _ => DoubleQuotes::Either,
        }
    }

    /// Whether a backslash keeps a quote from ending a text.
    pub(super) fn backslash_escapes(self) -> Answer {
        match self {
            // MySQL's mode `NO_BACKSLASH_ESCAPES` can't be seen from here.
            Dialect::Mysql | Dialect::Unknown => Answer::Unsure,
            _ => Answer::No,
        }
    }

    /// Whether `--` begins a comment even if no space follows.
    pub(super) fn bare_dashes(self) -> Answer {
        match self {
            Dialect::Mysql => Answer::No,
            Dialect::Unknown => Answer::Unsure,
            _ => Answer::Yes,
        }
    }

    /// Whether a carriage return alone ends a `--` comment.
    pub(super) fn return_ends_comment(self) -> Answer {
        match self {
            Dialect::Postgresql => Answer::Yes,
            Dialect::Mysql | Dialect::Sqlite => Answer::No,
            _ => Answer::Unsure,
        }
    }

    /// Whether `/* /* */ */` is one comment.
    pub(super) fn nested_comments(self) -> Answer {
        match self {
            Dialect::Postgresql | Dialect::SqlServer => Answer::Yes,
            Dialect::Mysql | Dialect::Sqlite | Dialect::Oracle => Answer::No,
            Dialect::Unknown => Answer::Unsure,
        }
    }

    /// Whether `#` begins a comment.
    pub(super) fn hash_comments(self) -> Answer {
        match self {
            Dialect::Mysql => Answer::Yes,
            Dialect::Unknown => Answer::Unsure,
            _ => Answer::No,
        }
    }

    pub(super) fn backticks_quote(self) -> bool {
        matches!(self, Dialect::Mysql | Dialect::Sqlite | Dialect::Unknown)
    }

    /// Whether `[it's]` is a name.
    pub(super) fn brackets_quote(self) -> Answer {
        match self {
            Dialect::SqlServer | Dialect::Sqlite => Answer::Yes,
            Dialect::Unknown => Answer::Unsure,
            _ => Answer::No,
        }
    }

    /// Whether `/*! .. */` is code.
    pub(super) fn comments_with_code(self) -> bool {
        self == Dialect::Mysql
    }

    /// Whether `q'[it's]'` is a text.
    pub(super) fn q_quotes(self) -> Answer {
        match self {
            Dialect::Oracle => Answer::Yes,
            Dialect::Unknown => Answer::Unsure,
            _ => Answer::No,
        }
    }

    /// Whether `$tag$it's$tag$` is a text.
    pub(super) fn dollar_quotes(self) -> Answer {
        match self {
            Dialect::Postgresql => Answer::Yes,
            Dialect::Unknown => Answer::Unsure,
            _ => Answer::No,
        }
    }
}
