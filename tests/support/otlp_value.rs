//! Attributes and their typed values.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// An attribute's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    Bytes(Vec<u8>),
    Empty,
}

impl Value {
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    fn read(value: Option<&AnyValue>) -> Self {
        use any_value::Value as Any;
        match value.and_then(|value| value.value.as_ref()) {
            Some(Any::StringValue(text)) => Value::Text(text.clone()),
            Some(Any::IntValue(number)) => Value::Int(*number),
            Some(Any::DoubleValue(number)) => Value::Float(*number),
            Some(Any::BoolValue(truth)) => Value::Bool(*truth),
            Some(Any::BytesValue(bytes)) => Value::Bytes(bytes.clone()),
            Some(Any::ArrayValue(list)) => {
                Value::List(list.values.iter().map(|value| Value::read(Some(value))).collect())
            }
            Some(Any::KvlistValue(map)) => Value::Map(attributes(&map.values)),
            Some(Any::StringValueStrindex(_)) | None => Value::Empty,
        }
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_text() == Some(other)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.as_text() == Some(*other)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl Display for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => formatter.write_str(text),
            Value::Int(number) => write!(formatter, "{number}"),
            Value::Float(number) => write!(formatter, "{number:?}"),
            Value::Bool(truth) => write!(formatter, "{truth}"),
            Value::List(list) => formatter.debug_list().entries(list).finish(),
            Value::Map(map) => formatter.debug_list().entries(map).finish(),
            Value::Bytes(bytes) => formatter.write_str(&hex(bytes)),
            Value::Empty => formatter.write_str("(empty)"),
        }
    }
}

pub(super) fn attributes(list: &[KeyValue]) -> Vec<(String, Value)> {
    list.iter().map(|pair| (pair.key.clone(), Value::read(pair.value.as_ref()))).collect()
}

pub(super) fn find<'a>(list: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    list.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// Keys that OTLP forbids: empty ones, and those that come twice.
pub(super) fn check_keys(attributes: &[(String, Value)]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let wrong = attributes.iter().find(|(key, _)| key.is_empty() || !seen.insert(key));
    wrong.map_or(Ok(()), |(key, _)| Err(format!("the key {key:?} in {attributes:?}")))
}

/// Two digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
