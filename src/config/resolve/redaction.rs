//! The rules that keep secrets and people out, and the key of hashes.

use super::findings::{Findings, Wrong};
use crate::config::builder::Builder;
use crate::config::explanation::{MASK, SettingSource, Sourced};
use crate::config::settings::Secret;
use crate::config::variables::LIGHTSHIP_HASH_KEY;
use crate::scrub::{HashKey, Policy, REDACTION_SETTING};
use std::sync::Arc;

/// A shorter key could be found by trying.
const MIN_KEY_BYTES: usize = 16;

pub(super) fn resolve(builder: &Builder, findings: &mut Findings<'_>) -> Arc<Policy> {
    for (found, wanted) in builder.redaction.problems() {
        findings.code::<()>(REDACTION_SETTING, Err(Wrong::new(found, wanted)));
    }
    let in_variable = findings.variable(LIGHTSHIP_HASH_KEY, hash_key);
    let in_code = builder.hash_key.as_ref().map(Secret::expose).map(hash_key);
    let in_code = in_code.and_then(|checked| findings.code("hash_key", checked));
    let key = in_code.or(in_variable);
    match &key {
        Some(Sourced { source, .. }) => findings.explain("hash_key", MASK, *source),
        None => findings.explain("hash_key", "random, of this process", SettingSource::Default),
    }
    Arc::new(builder.redaction.compile(key.map(|key| key.value)))
}

fn hash_key(raw: &str) -> Result<HashKey, Wrong> {
    match raw.len() {
        ..MIN_KEY_BYTES => Err(Wrong::new(
            format!("the key has {} bytes", raw.len()),
            format!("write at least {MIN_KEY_BYTES} bytes"),
        )),
        _ => Ok(HashKey::new(raw.as_bytes())),
    }
}
