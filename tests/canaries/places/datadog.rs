//! Events and service checks of DogStatsD.

use super::{Backend, Fits, Place, World};
use crate::canary::Planted;
use lightship::{CheckStatus, Event, ServiceCheck};

const DATADOG: &[Backend] = &[Backend::DogStatsd];
pub(crate) const PLACES: &[Place] = &[
    Place {
        name: "title of an event",
        plant: |w, it| event(w, Event::new(&it.value, &it.beside)),
        ..EVENTS
    },
    Place {
        name: "text of an event",
        plant: |w, it| event(w, Event::new(&it.beside, &it.value)),
        ..EVENTS
    },
    Place { name: "text of an event of many lines", plant: lines, ..EVENTS },
    Place {
        name: "aggregation key of an event",
        within: &[],
        plant: |w, it| event(w, titled(it).aggregation_key(&it.canary)),
        ..EVENTS
    },
    Place {
        name: "host of an event",
        within: &[],
        plant: |w, it| event(w, titled(it).hostname(&it.canary)),
        ..EVENTS
    },
    Place {
        name: "source of an event",
        within: &[],
        plant: |w, it| event(w, titled(it).source_type(&it.canary)),
        ..EVENTS
    },
    Place {
        name: "tag of an event",
        takes: Fits::All,
        within: &[],
        plant: |w, it| event(w, titled(it).tag(it.key, &it.value)),
        ..EVENTS
    },
    Place {
        name: "tag key of an event",
        within: &[],
        plant: |w, it| event(w, titled(it).tag(&it.canary, "x")),
        ..EVENTS
    },
    Place {
        name: "name of a service check",
        within: &[],
        plant: |w, it| {
            check(
                w,
                ServiceCheck::new(format!("check {}", it.canary), CheckStatus::Ok)
                    .message(&it.beside),
            )
        },
        ..EVENTS
    },
    Place {
        name: "message of a service check",
        plant: |w, it| check(w, named(it).message(&it.value)),
        ..EVENTS
    },
    Place {
        name: "host of a service check",
        within: &[],
        plant: |w, it| check(w, named(it).hostname(&it.canary)),
        ..EVENTS
    },
    Place {
        name: "tag of a service check",
        takes: Fits::All,
        within: &[],
        plant: |w, it| check(w, named(it).tag(it.key, &it.value)),
        ..EVENTS
    },
    Place {
        name: "tag key of a service check",
        within: &[],
        plant: |w, it| check(w, named(it).tag(&it.canary, "x")),
        ..EVENTS
    },
];
const EVENTS: Place =
    Place { name: "", takes: Fits::Looks, beside: DATADOG, within: DATADOG, plant: lines };

fn event(world: &World, event: Event) {
    world.telemetry.as_ref().unwrap().event(event);
}

fn check(world: &World, check: ServiceCheck) {
    world.telemetry.as_ref().unwrap().send_service_check(check);
}

fn titled(it: &Planted) -> Event {
    Event::new(&it.beside, "a text")
}

fn named(it: &Planted) -> ServiceCheck {
    ServiceCheck::new(&it.beside, CheckStatus::Critical)
}

fn lines(world: &World, it: &Planted) {
    event(world, Event::new(&it.beside, format!("one\n{}\r\nthree", it.value)));
}
