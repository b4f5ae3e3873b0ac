//! The grammar, field by field.

use super::{Check, Event, Line, Metric, Origin};

/// All lines of a payload; an empty one is skipped, as by the agent.
pub fn parse_payload(payload: &[u8]) -> Result<Vec<Line>, String> {
    let text = std::str::from_utf8(payload).map_err(|error| error.to_string())?;
    text.split('\n').filter(|line| !line.is_empty()).map(parse_line).collect()
}

pub fn parse_line(line: &str) -> Result<Line, String> {
    let parsed = if line.contains(['\n', '\r', '\0']) {
        Err("a control character".to_owned())
    } else if line.starts_with("_e{") {
        parse_event(line).map(Line::Event)
    } else if line.starts_with("_sc|") {
        parse_check(line).map(Line::Check)
    } else {
        parse_metric(line).map(Line::Metric)
    };
    parsed.map_err(|reason| format!("{reason}: {line:?}"))
}

fn parse_metric(line: &str) -> Result<Metric, String> {
    let mut fields = line.split('|');
    let head = fields.next().unwrap_or_default();
    let (name, values) = head.split_once(':').ok_or("no value")?;
    require(is_name(name), "the name is not [A-Za-z][A-Za-z0-9_.]{0,199}")?;
    let kind = fields.next().ok_or("no type")?;
    require(["c", "g", "h", "d", "s", "ms"].contains(&kind), "unknown type")?;
    let mut metric =
        Metric { name: name.into(), kind: kind.into(), rate: 1.0, ..Metric::default() };
    if kind == "s" {
        require(!values.is_empty(), "an empty set value")?;
        metric.member = Some(values.into());
    } else {
        metric.values = values.split(':').map(number).collect::<Result<_, _>>()?;
    }
    let mut seen = Vec::new();
    for field in fields {
        let key = once(&mut seen, field, &["@", "#", "c:", "e:", "card:", "T"])?;
        let value = &field[key.len()..];
        match key {
            "@" => metric.rate = rate(value)?,
            "#" => metric.tags = tags(value)?,
            "T" => metric.timestamp = Some(seconds(value)?),
            _ => metric.origin.set(key, value)?,
        }
    }
    if metric.timestamp.is_some() {
        require(["c", "g"].contains(&kind), "a timestamp on what is neither count nor gauge")?;
        require(metric.rate == 1.0, "a timestamp with a rate")?;
    }
    Ok(metric)
}

fn parse_event(line: &str) -> Result<Event, String> {
    let (lengths, rest) = line[3..].split_once("}:").ok_or("no header")?;
    let (title, text) = lengths.split_once(',').ok_or("no text length")?;
    let (title, text) = (length(title)?, length(text)?);
    require(title > 0 && text > 0, "an empty title or text")?;
    let title_text = rest.get(..title).ok_or("the title is shorter than its length")?;
    let rest = rest[title..].strip_prefix('|').ok_or("no | after the title")?;
    let body = rest.get(..text).ok_or("the text is shorter than its length")?;
    let rest = &rest[text..];
    require(rest.is_empty() || rest.starts_with('|'), "the text is longer than its length")?;
    let mut event = Event { title: unescape(title_text), text: unescape(body), ..Event::default() };
    let mut seen = Vec::new();
    for field in rest.split('|').skip(1) {
        let keys = ["d:", "h:", "k:", "p:", "s:", "t:", "#", "c:", "e:", "card:"];
        let key = once(&mut seen, field, &keys)?;
        let value = &field[key.len()..];
        match key {
            "d:" => event.timestamp = Some(seconds(value)?),
            "h:" => event.hostname = Some(word(value)?),
            "k:" => event.aggregation_key = Some(word(value)?),
            "s:" => event.source_type = Some(word(value)?),
            "p:" => event.priority = Some(one_of(value, &["normal", "low"])?),
            "t:" => {
                let types = ["error", "warning", "info", "success"];
                event.alert_type = Some(one_of(value, &types)?);
            }
            "#" => event.tags = tags(value)?,
            _ => event.origin.set(key, value)?,
        }
    }
    Ok(event)
}

fn parse_check(line: &str) -> Result<Check, String> {
    let mut fields = line.split('|').skip(1);
    let name = fields.next().unwrap_or_default();
    require(is_check_name(name), "the check's name is not [A-Za-z][A-Za-z0-9_. -]{0,199}")?;
    let status = one_of(fields.next().unwrap_or_default(), &["0", "1", "2", "3"])?;
    let status = status.parse().map_err(|_| "no status")?;
    let mut check = Check { name: name.into(), status, ..Check::default() };
    let mut seen = Vec::new();
    for field in fields {
        let key = once(&mut seen, field, &["d:", "h:", "#", "m:", "c:", "e:", "card:"])?;
        let value = &field[key.len()..];
        match key {
            "d:" => check.timestamp = Some(seconds(value)?),
            "h:" => check.hostname = Some(word(value)?),
            "#" => check.tags = tags(value)?,
            "m:" => {
                require(!value.is_empty(), "an empty message")?;
                check.message = Some(unescape(value));
            }
            _ => check.origin.set(key, value)?,
        }
    }
    Ok(check)
}

impl Origin {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let all = |allowed: fn(u8) -> bool| !value.is_empty() && value.bytes().all(allowed);
        let slot = match key {
            "c:" => {
                let known = value.starts_with("ci-") || value.starts_with("in-");
                require(known, "an origin that is neither ci- nor in-")?;
                require(all(|b| b.is_ascii_alphanumeric() || b == b'-'), "a wrong container")?;
                &mut self.container
            }
            "e:" => {
                let allowed = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b',' | b'-');
                require(all(allowed), "wrong external data")?;
                &mut self.external
            }
            _ => {
                one_of(value, &["none", "low", "orchestrator", "high"])?;
                &mut self.cardinality
            }
        };
        *slot = Some(value.into());
        Ok(())
    }
}

fn require(holds: bool, reason: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(reason.to_owned()) }
}

/// The key that a field begins with; each may be there once.
fn once<'k>(seen: &mut Vec<&'k str>, field: &str, keys: &[&'k str]) -> Result<&'k str, String> {
    let key = keys.iter().copied().find(|key| field.starts_with(key));
    let key = key.ok_or_else(|| format!("an unknown field {field:?}"))?;
    require(!seen.contains(&key), "a repeated field")?;
    seen.push(key);
    Ok(key)
}

fn number(text: &str) -> Result<f64, String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
    let value = text.parse::<f64>().ok().filter(|value| plain && value.is_finite());
    value.ok_or_else(|| format!("{text:?} is not a finite number"))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = number(text)?;
    require(rate > 0.0 && rate <= 1.0, "a rate outside (0, 1]")?;
    Ok(rate)
}

fn seconds(text: &str) -> Result<u64, String> {
    let seconds = text.parse::<u64>().ok().filter(|&seconds| seconds >= 1);
    seconds.filter(|_| !text.starts_with('+')).ok_or_else(|| "a wrong timestamp".to_owned())
}

fn length(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a wrong length".to_owned())
}

fn tags(text: &str) -> Result<Vec<String>, String> {
    let tags: Vec<String> = text.split(',').map(str::to_owned).collect();
    for tag in &tags {
        let starts_right = tag.starts_with(char::is_alphabetic);
        let allowed = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
        let lower = !tag.chars().any(|c| c.to_lowercase().ne([c]) && c != 'İ');
        let right = starts_right && tag.chars().all(allowed) && lower && !tag.ends_with(':');
        require(right && tag.chars().count() <= 200, &format!("a wrong tag {tag:?}"))?;
    }
    let mut sorted = tags.clone();
    sorted.sort();
    sorted.dedup();
    require(sorted.len() == tags.len(), "the same tag twice")?;
    Ok(tags)
}

fn word(text: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.- ".contains(&b);
    require(!text.is_empty() && text.bytes().all(allowed), "a wrong field value")?;
    Ok(text.to_owned())
}

fn one_of(text: &str, words: &[&str]) -> Result<String, String> {
    require(words.contains(&text), &format!("{text:?} is none of {words:?}"))?;
    Ok(text.to_owned())
}

fn is_name(name: &str) -> bool {
    is_check_name(name) && !name.contains([' ', '-'])
}

fn is_check_name(name: &str) -> bool {
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_. -".contains(&b))
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n")
}
