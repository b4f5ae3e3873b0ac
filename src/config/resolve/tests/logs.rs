//! Log lines: how they look depends on where they go.

use super::*;
use crate::config::settings::LogLines;

const TERMINAL: Surroundings = Surroundings { stdout_is_terminal: true, ..PLAIN };
const COLOURS: LogLines = LogLines::Text { colours: true };
const PLAIN_TEXT: LogLines = LogLines::Text { colours: false };

fn format(builder: &Builder, set: &[(&str, &str)], surroundings: &Surroundings) -> LogLines {
    let resolved = resolve_in(builder, &environment(set), surroundings).unwrap();
    assert_eq!(resolved.warnings, [""; 0]);
    resolved.settings.logs.unwrap().format
}

#[test]
fn terminals_get_text_with_colours_and_all_else_json() {
    let no_colours = [("NO_COLOR", "1")];
    let text = [("LIGHTSHIP_LOG_FORMAT", "text")];
    let json = [("LIGHTSHIP_LOG_FORMAT", "json")];
    for (set, on_terminal, elsewhere) in [
        (&[][..], COLOURS, LogLines::Json),
        (&no_colours, PLAIN_TEXT, LogLines::Json),
        (&[("NO_COLOR", "")], COLOURS, LogLines::Json),
        (&text, COLOURS, PLAIN_TEXT),
        (&json, LogLines::Json, LogLines::Json),
    ] {
        assert_eq!(format(&plain(), set, &TERMINAL), on_terminal, "{set:?}");
        assert_eq!(format(&plain(), set, &PLAIN), elsewhere, "{set:?}");
    }
    let in_code = plain().logs(Logs::default().json());
    assert_eq!(format(&in_code, &text, &TERMINAL), LogLines::Json);
    let in_code = plain().logs(Logs::default().text());
    assert_eq!(format(&in_code, &json, &PLAIN), PLAIN_TEXT);
    assert_eq!(format(&in_code, &[("LIGHTSHIP_LOG_FORMAT", "off")], &TERMINAL), COLOURS);
}

#[test]
fn logs_can_be_turned_off() {
    let off = [("LIGHTSHIP_LOG_FORMAT", "OFF")];
    for (builder, set, why) in [
        (plain(), &off[..], "LIGHTSHIP_LOG_FORMAT is off"),
        (plain().logs(Logs::default().filter("debug")), &off, "LIGHTSHIP_LOG_FORMAT is off"),
        (plain().logs(Logs::disabled()), &[], "turned off in code"),
        (plain().logs(Logs::disabled().json()), &[], "turned off in code"),
    ] {
        let Resolved { settings, explanation, .. } = resolved(&builder, set);
        assert_eq!(settings.logs.unwrap_err(), why);
        assert_eq!(explanation.get("logs").unwrap().value(), format!("off: {why}"));
        assert_eq!(explanation.get("logs.format"), None);
    }
    assert_eq!(problems(&plain().logs(Logs::disabled().filter("a=b")), &[]).len(), 1);
}

#[test]
fn a_panic_flushes_where_code_says_so_or_panics_abort() {
    assert_eq!(resolved(&plain(), &[]).settings.flush_on_panic, cfg!(panic = "abort"));
    assert!(resolved(&plain().flush_on_panic(true), &[]).settings.flush_on_panic);
    assert!(!resolved(&plain().flush_on_panic(false), &[]).settings.flush_on_panic);
}
