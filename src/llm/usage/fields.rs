//! Counts and names out of JSON that anybody may have written.

use super::UsageError;
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// A name that is longer than this is none.
const MAX_NAME: usize = 512;
/// Up to here a float names one whole number.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// An object, or its absence, with the path to it.
pub(super) struct Fields<'a> {
    object: Option<&'a Object>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Object, path: &str) -> Self {
        Fields { object: Some(object), path: path.to_owned() }
    }

    /// The count at `key`, if there is anything but null.
    pub(super) fn count(&self, key: &str) -> Result<Option<u64>, UsageError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let whole = |float: &f64| (0.0..=MAX_EXACT).contains(float) && float.fract() == 0.0;
        let count =
            value.as_u64().or_else(|| value.as_f64().filter(whole).map(|float| float as u64));
        let problem = || format!("is {}, not a count", uncountable(value));
        count.map(Some).ok_or_else(|| UsageError::new(self.path_to(key), problem()))
    }

    pub(super) fn count_or_zero(&self, key: &str) -> Result<u64, UsageError> {
        Ok(self.count(key)?.unwrap_or(0))
    }

    /// The first count that is there, under either name.
    pub(super) fn either(&self, key: &str, other: &str) -> Result<Option<u64>, UsageError> {
        Ok(self.count(key)?.or(self.count(other)?))
    }

    /// The object at `key`; where there is none, one without fields.
    pub(super) fn inside(&self, key: &str) -> Result<Fields<'a>, UsageError> {
        let object = match self.get(key) {
            None => None,
            Some(Value::Object(object)) => Some(object),
            Some(value) => return Err(self.wrong(key, value, "an object")),
        };
        Ok(Fields { object, path: self.path_to(key) })
    }

    /// The objects of the list at `key`.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Fields<'a>>, UsageError> {
        let list = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(value) => return Err(self.wrong(key, value, "a list")),
        };
        let named = |(at, value): (usize, &'a Value)| {
            let path = format!("{}[{at}]", self.path_to(key));
            match value {
                Value::Object(object) => Ok(Fields { object: Some(object), path }),
                other => {
                    Err(UsageError::new(path, format!("is {}, not an object", type_of(other))))
                }
            }
        };
        list.iter().enumerate().map(named).collect()
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        text(self.object?.get(key))
    }

    pub(super) fn missing(&self, key: &str) -> UsageError {
        UsageError::new(self.path_to(key), "is missing")
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&self, key: &str, value: &Value, wanted: &str) -> UsageError {
        UsageError::new(self.path_to(key), format!("is {}, not {wanted}", type_of(value)))
    }

    fn path_to(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }
}

/// A name at a place where something else may be, or nothing.
pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty() && text.len() <= MAX_NAME)
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Why a value is no count.
fn uncountable(value: &Value) -> &'static str {
    match value.as_f64() {
        Some(number) if number < 0.0 => "negative",
        Some(number) if number.fract() != 0.0 => "a fraction",
        Some(_) => "too large",
        None => type_of(value),
    }
}
