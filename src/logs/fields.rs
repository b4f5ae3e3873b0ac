//! What becomes of each field of an event, decided once for a place in the program.

use super::rules::Rules;
use crate::scrub::{Hint, KeyClass};
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
    Top(KeyClass),
    /// Its name is taken: below `fields` in JSON.
    Nested(KeyClass),
    /// What the event says.
    Message,
    /// An earlier field of the event has its name.
    Duplicate,
    /// What the bridge of the `log` crate tells about a record.
    Hidden,
    /// Something that must not leave the process stands in the name itself.
    Found,
}

const PLAIN: KeyClass = KeyClass::Plain(Hint { ip: true });
const PLAIN_BUT_IP: KeyClass = KeyClass::Plain(Hint { ip: false });
/// What four bits stand for.
const CODES: [Class; 16] = [
    Class::Top(PLAIN),
    Class::Top(PLAIN_BUT_IP),
    Class::Top(KeyClass::Allowed),
    Class::Top(KeyClass::Denied),
    Class::Top(KeyClass::Pseudonym),
    Class::Top(KeyClass::Ip),
    Class::Top(KeyClass::Unlisted),
    Class::Nested(PLAIN),
    Class::Nested(PLAIN_BUT_IP),
    Class::Nested(KeyClass::Allowed),
    Class::Nested(KeyClass::Pseudonym),
    Class::Nested(KeyClass::Ip),
    Class::Message,
    Class::Duplicate,
    Class::Hidden,
    Class::Found,
];
const BITS: usize = 4;
/// More than this many fields, and those beyond are judged anew each time.
const REMEMBERED_FIELDS: usize = 31;
/// Behind the last field: whether any is nested, one that is not remembered among them.
const ANY_NESTED: u128 = 1 << 124;
/// And whether something must be taken out of the name of the span, or the target of the event.
const NAME_FOUND: u128 = 1 << 125;
/// Places that a thread remembers; two that share a slot take turns.
const REMEMBERED_PLACES: usize = 128;

/// The classes of all fields of one place by the rules of one instance, four bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes(u128);

thread_local! {
    /// By the address of a place's metadata, which lives as long as the program, and by the rules.
    static REMEMBERED: [Cell<(usize, u64, Classes)>; REMEMBERED_PLACES] =
        const { [const { Cell::new((0, 0, Classes(0))) }; REMEMBERED_PLACES] };
}

impl Classes {
    pub(super) const NONE: Classes = Classes(0);

    /// Allocates nothing where the running thread knows the place.
    pub(super) fn of(metadata: &'static Metadata<'static>, is_log: bool, rules: &Rules) -> Self {
        let (address, id) = (ptr::from_ref(metadata).addr(), rules.id());
        // Metadata lies at least a hundred bytes apart; instances that log by turns do not meet.
        let slot = (address >> 6 ^ address >> 13 ^ (id as usize) << 3) % REMEMBERED_PLACES;
        REMEMBERED.with(|remembered| {
            let (known, of, classes) = remembered[slot].get();
            if known == address && of == id {
                return classes;
            }
            let classes = Self::judge(metadata, is_log, rules);
            remembered[slot].set((address, id, classes));
            classes
        })
    }

    pub(super) fn get(self, field: &Field, rules: &Rules) -> Class {
        match field.index() {
            index if index < REMEMBERED_FIELDS => {
                CODES[(self.0 >> (index * BITS)) as usize % CODES.len()]
            }
            _ => judge(field.name(), false, rules),
        }
    }

    /// Whether the name of any field is taken.
    pub(super) fn any_nested(self) -> bool {
        self.0 & ANY_NESTED != 0
    }

    /// Whether something must be taken out of the name of the span, or the target of the event.
    pub(super) fn is_name_found(self) -> bool {
        self.0 & NAME_FOUND != 0
    }

    fn judge(metadata: &Metadata<'_>, is_log: bool, rules: &Rules) -> Self {
        let shown = if metadata.is_span() { metadata.name() } else { metadata.target() };
        let mut classes = if rules.is_clean(shown) { 0 } else { NAME_FOUND };
        for (index, field) in metadata.fields().iter().enumerate() {
            let mut earlier = metadata.fields().iter().take(index);
            let class = match judge(field.name(), is_log, rules) {
                Class::Hidden => Class::Hidden,
                _ if earlier.any(|earlier| shown_name(&earlier) == shown_name(&field)) => {
                    Class::Duplicate
                }
                class => class,
            };
            if matches!(class, Class::Nested(_)) {
                classes |= ANY_NESTED;
            }
            if index < REMEMBERED_FIELDS {
                let code = CODES.iter().position(|known| *known == class).unwrap_or(0);
                classes |= (code as u128) << (index * BITS);
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

fn judge(name: &str, is_log: bool, rules: &Rules) -> Class {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if name == "message" {
        return Class::Message;
    }
    if is_log && name.starts_with("log.") {
        return Class::Hidden;
    }
    match rules.policy.class(name) {
        class @ (KeyClass::Denied | KeyClass::Unlisted) => Class::Top(class),
        class if class != KeyClass::Allowed && !rules.is_clean(name) => Class::Found,
        class if is_taken(name) => Class::Nested(class),
        class => Class::Top(class),
    }
}

fn is_taken(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::{Detector, Redaction};
    use crate::status::Drops;
    use std::sync::Arc;
    use tracing::metadata::Kind;

    fn rules(redaction: Redaction) -> Rules {
        Rules::new(Arc::new(redaction.compile(None)), Box::leak(Box::new(Drops::new())))
    }

    /// Metadata with these fields.
    macro_rules! place {
        ($kind:expr, $name:literal, $($field:literal),*) => {{
            struct Place;
            impl tracing::callsite::Callsite for Place {
                fn set_interest(&self, _: tracing::subscriber::Interest) {}
                fn metadata(&self) -> &Metadata<'_> {
                    &METADATA
                }
            }
            static METADATA: Metadata<'static> = tracing::metadata! {
                name: $name,
                target: "test",
                level: tracing::Level::INFO,
                fields: &[$($field),*],
                callsite: &Place,
                kind: $kind
            };
            &METADATA
        }};
    }

    fn staff() -> Detector {
        Detector::prefixed("staff", "STAFF-", 4)
    }

    #[test]
    fn names_are_judged() {
        let rules = rules(Redaction::default().detector(staff()));
        for (name, class) in [
            ("message", Class::Message),
            ("documents", Class::Top(PLAIN)),
            ("log.file", Class::Top(PLAIN)),
            ("api_key", Class::Top(KeyClass::Denied)),
            ("r#password", Class::Top(KeyClass::Denied)),
            ("service", Class::Nested(PLAIN)),
            ("status", Class::Nested(PLAIN)),
            ("dd.trace_id", Class::Nested(rules.policy.class("dd.trace_id"))),
            ("ddx", Class::Top(PLAIN)),
            ("of.STAFF-4711", Class::Found),
        ] {
            assert_eq!(judge(name, false, &rules), class, "{name}");
        }
        assert_eq!(judge("log.file", true, &rules), Class::Hidden);
    }

    #[test]
    fn every_class_is_remembered_as_it_is() {
        let place = place!(
            Kind::EVENT,
            "event",
            "a",
            "message",
            "password",
            "env",
            "a",
            "log.line",
            "STAFF-4711"
        );
        let rules = rules(Redaction::default().detector(staff()));
        for _ in 0..2 {
            let classes = Classes::of(place, true, &rules);
            let got: Vec<_> =
                place.fields().iter().map(|field| classes.get(&field, &rules)).collect();
            let all = [
                Class::Top(PLAIN),
                Class::Message,
                Class::Top(KeyClass::Denied),
                Class::Nested(PLAIN),
                Class::Duplicate,
                Class::Hidden,
                Class::Found,
            ];
            assert_eq!(got, all);
            assert!(classes.any_nested() && !classes.is_name_found());
        }
    }

    #[test]
    fn every_class_that_a_field_can_have_has_a_code() {
        use KeyClass::{Allowed, Denied, Ip, Pseudonym, Unlisted};
        for class in [PLAIN, PLAIN_BUT_IP, Allowed, Pseudonym, Ip] {
            assert!(CODES.contains(&Class::Top(class)) && CODES.contains(&Class::Nested(class)));
        }
        for class in [Denied, Unlisted] {
            assert!(CODES.contains(&Class::Top(class)));
        }
        for (at, class) in CODES.iter().enumerate() {
            assert_eq!(CODES.iter().position(|other| other == class), Some(at));
        }
    }

    #[test]
    fn instances_with_other_rules_remember_the_same_place_for_themselves() {
        let place = place!(Kind::SPAN, "of STAFF-4711", "password");
        let field = place.fields().field("password").unwrap();
        // More than there are slots for one place, and as many of either kind in each.
        let (mut denying, mut finding) = (Vec::new(), Vec::new());
        for _ in 0..REMEMBERED_PLACES {
            denying.push(rules(Redaction::default()));
        }
        for _ in 0..REMEMBERED_PLACES {
            finding.push(rules(Redaction::empty().detector(staff())));
        }
        for (first, second) in denying.iter().zip(&finding) {
            for _ in 0..2 {
                let classes = Classes::of(place, false, first);
                assert_eq!(classes.get(&field, first), Class::Top(KeyClass::Denied));
                assert!(!classes.is_name_found());
                let classes = Classes::of(place, false, second);
                assert_eq!(classes.get(&field, second), Class::Top(PLAIN));
                assert!(classes.is_name_found());
            }
        }
    }
}
