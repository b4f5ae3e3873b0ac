//! Lists of pairs in variables: `OTEL_RESOURCE_ATTRIBUTES` and `DD_TAGS`.

use super::findings::{Findings, Wrong, quoted};
use super::text::{MAX_KEY_CHARS, MAX_TEXT_CHARS};
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::variables::{DD_TAGS, OTEL_RESOURCE_ATTRIBUTES, Variable};
use crate::resource;
use crate::scrub::{self, Objection, Policy};

/// How many items of one list are used; OpenTelemetry's limit for attributes.
pub(super) const MAX_ITEMS: usize = 128;
/// How many complaints about one list a warning holds.
const MAX_COMPLAINTS: usize = 3;

/// The usable pairs of one variable, each key once.
#[derive(Debug)]
pub(super) struct Pairs {
    variable: Variable,
    pairs: Vec<(String, String)>,
}

impl Pairs {
    pub(super) fn of_resource_attributes(policy: &Policy, findings: &mut Findings<'_>) -> Self {
        Self::read(policy, findings, OTEL_RESOURCE_ATTRIBUTES, |list| {
            list.split(',').map(attribute).collect()
        })
    }

    pub(super) fn of_dd_tags(policy: &Policy, findings: &mut Findings<'_>) -> Self {
        Self::read(policy, findings, DD_TAGS, |list| match list.contains(',') {
            true => list.split(',').map(tag).collect(),
            false => list.split_whitespace().map(tag).collect(),
        })
    }

    /// Takes a key's value out of the list.
    pub(super) fn take(&mut self, key: &str) -> Option<Sourced<String>> {
        let at = self.pairs.iter().position(|(found, _)| found == key)?;
        let (_, value) = self.pairs.remove(at);
        Some(Sourced { value, source: self.source() })
    }

    pub(super) fn source(&self) -> SettingSource {
        SettingSource::Variable(self.variable.name)
    }

    /// What is left, without the keys that say who we are.
    pub(super) fn into_vec(self) -> Vec<(String, String)> {
        self.pairs.into_iter().filter(|(key, _)| !resource::is_own_key(key)).collect()
    }

    fn read(
        policy: &Policy,
        findings: &mut Findings<'_>,
        variable: Variable,
        split: impl FnOnce(&str) -> Vec<Item>,
    ) -> Self {
        let items = findings.variable(variable, |list| Ok(split(list)));
        let items = items.map(|items| items.value).unwrap_or_default();
        let mut pairs = Vec::new();
        let mut complaints = Vec::new();
        if items.len() > MAX_ITEMS {
            complaints.push(format!("there are more than {MAX_ITEMS} items"));
        }
        for (index, item) in items.iter().take(MAX_ITEMS).enumerate() {
            match item.cleaned(policy) {
                Ok(Some(pair)) => keep_last(&mut pairs, pair),
                Ok(None) => {}
                // By its place: the text itself may be a part of a secret.
                Err(complaint) => complaints.push(format!("item {} {complaint}", index + 1)),
            }
        }
        complain(findings, variable, complaints);
        Pairs { variable, pairs }
    }
}

/// Warns once of all items that a list is used without.
pub(super) fn complain(
    findings: &mut Findings<'_>,
    variable: Variable,
    mut complaints: Vec<String>,
) {
    if complaints.is_empty() {
        return;
    }
    let more = match complaints.len().saturating_sub(MAX_COMPLAINTS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    complaints.truncate(MAX_COMPLAINTS);
    let found = format!("{}{more}", complaints.join(", "));
    let wanted = format!("write `{}`", variable.example);
    findings.warn_that(variable, Wrong::new(found, wanted), "the other items are used");
}

/// Adds a pair; one of the same key that came earlier makes way.
pub(super) fn keep_last(pairs: &mut Vec<(String, String)>, pair: (String, String)) {
    pairs.retain(|(key, _)| *key != pair.0);
    pairs.push(pair);
}

/// One item of a list, split but not cleaned.
enum Item {
    Blank,
    Pair(String, String),
    Malformed(&'static str),
}

impl Item {
    /// The pair that may be used, or what is wrong with it.
    fn cleaned(&self, policy: &Policy) -> Result<Option<(String, String)>, String> {
        let (key, value) = match self {
            Item::Blank => return Ok(None),
            Item::Malformed(how) => return Err((*how).to_owned()),
            Item::Pair(key, value) => (key.trim(), value.trim()),
        };
        if key.is_empty() || value.is_empty() {
            return Err("has an empty key or value".to_owned());
        }
        if scrub::text(key, MAX_KEY_CHARS) != key || scrub::text(value, MAX_TEXT_CHARS) != value {
            return Err("is too long or has control characters".to_owned());
        }
        // Who we are is judged as what it is.
        let judged = match key {
            _ if !resource::is_own_key(key) => policy.constant(key, value, MAX_TEXT_CHARS),
            _ => policy.identity(value, key.ends_with("version")).map(|()| value.into()),
        };
        match judged {
            Ok(kept) => Ok(Some((key.to_owned(), kept.into_owned()))),
            Err(Objection::Key(does)) => Err(format!("has the key {}, which {does}", quoted(key))),
            Err(Objection::InKey(kind)) => {
                Err(format!("has a key in which the rules find `{kind}`"))
            }
            Err(Objection::InValue(kind)) => {
                Err(format!("has a value in which the rules find `{kind}`"))
            }
        }
    }
}

/// `key=value`, percent-encoded.
fn attribute(item: &str) -> Item {
    if item.trim().is_empty() {
        return Item::Blank;
    }
    let Some((key, value)) = item.split_once('=') else { return Item::Malformed("has no `=`") };
    match (percent_decoded(key.trim()), percent_decoded(value.trim())) {
        (Some(key), Some(value)) => Item::Pair(key, value),
        _ => Item::Malformed("is not percent-encoded UTF-8"),
    }
}

/// `key:value`.
fn tag(item: &str) -> Item {
    if item.trim().is_empty() {
        return Item::Blank;
    }
    match item.split_once(':') {
        Some((key, value)) => Item::Pair(key.to_owned(), value.to_owned()),
        None => Item::Malformed("has no `:`"),
    }
}

pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Environment;
    use crate::scrub::{Detector, Redaction};

    type Read = fn(&Policy, &mut Findings<'_>) -> Pairs;

    fn read(variable: &str, list: &str) -> (Vec<(String, String)>, Vec<String>) {
        let environment: Environment = [(variable, list)].into_iter().collect();
        let mut findings = Findings::new(&environment);
        let read: Read = match variable {
            "DD_TAGS" => Pairs::of_dd_tags,
            _ => Pairs::of_resource_attributes,
        };
        let pairs = read(&policy(), &mut findings).into_vec();
        (pairs, findings.warnings)
    }

    fn policy() -> Policy {
        let staff = Detector::prefixed("staff", "staff_", 4);
        Redaction::default().detector(staff).compile(None)
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(key, value)| (key.into(), value.into())).collect()
    }

    #[test]
    fn attributes_are_percent_decoded_and_the_last_of_a_key_counts() {
        let (pairs, warnings) = read(
            "OTEL_RESOURCE_ATTRIBUTES",
            "team=a%2Cb, caf%C3%a9 = cr%c3%A8me ,empty%3dkey=x,team=last,q=a=b,",
        );
        let right = [("café", "crème"), ("empty=key", "x"), ("team", "last"), ("q", "a=b")];
        assert_eq!(pairs, owned(&right));
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn what_is_malformed_is_told_in_one_line_and_the_rest_is_used() {
        let list = "a=1,hunter2,b=%zz,c=%2,d=%ff,=x,db.password=hunter2,e=a%0Ab,f=2";
        let (pairs, warnings) = read("OTEL_RESOURCE_ATTRIBUTES", list);
        assert_eq!(pairs, owned(&[("a", "1"), ("f", "2")]));
        assert_eq!(warnings.len(), 1);
        let expected = "OTEL_RESOURCE_ATTRIBUTES: item 2 has no `=`, item 3 is not percent-encoded \
                        UTF-8, item 4 is not percent-encoded UTF-8, and 4 more; write ";
        assert!(warnings[0].starts_with(expected), "{warnings:?}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
    }

    #[test]
    fn dd_tags_are_split_by_commas_or_by_spaces() {
        let right = owned(&[("team", "a"), ("url", "http://x"), ("zone", "b")]);
        for list in [
            "team:a,url:http://x,zone:b",
            "team:a  url:http://x\tzone:b",
            "team:a, url:http://x ,,zone:b",
        ] {
            assert_eq!(read("DD_TAGS", list), (right.clone(), vec![]), "{list}");
        }
        assert_eq!(
            read("DD_TAGS", "note:two words,a:b").0,
            owned(&[("note", "two words"), ("a", "b")])
        );
    }

    #[test]
    fn tags_that_cannot_be_used_are_left_out() {
        let long = "v".repeat(MAX_TEXT_CHARS + 1);
        let list = format!("bare,a:,api_key:hunter2,long:{long},service.name:x,ok:1");
        let (pairs, warnings) = read("DD_TAGS", &list);
        assert_eq!(pairs, owned(&[("ok", "1")]));
        assert!(warnings[0].contains("item 3 has the key `api_key`"), "{warnings:?}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
    }

    #[test]
    fn what_the_rules_find_is_left_out_and_never_shown() {
        let list = "owner:of staff_0001,x.staff_0001:1,service:staff_0001,user.id:ada,ok:1";
        let (pairs, warnings) = read("DD_TAGS", list);
        assert_eq!(pairs.len(), 2);
        assert!(pairs[0].0 == "user.id" && pairs[0].1.starts_with("h1:"), "{pairs:?}");
        let expected = "DD_TAGS: item 1 has a value in which the rules find `staff`, item 2 has a key \
                        in which the rules find `staff`, item 3 has a value in which the rules find \
                        `staff`; ";
        assert!(warnings[0].starts_with(expected), "{warnings:?}");
        assert!(!warnings[0].contains("0001"), "{warnings:?}");
    }

    #[test]
    fn a_list_has_an_end() {
        let list: Vec<_> = (0..1_000).map(|n| format!("k{n}:v")).collect();
        let (pairs, warnings) = read("DD_TAGS", &list.join(","));
        assert_eq!(pairs.len(), MAX_ITEMS);
        assert!(warnings[0].contains("more than 128"), "{warnings:?}");
    }
}
