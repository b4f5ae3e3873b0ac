//! Documents to upload.

use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// A small PDF of one page with this text. Viewers open it, as they build the missing table of
/// objects themselves.
pub fn pdf(text: &str) -> Vec<u8> {
    let safe: String = text.chars().filter(|it| !matches!(it, '(' | ')' | '\\')).collect();
    let content = format!("BT /F1 12 Tf 72 720 Td ({safe}) Tj ET");
    let length = content.len();
    format!(
        "%PDF-1.4\n\
         1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R\n\
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>\n\
         endobj\n\
         4 0 obj\n<< /Length {length} >>\nstream\n{content}\nendstream\nendobj\n\
         trailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )
    .into_bytes()
}

/// Packed with gzip.
///
/// # Errors
///
/// None that memory could give.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Packed with zstd.
///
/// # Errors
///
/// What zstd says, which is nothing.
pub fn zstd(bytes: &[u8]) -> io::Result<Vec<u8>> {
    zstd::encode_all(bytes, 3)
}
