//! The lines on standard output.

use super::Surroundings;
use super::filter;
use super::findings::Findings;
use super::switches::Off;
use super::text::one_of;
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::logs::{LogFormat, Logs};
use crate::config::settings::{LogLines, LogsSettings};
use crate::config::variables::{LIGHTSHIP_LOG_FORMAT, NO_COLOR, RUST_LOG};

pub(super) fn resolve(
    builder: &Builder,
    surroundings: &Surroundings,
    findings: &mut Findings<'_>,
) -> Result<LogsSettings, String> {
    let fallback = Logs::default();
    let options = builder.logs.as_ref().unwrap_or(&fallback);
    let in_variable = findings.variable(LIGHTSHIP_LOG_FORMAT, |raw| {
        one_of(raw, &["text", "json", "off"]).map(|word| match word {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        })
    });
    let in_code = options.format.map(|format| Sourced::code(Some(format)));
    let chosen = in_code.or(in_variable);
    let off = match &chosen {
        _ if options.disabled => Some(Off::in_code()),
        _ if builder.without_subscriber && builder.logs.is_none() => Some(Off::with_subscriber()),
        Some(Sourced { value: None, .. }) => {
            Some(Off::by(LIGHTSHIP_LOG_FORMAT, format!("{} is off", LIGHTSHIP_LOG_FORMAT.name)))
        }
        _ => None,
    };
    let off = off.map(|off| off.explained("logs", findings));
    if off.is_none() {
        let source = builder.logs.as_ref().map_or(SettingSource::Default, |_| SettingSource::Code);
        findings.explain("logs", "on", source);
    }
    let filter = filter::resolve(("logs.filter", options.filter.as_deref()), RUST_LOG, findings);
    if let Some(reason) = off {
        return Err(reason);
    }

    let on_terminal = surroundings.stdout_is_terminal;
    let by_place = if on_terminal { LogFormat::Text } else { LogFormat::Json };
    let source = chosen.as_ref().map_or(SettingSource::Default, |chosen| chosen.source);
    let format = match chosen.and_then(|chosen| chosen.value).unwrap_or(by_place) {
        LogFormat::Text => {
            LogLines::Text { colours: on_terminal && findings.raw(NO_COLOR).is_none() }
        }
        LogFormat::Json => LogLines::Json,
    };
    findings.explain("logs.format", format, source);
    Ok(LogsSettings { format, filter })
}
