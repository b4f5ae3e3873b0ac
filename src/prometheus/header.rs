//! The lines above a family's samples.

use super::Format;
use super::name::FamilyName;
use metrics_exporter_prometheus::formatting::{write_help_line, write_type_line};

/// The longest help text, in characters.
const MAX_HELP_CHARS: usize = 1_000;

/// HELP, TYPE and UNIT in both formats, written once and used at every scrape.
#[derive(Debug)]
pub(super) struct Header {
    text: String,
    open_metrics: String,
}

impl Header {
    pub(super) fn new(name: &FamilyName, help: &str) -> Self {
        let help = prepared(help);
        let write = |format| {
            let mut lines = String::new();
            let family = name.in_metadata(format);
            write_type_line(&mut lines, &family, None, None, name.type_in(format));
            if let (Format::OpenMetrics, Some(unit)) = (format, name.unit) {
                lines.extend(["# UNIT ", &family, " ", unit, "\n"]);
            }
            let mut help_line = String::new();
            write_help_line(&mut help_line, &family, None, None, &help);
            match format {
                Format::Text => help_line + &lines,
                // Here, unlike in text, a quote must be escaped in help too.
                Format::OpenMetrics => lines + &help_line.replace('"', "\\\""),
            }
        };
        Header { text: write(Format::Text), open_metrics: write(Format::OpenMetrics) }
    }

    pub(super) fn lines(&self, format: Format) -> &str {
        match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.open_metrics,
        }
    }
}

/// Bounded, and without characters that end a line somewhere. Backslashes are doubled because the
/// writer takes two of them for one that is escaped already.
fn prepared(help: &str) -> String {
    let mut text = String::with_capacity(help.len());
    for c in help.trim().chars().take(MAX_HELP_CHARS) {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push('\n'),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => text.push(' '),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Unit;
    use crate::metrics::reading::Kind;

    fn header(help: &str) -> Header {
        Header::new(&FamilyName::new("sent", Kind::Counter, Some(Unit::Bytes)), help)
    }

    #[test]
    fn each_format_has_its_order_and_names() {
        let header = header("What went out.");
        assert_eq!(
            header.lines(Format::Text),
            "# HELP sent_bytes_total What went out.\n# TYPE sent_bytes_total counter\n"
        );
        assert_eq!(
            header.lines(Format::OpenMetrics),
            "# TYPE sent_bytes counter\n# UNIT sent_bytes bytes\n# HELP sent_bytes What went out.\n"
        );
    }

    #[test]
    fn hostile_help_stays_on_its_line() {
        for (help, text, open_metrics) in [
            ("a\nb", r"a\nb", r"a\nb"),
            ("a\\nb", r"a\\nb", r"a\\nb"),
            ("a\\\nb", r"a\\\nb", r"a\\\nb"),
            ("\\\\", r"\\\\", r"\\\\"),
            ("say \"hi\\\"", "say \"hi\\\\\"", "say \\\"hi\\\\\\\""),
            ("a\r\0\u{2028}b", "a   b", "a   b"),
        ] {
            let header = header(help);
            let line = |format| {
                let lines = header.lines(format);
                let line = lines.lines().find(|line| line.starts_with("# HELP")).unwrap();
                line.splitn(4, ' ').nth(3).unwrap().to_owned()
            };
            assert_eq!(line(Format::Text), text);
            assert_eq!(line(Format::OpenMetrics), open_metrics);
        }
    }

    #[test]
    fn help_is_bounded() {
        assert!(header(&"é".repeat(10_000)).lines(Format::Text).len() < 2 * MAX_HELP_CHARS + 100);
    }
}
