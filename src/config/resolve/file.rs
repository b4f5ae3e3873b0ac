//! Small files that hold a secret or a certificate.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a small regular file; opening a pipe could wait for ever. The error says what the file is
/// or lacks.
pub(super) fn read(path: &Path, max_bytes: usize) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("can't be read: {error}");
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let limit = max_bytes as u64 + 1;
    File::open(path).map_err(cannot)?.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() > max_bytes {
        return Err(format!("is larger than {max_bytes} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is not text".to_owned())
}
