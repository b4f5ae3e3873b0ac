//! Other ways to write a model's name.

/// What names of tuned models begin with.
pub(crate) const TUNED: &str = "ft:";
/// A name that is longer is none.
pub(crate) const MAX_NAME: usize = 256;

/// The name and what it may be called in a table, most like it first. Regions are never taken away: they may
/// cost more.
pub(crate) fn spellings(model: &str) -> Vec<String> {
    let model = model.to_lowercase();
    let mut spellings = vec![model.clone()];
    // `ft:gpt-4o-2024-08-06:org:name:id`
    let tuned = model.strip_prefix(TUNED).and_then(|rest| rest.split_once(':'));
    spellings.extend(tuned.map(|(base, _)| format!("{TUNED}{base}")));
    for at in 0..spellings.len() {
        let dashed = dates(&spellings[at], "-dddddddd", dashed);
        let compact = dates(&spellings[at], "-dddd-dd-dd", compact);
        spellings.extend(dashed.into_iter().chain(compact));
    }
    spellings
}

fn dashed(date: &str) -> String {
    format!("-{}-{}-{}", &date[1..5], &date[5..7], &date[7..9])
}

fn compact(date: &str) -> String {
    format!("-{}", date[1..].replace('-', ""))
}

/// The name with its dates written otherwise, if it has any.
fn dates(name: &str, shape: &str, write: fn(&str) -> String) -> Option<String> {
    let is_date = |part: &str| {
        let fits = part.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        });
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        let number =
            |from: usize, to: usize| digits.get(from..to).and_then(|it| it.parse::<u8>().ok());
        let is_real = digits.starts_with("20")
            && number(4, 6).is_some_and(|month| (1..=12).contains(&month))
            && number(6, 8).is_some_and(|day| (1..=31).contains(&day));
        fits && is_real
    };
    let mut written = String::new();
    let mut rest = name;
    while let Some(letter) = rest.chars().next() {
        let part = rest.get(..shape.len()).filter(|part| is_date(part));
        let ends = |end: &str| end.is_empty() || end.starts_with(['-', ':']);
        match part.filter(|part| ends(&rest[part.len()..])) {
            Some(part) => {
                written.push_str(&write(part));
                rest = &rest[part.len()..];
            }
            None => {
                written.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    (written != name).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_both_ways() {
        for (model, wanted) in [
            ("GPT-4o", &["gpt-4o"][..]),
            ("gpt-4o-20240806", &["gpt-4o-20240806", "gpt-4o-2024-08-06"]),
            ("claude-x-2025-09-29", &["claude-x-2025-09-29", "claude-x-20250929"]),
            ("a-20250230:batch", &["a-20250230:batch", "a-2025-02-30:batch"]),
            ("a-20251301", &["a-20251301"]),
            ("a-202501011", &["a-202501011"]),
            ("é-20250101", &["é-20250101", "é-2025-01-01"]),
            ("us.anthropic.claude-x-v1:0", &["us.anthropic.claude-x-v1:0"]),
            (
                "ft:gpt-4o-20240806:org::id",
                &[
                    "ft:gpt-4o-20240806:org::id",
                    "ft:gpt-4o-20240806",
                    "ft:gpt-4o-2024-08-06:org::id",
                    "ft:gpt-4o-2024-08-06",
                ],
            ),
        ] {
            assert_eq!(spellings(model), wanted);
        }
    }
}
