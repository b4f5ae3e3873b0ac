//! The bearer token of the admin listener: in code, in a variable, or in a file.

use super::file;
use super::findings::{Findings, Wrong, quoted};
use crate::config::explanation::{MASK, SettingSource, Sourced};
use crate::config::prometheus::Prometheus;
use crate::config::settings::Secret;
use crate::config::variables::{LIGHTSHIP_ADMIN_TOKEN, LIGHTSHIP_ADMIN_TOKEN_FILE, Variable};
use std::path::Path;

/// The longest token, and the largest file that holds one, in bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
const FORM: &str = "take visible ASCII without spaces, at most 4096 bytes";

/// A token and how it is explained, which never shows it.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) secret: Secret,
    pub(super) shown: String,
}

/// The token that a scrape must bring. `Err` names the variable whose token can't be used: the page
/// must not be open then. `needed` is off where nothing listens; files are left alone then.
pub(super) fn resolve(
    options: &Prometheus,
    needed: bool,
    findings: &mut Findings<'_>,
) -> Result<Option<Sourced<Token>>, Variable> {
    if options.token.is_some() || options.token_file.is_some() {
        return Ok(in_code(options, needed, findings));
    }
    for (variable, check) in [
        (LIGHTSHIP_ADMIN_TOKEN, token as fn(&str) -> Result<Token, Wrong>),
        (LIGHTSHIP_ADMIN_TOKEN_FILE, |path| token_file(Path::new(path))),
    ] {
        let Some(raw) = findings.raw(variable).filter(|_| needed) else { continue };
        if variable == LIGHTSHIP_ADMIN_TOKEN && findings.raw(LIGHTSHIP_ADMIN_TOKEN_FILE).is_some() {
            let found = "LIGHTSHIP_ADMIN_TOKEN is set too, and comes first";
            findings.warn(LIGHTSHIP_ADMIN_TOKEN_FILE, Wrong::new(found, "set one of the two"));
        }
        let source = SettingSource::Variable(variable.name);
        return check(raw).map(|value| Some(Sourced { value, source })).map_err(|wrong| {
            findings.warn_that(variable, wrong, "the page is off");
            variable
        });
    }
    Ok(None)
}

fn in_code(
    options: &Prometheus,
    needed: bool,
    findings: &mut Findings<'_>,
) -> Option<Sourced<Token>> {
    if options.token.is_some() && options.token_file.is_some() {
        let both = Wrong::new("a token and a token file are both set", "set one of the two");
        findings.code::<Token>("prometheus.bearer_token", Err(both));
    }
    let from_text = options
        .token
        .as_ref()
        .and_then(|secret| findings.code("prometheus.bearer_token", token(secret.expose())));
    let from_file = options
        .token_file
        .as_deref()
        .filter(|_| needed)
        .and_then(|path| findings.code("prometheus.bearer_token_file", token_file(path)));
    from_text.or(from_file)
}

fn token(text: &str) -> Result<Token, Wrong> {
    let secret = checked(text).map_err(|why| Wrong::new(format!("{MASK} {why}"), FORM))?;
    Ok(Token { secret, shown: MASK.to_owned() })
}

fn token_file(path: &Path) -> Result<Token, Wrong> {
    let name = quoted(path.display());
    let wanted = format!("the file must hold the token: {FORM}");
    let text = file::read(path, MAX_TOKEN_BYTES)
        .map_err(|why| Wrong::new(format!("{name} {why}"), &wanted))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let secret = checked(line).map_err(|why| Wrong::new(format!("{name} {why}"), &wanted))?;
    Ok(Token { secret, shown: format!("{MASK} (from {name})") })
}

fn checked(text: &str) -> Result<Secret, &'static str> {
    match text {
        "" => Err("is empty"),
        _ if text.len() > MAX_TOKEN_BYTES => Err("is longer than 4096 bytes"),
        _ if !text.chars().all(|c| c.is_ascii_graphic()) => {
            Err("has spaces, control characters or letters beyond ASCII")
        }
        _ => Ok(Secret::new(text)),
    }
}
