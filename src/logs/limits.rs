//! How long lines get.

/// The longest line of a log, in bytes, with its end; what has no room is left out and counted.
pub const MAX_LOG_LINE_BYTES: usize = 64 << 10;
/// The longest message of a line, in characters.
pub const MAX_LOG_MESSAGE_CHARS: usize = 8 << 10;
/// The longest value of a field in a line, in characters.
pub const MAX_LOG_VALUE_CHARS: usize = 4096;
/// Bytes of lines that may wait for standard output, beside as many that are being written.
pub const MAX_LOG_QUEUE_BYTES: usize = 1 << 20;
