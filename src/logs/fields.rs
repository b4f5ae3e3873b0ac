//! What becomes of each field of an event, decided once for a place in the program.

use crate::scrub;
use std::cell::Cell;
use std::ptr;
use tracing::Metadata;
use tracing::field::Field;

/// Fields that a line of JSON has from us, or that Datadog reads before ours: a `status = 503` of the
/// host would be taken for the level of the line, a `host` for the machine.
const RESERVED: &[&str] = &[
    "timestamp",
    "level",
    "target",
    "span",
    "trace_id",
    "span_id",
    "service",
    "env",
    "version",
    "fields",
    "@timestamp",
    "status",
    "severity",
    "host",
    "hostname",
    "source",
    "ddsource",
    "ddtags",
];
const RESERVED_PREFIXES: &[&str] = &["dd.", "syslog."];

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Beside ours.
    Plain,
    /// What the event says.
    Message,
    /// Its value must not leave the process.
    Denied,
    /// An earlier field of the event has its name.
    Duplicate,
    /// What the bridge of the `log` crate tells about a record.
    Hidden,
    /// Its name is taken: below `fields` in JSON.
    Nested = NESTED as isize,
}

/// The classes of all fields of one place, four bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes(u128);

/// More than this many fields, and those beyond are judged anew each time.
const REMEMBERED_FIELDS: usize = 31;
const BITS: usize = 4;
/// The bit of [`Class::Nested`]; behind the last field it stands for all that are not remembered.
const NESTED: u128 = 8;
const ANY_NESTED: u128 = u128::MAX / 15 * NESTED;
/// Places that a thread remembers; two that share a slot take turns.
const REMEMBERED_PLACES: usize = 128;

thread_local! {
    /// By the address of a place's metadata, which lives as long as the program.
    static REMEMBERED: [Cell<(usize, Classes)>; REMEMBERED_PLACES] =
        const { [const { Cell::new((0, Classes(0))) }; REMEMBERED_PLACES] };
}

impl Classes {
    pub(super) const NONE: Classes = Classes(0);

    /// Allocates nothing where the running thread knows the place.
    pub(super) fn of(metadata: &'static Metadata<'static>, is_log: bool) -> Self {
        let address = ptr::from_ref(metadata).addr();
        // Metadata lies at least a hundred bytes apart.
        let slot = (address >> 6 ^ address >> 13) % REMEMBERED_PLACES;
        REMEMBERED.with(|remembered| {
            let (known, classes) = remembered[slot].get();
            if known == address {
                return classes;
            }
            let classes = Self::judge(metadata, is_log);
            remembered[slot].set((address, classes));
            classes
        })
    }

    pub(super) fn get(self, field: &Field) -> Class {
        match field.index() {
            index if index < REMEMBERED_FIELDS => match (self.0 >> (index * BITS)) & 15 {
                0 => Class::Plain,
                1 => Class::Message,
                2 => Class::Denied,
                3 => Class::Duplicate,
                4 => Class::Hidden,
                _ => Class::Nested,
            },
            _ => judge(field.name(), false),
        }
    }

    /// Whether the name of any field is taken.
    pub(super) fn any_nested(self) -> bool {
        self.0 & ANY_NESTED != 0
    }

    fn judge(metadata: &Metadata<'_>, is_log: bool) -> Self {
        let mut classes = 0;
        for (index, field) in metadata.fields().iter().enumerate() {
            let mut earlier = metadata.fields().iter().take(index);
            let class = match judge(field.name(), is_log) {
                Class::Hidden => Class::Hidden,
                _ if earlier.any(|earlier| shown_name(&earlier) == shown_name(&field)) => {
                    Class::Duplicate
                }
                class => class,
            };
            match index < REMEMBERED_FIELDS {
                true => classes |= (class as u128) << (index * BITS),
                false if class == Class::Nested => classes |= NESTED << (REMEMBERED_FIELDS * BITS),
                false => {}
            }
        }
        Classes(classes)
    }
}

/// A field's name as it was meant: `r#type` is `type`.
pub(super) fn shown_name(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

fn judge(name: &str, is_log: bool) -> Class {
    let name = name.strip_prefix("r#").unwrap_or(name);
    match name {
        "message" => Class::Message,
        name if is_log && name.starts_with("log.") => Class::Hidden,
        name if scrub::is_denied_key(name) => Class::Denied,
        name if RESERVED.contains(&name) => Class::Nested,
        name if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => Class::Nested,
        _ => Class::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged() {
        for (name, class) in [
            ("message", Class::Message),
            ("documents", Class::Plain),
            ("log.file", Class::Plain),
            ("api_key", Class::Denied),
            ("r#password", Class::Denied),
            ("service", Class::Nested),
            ("status", Class::Nested),
            ("dd.trace_id", Class::Nested),
            ("ddx", Class::Plain),
        ] {
            assert_eq!(judge(name, false), class, "{name}");
        }
        assert_eq!(judge("log.file", true), Class::Hidden);
    }

    #[test]
    fn every_class_is_remembered_as_it_is() {
        let all = [
            Class::Plain,
            Class::Message,
            Class::Denied,
            Class::Nested,
            Class::Duplicate,
            Class::Hidden,
        ];
        let metadata = {
            use tracing::Callsite as _;
            struct Place;
            impl tracing::callsite::Callsite for Place {
                fn set_interest(&self, _: tracing::subscriber::Interest) {}
                fn metadata(&self) -> &Metadata<'_> {
                    &METADATA
                }
            }
            static PLACE: Place = Place;
            static METADATA: Metadata<'static> = tracing::metadata! {
                name: "event",
                target: "test",
                level: tracing::Level::INFO,
                fields: &["a", "message", "password", "env", "a", "log.line"],
                callsite: &PLACE,
                kind: tracing::metadata::Kind::EVENT
            };
            PLACE.metadata();
            &METADATA
        };
        for _ in 0..2 {
            let classes = Classes::of(metadata, true);
            let got: Vec<_> = metadata.fields().iter().map(|field| classes.get(&field)).collect();
            assert_eq!(got, all);
        }
    }
}
