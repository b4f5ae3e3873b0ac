//! Rules that say which models an entry is about.

use regex::{Regex, RegexBuilder};

/// All texts are small letters, and so must be what is matched.
#[derive(Debug, Clone)]
pub(crate) enum Clause {
    Equals(Box<str>),
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Contains(Box<str>),
    /// The name, or the name with a date: `-2024-08-06`, `-20240806`, `@20240806`, `-latest`.
    Dated(Box<str>),
    Pattern(Box<Pattern>),
    Or(Vec<Clause>),
    And(Vec<Clause>),
}

impl Clause {
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Clause::Equals(text) => name == &**text,
            Clause::StartsWith(text) => name.starts_with(&**text),
            Clause::EndsWith(text) => name.ends_with(&**text),
            Clause::Contains(text) => name.contains(&**text),
            Clause::Dated(text) => name.strip_prefix(&**text).is_some_and(is_date),
            Clause::Pattern(pattern) => pattern.matches(name),
            Clause::Or(clauses) => clauses.iter().any(|clause| clause.matches(name)),
            Clause::And(clauses) => clauses.iter().all(|clause| clause.matches(name)),
        }
    }

    /// Whether the rule speaks of models that were tuned, rather than meeting one by chance.
    pub(crate) fn knows_tuned(&self) -> bool {
        match self {
            Clause::Equals(text)
            | Clause::StartsWith(text)
            | Clause::Contains(text)
            | Clause::Dated(text) => text.starts_with(super::name::TUNED),
            Clause::EndsWith(_) | Clause::Pattern(_) => false,
            Clause::Or(clauses) | Clause::And(clauses) => clauses.iter().any(Clause::knows_tuned),
        }
    }
}

fn is_date(suffix: &str) -> bool {
    let shape: String =
        suffix.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    ["", "-latest", "-0000-00-00", "-00000000", "@00000000", "@latest", "@default"]
        .contains(&&*shape)
}

/// A regular expression, after one that may not match at the start: tables have `^(?!..)`, and what matches in
/// linear time has no such thing.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    unless: Option<Regex>,
    expression: Regex,
}

/// Enough for every one that tables have, and little memory.
const MAX_SIZE: usize = 512 * 1024;

impl Pattern {
    /// `None` for what is no expression, or one with other things to look at around it.
    pub(crate) fn parse(text: &str) -> Option<Pattern> {
        let compile = |text: &str| RegexBuilder::new(text).size_limit(MAX_SIZE).build().ok();
        let Some(rest) = text.strip_prefix("^(?!") else {
            return Some(Pattern { unless: None, expression: compile(text)? });
        };
        let end = closing(rest)?;
        let unless = compile(&format!("^(?:{})", &rest[..end]))?;
        let expression = compile(&format!("^(?:{})", &rest[end + 1..]))?;
        Some(Pattern { unless: Some(unless), expression })
    }

    fn matches(&self, name: &str) -> bool {
        !self.unless.as_ref().is_some_and(|unless| unless.is_match(name))
            && self.expression.is_match(name)
    }
}

/// Where the bracket closes that was opened before.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut in_class, mut is_escaped) = (1, false, false);
    for (at, letter) in text.bytes().enumerate() {
        match letter {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_with_a_look_ahead() {
        let pattern = Pattern::parse(r"^(?!.*-[tT][tT][sS](?:$|-))").unwrap();
        assert!(pattern.matches("gemini-2.5-flash") && pattern.matches("gemini-ttsx"));
        assert!(!pattern.matches("gemini-2.5-flash-tts") && !pattern.matches("a-tts-b"));
        let pattern = Pattern::parse(r"^(?![^/]+/)(?:labs-)?(?:mi|code)stral").unwrap();
        assert!(pattern.matches("mistral-small") && pattern.matches("labs-codestral"));
        assert!(!pattern.matches("x/mistral") && !pattern.matches("amistral"));
        let pattern = Pattern::parse(r"^gpt-5\.4-\d{4}-\d{2}-\d{2}$").unwrap();
        assert!(pattern.matches("gpt-5.4-2026-03-01") && !pattern.matches("gpt-5.4-mini"));
        for broken in
            ["(", "a(?!b)", "^(?!a", "^(?!a)(", "^(?![a)", "(?:(?:(?:a{99}){99}){99}){99}"]
        {
            assert!(Pattern::parse(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn dates_are_not_other_models() {
        let clause = Clause::Dated("gpt-5".into());
        for name in
            ["gpt-5", "gpt-5-2025-08-07", "gpt-5-20250807", "gpt-5@20250807", "gpt-5-latest"]
        {
            assert!(clause.matches(name), "{name}");
        }
        for name in ["gpt-5-mini", "gpt-5.1", "gpt-5-2025-08", "gpt-5-2025-08-07-x", "gpt-"] {
            assert!(!clause.matches(name), "{name}");
        }
    }
}
