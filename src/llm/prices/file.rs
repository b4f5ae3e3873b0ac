//! Tables from outside, none of which is trusted.

use super::error::PriceError;
use super::table::{Table, Vendor};
use super::{genai, litellm};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Ten times what the largest public table has today.
const MAX_BYTES: usize = 32 * 1024 * 1024;

pub(super) fn genai_prices(json: &[u8], as_of: SystemTime) -> Result<Table, PriceError> {
    table("genai-prices", json, as_of, genai::vendors)
}

pub(super) fn litellm(json: &[u8], as_of: SystemTime) -> Result<Table, PriceError> {
    table("litellm", json, as_of, litellm::vendors)
}

/// The one is a list, the other an object.
pub(super) fn open(path: &Path) -> Result<Table, PriceError> {
    let wrong = |error: std::io::Error| PriceError::new("file", error.to_string());
    let file = File::open(path).map_err(wrong)?;
    let as_of = file.metadata().and_then(|metadata| metadata.modified()).map_err(wrong)?;
    let mut json = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut json).map_err(wrong)?;
    match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => litellm(&json, as_of),
        _ => genai_prices(&json, as_of),
    }
}

fn table(
    origin: &str,
    json: &[u8],
    as_of: SystemTime,
    vendors: fn(&[u8], &Value) -> Result<Vec<Vendor>, PriceError>,
) -> Result<Table, PriceError> {
    if json.len() > MAX_BYTES {
        return Err(PriceError::new("file", format!("is larger than {MAX_BYTES} bytes")));
    }
    if json.trim_ascii().is_empty() {
        return Err(PriceError::new("file", "is empty"));
    }
    let value: Value = serde_json::from_slice(json).map_err(|error| {
        PriceError::new("file", format!("is not JSON: {error}")).at_line(Some(error.line()))
    })?;
    let vendors = vendors(json, &value)?;
    let digest = Sha256::digest(json);
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(Table { version: format!("{origin} {} {digest}", date(as_of)).into(), as_of, vendors })
}

/// `2026-11-22`, by counting days as if the year began in March.
fn date(time: SystemTime) -> String {
    let days =
        time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400) + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", day - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::prices::when::When;
    use std::time::Duration;

    #[test]
    fn dates_come_back() {
        for day in (0..40_000).step_by(13).chain([0, 58, 59, 60, 11_016, 11_017, 19_782]) {
            let text = date(UNIX_EPOCH + Duration::from_secs(day * 86_400 + 5));
            assert_eq!(When::parse_date(&text), Some(day), "{text}");
        }
    }
}
