//! Values of a JSON file together with the way to them, for errors that say where.

use super::error::PriceError;
use super::rate::Rate;
use serde_json::{Map, Value};

/// A value and the way to it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) value: &'a Value,
    step: Step<'a>,
    before: Option<&'a Place<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Place { value, step: Step::Root, before: None }
    }

    pub(super) fn key(&'a self, key: &'a str) -> Option<Place<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Place { value, step: Step::Key(key), before: Some(self) })
    }

    pub(super) fn needed(&'a self, key: &'a str) -> Result<Place<'a>, Box<Fault>> {
        self.key(key).ok_or_else(|| self.fault(format!("has no `{key}`")))
    }

    pub(super) fn items(&'a self) -> Result<impl Iterator<Item = Place<'a>>, Box<Fault>> {
        let items = self.value.as_array().ok_or_else(|| self.fault("is no list"))?;
        let place = |(at, value)| Place { value, step: Step::Index(at), before: Some(self) };
        Ok(items.iter().enumerate().map(place))
    }

    pub(super) fn fields(
        &'a self,
    ) -> Result<impl Iterator<Item = (&'a str, Place<'a>)>, Box<Fault>> {
        let place = |(key, value): (&'a String, &'a Value)| {
            (key.as_str(), Place { value, step: Step::Key(key), before: Some(self) })
        };
        Ok(self.object()?.iter().filter(|(_, value)| !value.is_null()).map(place))
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, Box<Fault>> {
        self.value.as_object().ok_or_else(|| self.fault("is no object"))
    }

    pub(super) fn text(&self) -> Result<&'a str, Box<Fault>> {
        self.value.as_str().ok_or_else(|| self.fault("is no text"))
    }

    pub(super) fn count(&self) -> Result<u64, Box<Fault>> {
        let float = self.value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        let count = self.value.as_u64().or(float.map(|number| number as u64));
        count.ok_or_else(|| self.fault("is no count"))
    }

    /// A price in dollars for 10^`power` units.
    pub(super) fn rate(&self, power: i32) -> Result<Rate, Box<Fault>> {
        let Value::Number(number) = self.value else { return Err(self.fault("is no number")) };
        Rate::parse(&number.to_string(), power).ok_or_else(|| {
            let is_negative = number.as_f64().is_some_and(|number| number < 0.0);
            self.fault(if is_negative { "is negative" } else { "is more than a price can be" })
        })
    }

    pub(super) fn fault(&self, problem: impl Into<String>) -> Box<Fault> {
        let mut steps = Vec::new();
        let mut name = String::new();
        let mut at = Some(self);
        while let Some(place) = at {
            match place.step {
                Step::Root => {}
                Step::Key(key) => {
                    name = format!(".{key}{name}");
                    steps.push(OwnedStep::Key(key.to_owned()));
                }
                Step::Index(index) => {
                    let id = place.value.get("id").and_then(Value::as_str);
                    let id = id.map_or_else(|| index.to_string(), str::to_owned);
                    name = format!("[{id}]{name}");
                    steps.push(OwnedStep::Index(index));
                }
            }
            at = place.before;
        }
        steps.reverse();
        let field = match name.trim_start_matches('.') {
            "" => "file".to_owned(),
            name => name.to_owned(),
        };
        Box::new(Fault { steps, error: PriceError::new(field, problem) })
    }
}

/// An error whose line is not known yet.
#[derive(Debug)]
pub(super) struct Fault {
    steps: Vec<OwnedStep>,
    error: PriceError,
}

#[derive(Debug)]
enum OwnedStep {
    Key(String),
    Index(usize),
}

impl Fault {
    /// Looks for the place in the text, which was read without an error.
    pub(super) fn locate(self, json: &[u8]) -> PriceError {
        let mut reader = Lines { json, at: 0 };
        let found = self.steps.iter().all(|step| reader.enter(step).is_some());
        let line = json[..reader.at].iter().filter(|byte| **byte == b'\n').count() + 1;
        self.error.at_line(found.then_some(line))
    }
}

/// Walks through good JSON.
struct Lines<'a> {
    json: &'a [u8],
    at: usize,
}

impl Lines<'_> {
    /// Stands at the value afterwards.
    fn enter(&mut self, step: &OwnedStep) -> Option<()> {
        self.peek()?;
        self.at += 1;
        let mut index = 0;
        loop {
            let is_it = match step {
                OwnedStep::Index(wanted) => index == *wanted,
                OwnedStep::Key(wanted) => {
                    self.peek()?;
                    let start = self.at;
                    self.skip();
                    let key: Option<String> =
                        serde_json::from_slice(&self.json[start..self.at]).ok();
                    // The colon
                    self.peek()?;
                    self.at += 1;
                    key.as_ref() == Some(wanted)
                }
            };
            self.peek()?;
            if is_it {
                return Some(());
            }
            self.skip();
            // The comma
            (self.peek()? == b',').then(|| self.at += 1)?;
            index += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        while self.json.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.json.get(self.at).copied()
    }

    /// Past one value.
    fn skip(&mut self) {
        let (mut depth, mut in_text) = (0_usize, false);
        while let Some(byte) = self.json.get(self.at) {
            match byte {
                b'\\' if in_text => self.at += 1,
                b'"' => in_text = !in_text,
                _ if in_text => {}
                b'[' | b'{' => depth += 1,
                b']' | b'}' | b',' | b':' if depth == 0 => return,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && !in_text && matches!(byte, b'"' | b']' | b'}') {
                return;
            }
        }
    }
}
