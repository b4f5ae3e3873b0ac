//! A strict reader of both formats: it refuses whatever some scraper may refuse.

use crate::prometheus::Format;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug)]
pub(super) struct ReadFamily {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) help: String,
    pub(super) unit: Option<String>,
    pub(super) samples: Vec<ReadSample>,
}

#[derive(Debug)]
pub(super) struct ReadSample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: String,
}

/// Reads a page or says what is wrong with it.
pub(super) fn read(page: &str, format: Format) -> Result<Vec<ReadFamily>, String> {
    let mut body = page.strip_suffix('\n').ok_or("the last line has no end")?;
    if format == Format::OpenMetrics {
        body = body.strip_suffix("\n# EOF").ok_or("no EOF")?;
    }
    let mut families: Vec<ReadFamily> = Vec::new();
    for line in body.split('\n') {
        read_line(line, format, &mut families).map_err(|error| format!("{error}: {line}"))?;
    }
    let (mut claimed, mut series) = (HashSet::new(), HashSet::new());
    for family in &families {
        check_family(family, format, &mut claimed)
            .map_err(|error| format!("{error}: {family:#?}"))?;
        for sample in &family.samples {
            if !series.insert(format!("{}{:?}", sample.name, sample.labels)) {
                return Err(format!("twice: {sample:?}"));
            }
        }
    }
    Ok(families)
}

fn read_line(line: &str, format: Format, families: &mut Vec<ReadFamily>) -> Result<(), String> {
    if let Some(metadata) = line.strip_prefix("# ") {
        let mut words = metadata.splitn(3, ' ');
        let mut word = || words.next().ok_or("a metadata line of three words");
        let (keyword, name, rest) = (word()?, word()?, word()?);
        check_name(name, true)?;
        if families.last().is_none_or(|family| family.name != name) {
            families.push(ReadFamily {
                name: name.into(),
                kind: String::new(),
                help: String::new(),
                unit: None,
                samples: Vec::new(),
            });
        }
        let family = families.last_mut().ok_or("a family")?;
        if !family.samples.is_empty() {
            return Err("metadata after samples".into());
        }
        return match keyword {
            "HELP" if family.help.is_empty() => {
                family.help = unescape(rest, format == Format::OpenMetrics)?;
                Ok(())
            }
            "TYPE" if family.kind.is_empty() => {
                family.kind = rest.into();
                Ok(())
            }
            "UNIT" if family.unit.is_none() && format == Format::OpenMetrics => {
                family.unit = Some(rest.into());
                Ok(())
            }
            _ => Err("an unknown or repeated keyword".into()),
        };
    }
    let family = families.last_mut().ok_or("a sample before any metadata")?;
    family.samples.push(read_sample(line)?);
    Ok(())
}

fn read_sample(line: &str) -> Result<ReadSample, String> {
    let name_end = line.find(['{', ' ']).ok_or("no value")?;
    let (name, mut rest) = line.split_at(name_end);
    check_name(name, true)?;
    let mut labels = BTreeMap::new();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            let (key, after) = inner.split_once("=\"").ok_or("a label without a value")?;
            check_name(key, false)?;
            let end = closing_quote(after).ok_or("a value without an end")?;
            let value = unescape(&after[..end], true)?;
            if value.is_empty() || labels.insert(key.to_owned(), value).is_some() {
                return Err("an empty label or one that is there twice".into());
            }
            inner = &after[end + 1..];
            match inner.strip_prefix(',') {
                Some(next) => inner = next,
                None => break,
            }
        }
        rest = inner.strip_prefix('}').ok_or("labels without an end")?;
    }
    let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
    let plain = matches!(value, "+Inf" | "-Inf" | "NaN")
        || value.bytes().all(|b| b.is_ascii_digit() || b"+-.e".contains(&b));
    if !plain || value.parse::<f64>().is_err() {
        return Err("not a number".into());
    }
    Ok(ReadSample { name: name.into(), labels, value: value.into() })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closing = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closing
    })
}

fn unescape(text: &str, quotes: bool) -> Result<String, String> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\\') => plain.push('\\'),
                Some('n') => plain.push('\n'),
                Some('"') if quotes => plain.push('"'),
                other => return Err(format!("the escape {other:?}")),
            },
            '"' if quotes => return Err("a bare quote".into()),
            c => plain.push(c),
        }
    }
    Ok(plain)
}

fn check_name(name: &str, metric: bool) -> Result<(), String> {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || (metric && c == ':');
    let fits = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    match fits && (metric || !name.starts_with("__")) {
        true => Ok(()),
        false => Err(format!("the name {name:?}")),
    }
}

fn check_family(
    family: &ReadFamily,
    format: Format,
    claimed: &mut HashSet<String>,
) -> Result<(), String> {
    let open = format == Format::OpenMetrics;
    let suffixes: &[&str] = match family.kind.as_str() {
        "counter" if open => &["_total", "_created"],
        "histogram" => &["_bucket", "_sum", "_count", "_created"],
        "info" if open => &["_info"],
        "counter" | "gauge" => &[""],
        _ => return Err("an unknown type".into()),
    };
    let mut names: HashSet<_> =
        suffixes.iter().map(|suffix| format!("{}{suffix}", family.name)).collect();
    if family.samples.is_empty() || family.samples.iter().any(|s| !names.contains(&s.name)) {
        return Err("no samples, or of another family".into());
    }
    names.insert(family.name.clone());
    if names.into_iter().any(|name| !claimed.insert(name)) {
        return Err("a name that clashes".into());
    }
    if family.unit.as_ref().is_some_and(|unit| !family.name.ends_with(&format!("_{unit}"))) {
        return Err("a unit that is not in the name".into());
    }
    if family.help.is_empty() {
        return Err("no help".into());
    }
    match family.kind.as_str() {
        "histogram" => check_histograms(family, open),
        _ => Ok(()),
    }
}

fn check_histograms(family: &ReadFamily, open: bool) -> Result<(), String> {
    let mut seen = HashSet::new();
    let without_le = |sample: &ReadSample| {
        let mut labels = sample.labels.clone();
        let le = labels.remove("le").filter(|_| sample.name.ends_with("_bucket"));
        (labels, le)
    };
    let mut rest = family.samples.as_slice();
    while let Some(first) = rest.first() {
        let labels = without_le(first).0;
        let end = rest.iter().position(|s| without_le(s).0 != labels).unwrap_or(rest.len());
        let (group, others) = rest.split_at(end);
        rest = others;
        if !seen.insert(format!("{labels:?}")) {
            return Err("a histogram in two places".into());
        }
        let (mut bound, mut below) = (f64::NEG_INFINITY, 0);
        let (mut sum, mut count) = (None, None);
        for sample in group {
            let number = sample.value.parse::<u64>();
            match without_le(sample).1 {
                Some(le) => {
                    let le: f64 = le.parse().map_err(|_| "a bound")?;
                    let number = number.map_err(|_| "a bucket's count")?;
                    if le <= bound || number < below || (open && le < 0.0 && sum.is_some()) {
                        return Err("buckets out of order".into());
                    }
                    (bound, below) = (le, number);
                }
                None if sample.name.ends_with("_sum") => sum = sample.value.parse::<f64>().ok(),
                None => count = number.ok(),
            }
        }
        let whole = bound == f64::INFINITY && count.is_none_or(|count| count == below);
        if !whole
            || sum.is_some() != count.is_some()
            || (open && sum.is_some_and(|s| s.is_nan() || s < 0.0))
        {
            return Err("a histogram that does not add up".into());
        }
    }
    Ok(())
}
