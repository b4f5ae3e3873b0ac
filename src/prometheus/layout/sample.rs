//! One series' lines.

use super::super::name::{FamilyName, Type};
use super::super::value::{Tally, Value};
use super::{Format, number};
use crate::metrics::reading::dollars;
use std::sync::Arc;

/// One series of the page.
#[derive(Debug)]
pub(super) struct Sample {
    labels: Arc<str>,
    pub(super) value: Option<Value>,
    /// A negative value was seen in a histogram's sum.
    negative: bool,
}

/// What the lines of a family begin with, and its bounds in text.
#[derive(Debug)]
pub(super) struct SampleNames {
    plain: String,
    bucket: String,
    sum: String,
    count: String,
    /// The bounds of the sample written last, as the end of a bucket's labels; those of a family
    /// are mostly the same.
    bounds: Vec<(f64, String)>,
}

impl SampleNames {
    pub(super) fn new(name: &FamilyName) -> Self {
        let plain = name.of_sample();
        let suffixed = |suffix| match name.kind {
            Type::Histogram => format!("{plain}{suffix}"),
            _ => String::new(),
        };
        SampleNames {
            bucket: suffixed("_bucket{"),
            sum: suffixed("_sum"),
            count: suffixed("_count"),
            bounds: Vec::new(),
            plain,
        }
    }

    fn learn_bounds(&mut self, tally: &Tally) {
        let known = self.bounds.iter().map(|(bound, _)| bound);
        if !known.eq(tally.cumulative.iter().map(|(bound, _)| bound)) {
            let label = |&(bound, _): &(f64, u64)| (bound, le(&number::bound(bound)));
            self.bounds = tally.cumulative.iter().map(label).collect();
        }
    }
}

/// The last label of a bucket, up to its value.
fn le(bound: &str) -> String {
    format!("le=\"{bound}\"}} ")
}

impl Sample {
    pub(super) fn new(labels: Arc<str>) -> Self {
        Sample { labels, value: None, negative: false }
    }

    /// Nothing if the series had no reading this time.
    pub(super) fn write(&mut self, page: &mut String, names: &mut SampleNames, format: Format) {
        match self.value.take() {
            None => {}
            Some(Value::Counter(value) | Value::Distinct(value)) => {
                self.write_integer(page, &names.plain, value);
            }
            Some(Value::Cost(pico)) => self.write_float(page, &names.plain, dollars(pico)),
            Some(Value::Gauge(value)) => self.write_float(page, &names.plain, value),
            Some(Value::Histogram(tally)) => {
                names.learn_bounds(&tally);
                self.write_histogram(page, names, &tally, format);
            }
        }
    }

    /// OpenMetrics allows neither `_sum` nor `_count` where values are negative, as such a sum is
    /// no counter, and a strict parser refuses the whole page. `le="+Inf"` tells the count there.
    fn write_histogram(
        &mut self,
        page: &mut String,
        names: &SampleNames,
        tally: &Tally,
        format: Format,
    ) {
        for ((_, le), (_, below)) in names.bounds.iter().zip(&tally.cumulative) {
            self.write_bucket(page, names, le, *below);
        }
        self.write_bucket(page, names, &le("+Inf"), tally.count);
        let below_zero = tally.cumulative.first().is_some_and(|(bound, _)| *bound < 0.0);
        self.negative |= below_zero || tally.sum < 0.0 || tally.sum.is_nan();
        if format == Format::Text || !self.negative {
            self.write_float(page, &names.sum, tally.sum);
            self.write_integer(page, &names.count, tally.count);
        }
    }

    fn write_bucket(&self, page: &mut String, names: &SampleNames, le: &str, below: u64) {
        page.push_str(&names.bucket);
        if !self.labels.is_empty() {
            page.push_str(&self.labels);
            page.push(',');
        }
        page.push_str(le);
        number::write_u64(page, below);
        page.push('\n');
    }

    fn write_integer(&self, page: &mut String, name: &str, value: u64) {
        self.write_start(page, name);
        number::write_u64(page, value);
        page.push('\n');
    }

    fn write_float(&self, page: &mut String, name: &str, value: f64) {
        self.write_start(page, name);
        number::write_f64(page, value);
        page.push('\n');
    }

    fn write_start(&self, page: &mut String, name: &str) {
        page.push_str(name);
        if !self.labels.is_empty() {
            page.push('{');
            page.push_str(&self.labels);
            page.push('}');
        }
        page.push(' ');
    }
}
