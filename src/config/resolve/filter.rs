//! Filters of spans and of log lines, in one language.

use super::findings::{Findings, Wrong, quoted};
use crate::config::explanation::Sourced;
use crate::config::variables::Variable;
use crate::filter::Filter;
use crate::scrub;
use tracing::level_filters::LevelFilter;

/// The longest filter, in characters.
const MAX_CHARS: usize = 2_000;
const WANTED: &str =
    "write levels, and levels of targets, by commas, such as info,api::storage=debug";

/// A filter from code (with its setting), otherwise from a variable, otherwise `info`; explained.
pub(super) fn resolve(
    (setting, in_code): (&'static str, Option<&str>),
    variable: Variable,
    findings: &mut Findings<'_>,
) -> Filter {
    let in_code = in_code.and_then(|raw| findings.code(setting, filter(raw)));
    let in_variable = findings.variable(variable, filter);
    let Sourced { value, source } =
        in_code.or(in_variable).unwrap_or(Sourced::default(Filter::at_least(LevelFilter::INFO)));
    findings.explain(setting, &value, source);
    value
}

fn filter(raw: &str) -> Result<Filter, Wrong> {
    let raw = raw.trim();
    match raw {
        _ if raw.chars().count() > MAX_CHARS => {
            Err(Wrong::new(format!("{} has more than {MAX_CHARS} characters", quoted(raw)), WANTED))
        }
        _ if scrub::text(raw, MAX_CHARS) != raw => {
            Err(Wrong::new(format!("{} has control characters", quoted(raw)), WANTED))
        }
        // It would be taken for a target, which nothing has, and all would be still.
        _ if raw.contains('/') => {
            Err(Wrong::new(format!("{} looks for words behind a `/`", quoted(raw)), WANTED))
        }
        _ => {
            Filter::parse(raw).map_err(|why| Wrong::new(format!("{}: {why}", quoted(raw)), WANTED))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_one_line_and_bounded() {
        assert_eq!(filter(" warn,api=debug ").unwrap().to_string(), "api=debug,warn");
        let long = "a,".repeat(1_001);
        for (raw, why) in [
            ("", "no directive"),
            ("info,api=loud", "`loud` is not a level"),
            ("info\n,api=debug", "control characters"),
            ("info/words", "behind a `/`"),
            (long.as_str(), "more than 2000"),
        ] {
            let wrong = filter(raw).unwrap_err();
            assert!(wrong.found.contains(why), "{raw}: {wrong:?}");
            assert!(!wrong.found.contains('\n'), "{wrong:?}");
        }
    }
}
