//! The words that a summary is made by.

/// A word in capitals; empty if it is longer than any keyword, or has other characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    letters: [u8; Key::MOST],
    length: usize,
}

impl Key {
    const MOST: usize = 16;
    pub(super) const NONE: Key = Key { letters: [0; Key::MOST], length: 0 };

    pub(super) fn of(word: &str) -> Key {
        let bytes = word.as_bytes();
        let mut key = Key::NONE;
        if bytes.len() <= Key::MOST && bytes.is_ascii() {
            key.letters[..bytes.len()].copy_from_slice(bytes);
            key.letters.make_ascii_uppercase();
            key.length = bytes.len();
        }
        key
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        self.length > 0 && words.contains(&self.as_str())
    }
}

/// What a statement may begin with that has no target, or none that is worth a name of its own.
pub(super) const PLAIN: &[&str] = &[
    "ABORT",
    "ANALYZE",
    "ATTACH",
    "CHECKPOINT",
    "CLOSE",
    "COMMENT",
    "COMMIT",
    "DEALLOCATE",
    "DECLARE",
    "DESCRIBE",
    "DETACH",
    "DISCARD",
    "DO",
    "END",
    "FETCH",
    "FLUSH",
    "GRANT",
    "IMPORT",
    "KILL",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MOVE",
    "NOTIFY",
    "OPTIMIZE",
    "PREPARE",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SET",
    "SHOW",
    "START",
    "UNLISTEN",
    "UNLOCK",
    "USE",
    "VACUUM",
];
/// What is followed by its target.
pub(super) const WITH_TARGET: &[&str] = &["CALL", "COPY", "EXEC", "EXECUTE", "PRAGMA", "TRUNCATE"];
/// What is followed by the kind of its target.
pub(super) const WITH_KIND: &[&str] = &["ALTER", "CREATE", "DROP"];
/// Kinds of targets.
pub(super) const KINDS: &[&str] = &[
    "DATABASE",
    "DOMAIN",
    "EXTENSION",
    "FUNCTION",
    "INDEX",
    "PROCEDURE",
    "SCHEMA",
    "SEQUENCE",
    "TABLE",
    "TRIGGER",
    "TYPE",
    "VIEW",
];
/// Those whose definition has statements of its own.
pub(super) const WITH_BODY: &[&str] = &["FUNCTION", "PROCEDURE", "TRIGGER"];
/// Kinds whose names are people's.
pub(super) const NAMELESS: &[&str] = &["LOGIN", "ROLE", "USER"];
/// What works on rows, wherever it stands.
pub(super) const OPERATIONS: &[&str] = &["DELETE", "INSERT", "MERGE", "SELECT", "UPDATE"];
/// Behind these such a word is no operation of its own: `ON DELETE`, `FOR UPDATE`, `THEN INSERT`.
pub(super) const NO_OPERATION_AFTER: &[&str] =
    &["AFTER", "BEFORE", "DO", "FOR", "KEY", "OF", "ON", "OR", "THEN", "."];
/// What may stand between an operation and its target.
pub(super) const BEFORE_TARGET: &[&str] = &[
    "ABORT",
    "CONCURRENTLY",
    "DELAYED",
    "EXISTS",
    "FAIL",
    "HIGH_PRIORITY",
    "IF",
    "IGNORE",
    "INTO",
    "LATERAL",
    "LOW_PRIORITY",
    "NOT",
    "ONLY",
    "OR",
    "OVERWRITE",
    "QUICK",
    "REPLACE",
    "ROLLBACK",
    "TABLE",
];
/// What ends a list of targets.
pub(super) const AFTER_TARGETS: &[&str] = &[
    "DEFAULT",
    "EXCEPT",
    "FETCH",
    "FOR",
    "GROUP",
    "HAVING",
    "INTERSECT",
    "LIMIT",
    "OFFSET",
    "ON",
    "ORDER",
    "RETURNING",
    "SET",
    "UNION",
    "VALUES",
    "WHERE",
    "WINDOW",
];
