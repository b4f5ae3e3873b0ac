//! Which spans and events are wanted, by target and level: the part of `RUST_LOG`'s language that can
//! be decided once for each place in the program.

use std::fmt;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;

/// Crates that carry our exports, by the first segment of their targets; `tower_http` is not among
/// them. What they say below a warning is of interest to nobody who did not ask for it by name.
const CARRIERS: &[&str] =
    &["h2", "hyper", "hyper_util", "reqwest", "rustls", "tonic", "tower", "ureq", "ureq_proto"];

/// Directives by descending length of their targets; the first that fits counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    directives: Vec<Directive>,
}

#[derive(Debug, Clone, PartialEq)]
struct Directive {
    /// Fits a target that is this, or goes on with `::` after it; empty fits all.
    target: String,
    level: LevelFilter,
}

impl Filter {
    /// Everything from `level` on.
    pub(crate) fn at_least(level: LevelFilter) -> Self {
        Filter { directives: vec![Directive { target: String::new(), level }] }
    }

    /// Reads directives, such as `info,upload::storage=debug,h2=off`, separated by commas.
    ///
    /// A target without a level means all levels of it. The error says what is wrong with the first
    /// directive that can't be read.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut directives = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let directive = Directive::parse(part)?;
            directives.retain(|earlier: &Directive| earlier.target != directive.target);
            directives.push(directive);
        }
        // Stable: what is not ordered by length stays in the order of its writing.
        directives.sort_by_key(|directive| std::cmp::Reverse(directive.target.len()));
        match directives.is_empty() {
            true => Err("there is no directive in it".to_owned()),
            false => Ok(Filter { directives }),
        }
    }

    /// Whether a span or an event of this place is wanted.
    pub(crate) fn wants(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level_of(metadata.target())
    }

    /// The most verbose level that anything is wanted at.
    pub(crate) fn max_level(&self) -> LevelFilter {
        self.directives.iter().map(|directive| directive.level).max().unwrap_or(LevelFilter::OFF)
    }

    /// The level of a target; carriers and OpenTelemetry's own crates must be asked for by name.
    pub(crate) fn level_of(&self, target: &str) -> LevelFilter {
        let fits = |directive: &&Directive| directive.fits(target);
        match self.directives.iter().find(fits) {
            Some(directive) if !directive.target.is_empty() => directive.level,
            Some(_) if is_opentelemetry(target) => LevelFilter::OFF,
            Some(directive) if is_carrier(target) => directive.level.min(LevelFilter::WARN),
            Some(directive) => directive.level,
            None => LevelFilter::OFF,
        }
    }
}

impl Directive {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains(['[', ']', '{', '}']) {
            return Err(format!(
                "`{text}` asks for spans by name or field, which is not supported"
            ));
        }
        match text.split_once('=') {
            Some((target, level)) if target.trim().is_empty() => {
                Err(format!("`={level}` has no target"))
            }
            Some((target, level)) => match level.trim().parse() {
                Ok(level) => Ok(Directive { target: target.trim().to_owned(), level }),
                Err(_) => Err(format!("`{}` is not a level", level.trim())),
            },
            None => match text.parse() {
                Ok(level) => Ok(Directive { target: String::new(), level }),
                Err(_) => Ok(Directive { target: text.to_owned(), level: LevelFilter::TRACE }),
            },
        }
    }

    fn fits(&self, target: &str) -> bool {
        match target.strip_prefix(self.target.as_str()) {
            Some(rest) => self.target.is_empty() || rest.is_empty() || rest.starts_with("::"),
            None => false,
        }
    }
}

/// As `parse` reads it.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Directive { target, level }) in self.directives.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            match target.is_empty() {
                true => write!(f, "{comma}{level}")?,
                false => write!(f, "{comma}{target}={level}")?,
            }
        }
        Ok(())
    }
}

fn first_segment(target: &str) -> &str {
    target.split("::").next().unwrap_or(target)
}

fn is_carrier(target: &str) -> bool {
    CARRIERS.contains(&first_segment(target))
}

/// Their crates log with package names for targets: `opentelemetry-otlp`.
fn is_opentelemetry(target: &str) -> bool {
    first_segment(target).starts_with("opentelemetry")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_target_that_fits_counts() {
        let filter = Filter::parse("info, upload=warn,upload::storage=debug").unwrap();
        assert_eq!(filter.level_of("api"), LevelFilter::INFO);
        assert_eq!(filter.level_of("upload::http"), LevelFilter::WARN);
        assert_eq!(filter.level_of("upload::storage::s3"), LevelFilter::DEBUG);
        assert_eq!(filter.level_of("uploader"), LevelFilter::INFO);
        assert_eq!(filter.max_level(), LevelFilter::DEBUG);
        assert_eq!(filter.to_string(), "upload::storage=debug,upload=warn,info");
        assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
    }

    #[test]
    fn carriers_and_opentelemetry_must_be_asked_for_by_name() {
        let filter = Filter::parse("trace,tonic=debug").unwrap();
        assert_eq!(filter.level_of("h2::proto::connection"), LevelFilter::WARN);
        assert_eq!(filter.level_of("tonic::transport"), LevelFilter::DEBUG);
        assert_eq!(filter.level_of("tower_http::trace"), LevelFilter::TRACE);
        assert_eq!(filter.level_of("opentelemetry-otlp"), LevelFilter::OFF);
        let asked = Filter::parse("opentelemetry_sdk=debug").unwrap();
        assert_eq!(asked.level_of("opentelemetry_sdk"), LevelFilter::DEBUG);
        assert_eq!(asked.level_of("api"), LevelFilter::OFF);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, why) in [
            ("", "no directive"),
            ("info,api=loud", "`loud` is not a level"),
            ("api[request]=debug", "not supported"),
            ("=debug", "no target"),
        ] {
            assert!(Filter::parse(text).unwrap_err().contains(why), "{text}");
        }
        assert_eq!(Filter::parse("api").unwrap().level_of("api::x"), LevelFilter::TRACE);
        assert_eq!(Filter::parse("OFF").unwrap().max_level(), LevelFilter::OFF);
    }
}
