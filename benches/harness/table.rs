//! What was measured, and what it was to be.

use crate::harness::Costs;
use std::fmt;

/// The rows of the run, in order.
pub(crate) struct Table {
    /// Part of the names of the rows to measure; all of them if there is none.
    wanted: Option<String>,
    /// Whether the numbers mean nothing.
    smoke: bool,
    rows: Vec<Row>,
    /// What a reader has to know of this run.
    notes: Vec<String>,
}

/// One comparison.
pub(crate) struct Row {
    name: &'static str,
    ours: Option<f64>,
    peer: Option<f64>,
    unit: &'static str,
    /// Our allocations for one operation, where none are allowed.
    allocations: Option<f64>,
    limits: Option<Limits>,
}

/// What a row may cost.
#[derive(Clone, Copy)]
enum Limits {
    /// As a part of what the peer costs.
    Ratio { bar: f64, aim: f64 },
    /// In the row's unit.
    Absolute { bar: f64 },
}

impl Row {
    pub(crate) fn nanos(name: &'static str, ours: Option<f64>, peer: Option<f64>) -> Self {
        Row { name, ours, peer, unit: "ns", allocations: None, limits: None }
    }

    pub(crate) fn costs(name: &'static str, (ours, peer): (Costs, Costs)) -> Self {
        Row::nanos(name, Some(ours.nanos), Some(peer.nanos))
    }

    pub(crate) fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    pub(crate) fn ratio(mut self, bar: f64, aim: f64) -> Self {
        self.limits = Some(Limits::Ratio { bar, aim });
        self
    }

    pub(crate) fn at_most(mut self, bar: f64) -> Self {
        self.limits = Some(Limits::Absolute { bar });
        self
    }

    pub(crate) fn without_allocations(mut self, ours: Costs) -> Self {
        self.allocations = Some(ours.allocations);
        self
    }

    fn measured_ratio(&self) -> Option<f64> {
        Some(self.ours? / self.peer?)
    }

    fn verdict(&self) -> &'static str {
        let (measured, bar, aim) = match self.limits {
            None => return "-",
            Some(Limits::Ratio { bar, aim }) => (self.measured_ratio(), bar, aim),
            Some(Limits::Absolute { bar }) => (self.ours, bar, bar),
        };
        match measured.filter(|measured| measured.is_finite()) {
            None => "NOT MEASURED",
            Some(_) if self.allocations.is_some_and(|count| count >= 0.001) => "ALLOCATES",
            Some(measured) if measured <= aim => "aim",
            Some(measured) if measured <= bar => "bar",
            Some(_) => "MISSED",
        }
    }

    fn cells(&self) -> [String; 8] {
        let (bar, aim) = match self.limits {
            Some(Limits::Ratio { bar, aim }) => (format!("{bar}x"), format!("{aim}x")),
            Some(Limits::Absolute { bar }) => (format!("{bar}"), "-".to_owned()),
            None => ("-".to_owned(), "-".to_owned()),
        };
        let ratio = self.measured_ratio().map_or("-".to_owned(), |ratio| format!("{ratio:.3}x"));
        let (ours, peer) = (number(self.ours), number(self.peer));
        let verdict = self.verdict().to_owned();
        [self.name.to_owned(), ours, peer, self.unit.to_owned(), ratio, bar, aim, verdict]
    }
}

impl Table {
    pub(crate) fn new(wanted: Option<String>, smoke: bool) -> Self {
        Table { wanted, smoke, rows: Vec::new(), notes: Vec::new() }
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| name.contains(wanted))
    }

    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("measured: {}", row.name);
        self.rows.push(row);
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What our side of another row costs, for rows that compare the same with one more peer.
    pub(crate) fn ours(&self, name: &str) -> Option<f64> {
        self.rows.iter().find(|row| row.name == name)?.ours
    }

    pub(crate) fn misses_a_bar(&self) -> bool {
        !self.smoke && self.rows.iter().any(|row| !["-", "aim", "bar"].contains(&row.verdict()))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.smoke {
            writeln!(f, "a smoke run: it ran, and that is all that these numbers say")?;
        }
        let head = ["row", "ours", "peer", "unit", "ratio", "bar", "aim", "verdict"];
        line(f, head.map(str::to_owned))?;
        let (judged, context): (Vec<_>, Vec<_>) =
            self.rows.iter().partition(|row| row.limits.is_some());
        judged.into_iter().try_for_each(|row| line(f, row.cells()))?;
        if !context.is_empty() {
            writeln!(f, "without a bar:")?;
        }
        context.into_iter().try_for_each(|row| line(f, row.cells()))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 10.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    }
}

fn line(f: &mut fmt::Formatter<'_>, [name, rest @ ..]: [String; 8]) -> fmt::Result {
    let [ours, peer, unit, ratio, bar, aim, verdict] = rest;
    writeln!(f, "{name:<62} {ours:>8} {peer:>8} {unit:<4} {ratio:>8} {bar:>6} {aim:>7}  {verdict}")
}
