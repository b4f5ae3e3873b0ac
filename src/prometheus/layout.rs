//! Where each series stands on the page: found once, when it is first seen.

use super::header::Header;
use super::label::Labels;
use super::name::{FamilyName, Type};
use super::value::{Unmergeable, Value};
use super::{Format, number};
use crate::metrics::reading::{Description, Family, Kind, Reading, Series};
use crate::status::{DropReason, Pipeline};
use std::collections::HashMap;
use std::sync::Arc;

mod sample;

use sample::{Sample, SampleNames};

/// The families and samples of the page. It grows with the registry's series, which are bounded,
/// and with nothing else.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// By the index of the series.
    places: Vec<Option<Place>>,
    families: Vec<Exposed>,
    /// Positions in `families`, by name: the order on the page.
    order: Vec<usize>,
    /// Where the registry's families went, by name and kind.
    resolved: HashMap<(Box<str>, Kind), Option<usize>>,
    /// Who uses a name; `None` is the page itself.
    owners: HashMap<String, Option<usize>>,
    /// How long the last page was, so that the next one needs no second allocation.
    length: usize,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Sample { family: usize, sample: usize },
    LeftOut,
}

/// One family of the page; more than one of the registry may have gone into it.
#[derive(Debug)]
struct Exposed {
    name: FamilyName,
    names: SampleNames,
    /// The first of the registry's families, which describes it.
    family: Arc<Family>,
    help: Option<Arc<str>>,
    header: Header,
    samples: Vec<Sample>,
    by_labels: HashMap<Arc<str>, usize>,
}

impl Layout {
    /// `own` are the families that the page writes by itself; nobody else gets their names.
    pub(super) fn new(own: impl Iterator<Item = FamilyName>) -> Self {
        let owners = own.flat_map(|name| name.claims().collect::<Vec<_>>());
        Layout { owners: owners.map(|name| (name, None)).collect(), ..Layout::default() }
    }

    /// Starts a new page. A source that panicked in the middle of the last one left values behind.
    pub(super) fn forget_values(&mut self) {
        let samples = self.families.iter_mut().flat_map(|family| &mut family.samples);
        samples.for_each(|sample| sample.value = None);
    }

    /// Takes in one reading; counts what can't be shown when the series is first seen.
    pub(super) fn take(&mut self, series: &Series, reading: Reading, pipeline: &Pipeline) {
        if self.places.len() <= series.index {
            self.places.resize(series.index + 1, None);
        }
        let place = match self.places[series.index] {
            Some(place) => place,
            None => {
                let place = self.place(series, pipeline);
                self.places[series.index] = Some(place);
                place
            }
        };
        let Place::Sample { family, sample } = place else { return };
        if let Err(Unmergeable) = self.families[family].put(sample, reading.into()) {
            // For good, so that it is counted once and the sample does not change its meaning.
            self.places[series.index] = Some(Place::LeftOut);
            pipeline.dropped(DropReason::Collision, 1);
        }
    }

    pub(super) fn write(&mut self, page: &mut String, format: Format) {
        page.reserve(self.length + self.length / 8);
        for &position in &self.order {
            let family = &mut self.families[position];
            if family.samples.iter().any(|sample| sample.value.is_some()) {
                family.refresh_header();
                page.push_str(family.header.lines(format));
                let Exposed { names, samples, .. } = family;
                samples.iter_mut().for_each(|sample| sample.write(page, names, format));
            }
        }
        self.length = page.len();
    }

    fn place(&mut self, series: &Series, pipeline: &Pipeline) -> Place {
        let Some(position) = self.resolve(&series.family) else {
            pipeline.dropped(DropReason::Collision, 1);
            return Place::LeftOut;
        };
        let family = &mut self.families[position];
        let labels = Labels::new(series.tags.iter(), family.name.kind == Type::Histogram);
        pipeline.dropped(DropReason::TagChanged, labels.renamed);
        pipeline.dropped(DropReason::Collision, labels.collided);
        let text: Arc<str> = labels.text.into();
        let sample = match family.by_labels.get(&text) {
            Some(&sample) => {
                // Totals add up; of two gauges one goes unseen.
                let unseen = u64::from(family.name.kind == Type::Gauge);
                pipeline.dropped(DropReason::Collision, unseen);
                sample
            }
            None => {
                family.samples.push(Sample::new(Arc::clone(&text)));
                family.by_labels.insert(text, family.samples.len() - 1);
                family.samples.len() - 1
            }
        };
        Place::Sample { family: position, sample }
    }

    /// The family of the page that one of the registry goes into, if there is room for it.
    fn resolve(&mut self, family: &Arc<Family>) -> Option<usize> {
        let key = (family.name.clone(), family.kind);
        if let Some(&position) = self.resolved.get(&key) {
            return position;
        }
        let description = family.description();
        let name = FamilyName::new(&family.name, family.kind, description.unit);
        let position = self.join_or_claim(name, family, description);
        self.resolved.insert(key, position);
        position
    }

    fn join_or_claim(
        &mut self,
        name: FamilyName,
        family: &Arc<Family>,
        description: Description,
    ) -> Option<usize> {
        if let Some(&Some(owner)) = self.owners.get(&name.base)
            && self.families[owner].name.base == name.base
            && self.families[owner].name.kind == name.kind
        {
            return Some(owner);
        }
        let claims: Vec<String> = name.claims().collect();
        if claims.iter().any(|claim| self.owners.contains_key(claim)) {
            return None;
        }
        let position = self.families.len();
        self.owners.extend(claims.into_iter().map(|claim| (claim, Some(position))));
        let before = |&other: &usize| self.families[other].name.base < name.base;
        self.order.insert(self.order.partition_point(before), position);
        self.families.push(Exposed::new(name, Arc::clone(family), description.help));
        Some(position)
    }
}

impl Exposed {
    fn new(name: FamilyName, family: Arc<Family>, help: Option<Arc<str>>) -> Self {
        Exposed {
            header: Header::new(&name, &help_text(&family, help.as_deref())),
            names: SampleNames::new(&name),
            name,
            family,
            help,
            samples: Vec::new(),
            by_labels: HashMap::new(),
        }
    }

    fn put(&mut self, sample: usize, value: Value) -> Result<(), Unmergeable> {
        if !value.fits(self.name.kind) {
            return Err(Unmergeable);
        }
        match &mut self.samples[sample].value {
            Some(earlier) => earlier.merge(value),
            empty => {
                *empty = Some(value);
                Ok(())
            }
        }
    }

    /// A metric may be described after it was first scraped.
    fn refresh_header(&mut self) {
        let help = self.family.description().help;
        if help != self.help {
            self.header = Header::new(&self.name, &help_text(&self.family, help.as_deref()));
            self.help = help;
        }
    }
}

/// The description, or a line that at least tells the name used in the code.
fn help_text(family: &Family, help: Option<&str>) -> String {
    match help.map(str::trim).filter(|help| !help.is_empty()) {
        Some(help) => help.to_owned(),
        None => {
            let kind = match family.kind {
                Kind::Counter | Kind::Cost => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
                Kind::Distribution => "distribution",
                Kind::Timer => "timer",
                Kind::Set => "number of distinct values in the set",
            };
            format!("The {kind} {}.", family.name)
        }
    }
}
