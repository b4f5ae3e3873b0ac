//! Metrics: names, tags, members of sets, descriptions, by our macros and by those of `metrics`.

use super::{Backend, FOREIGN, Fits, METRICS, Place, World};
use crate::canary::Planted;
use lightship::{counter, describe_counter, distribution, gauge, histogram, set, timer};

pub(crate) const PLACES: &[Place] = &[
    Place { name: "tag value", takes: Fits::All, beside: METRICS, within: &[], plant: tag_value },
    Place { name: "tag of a name made at run time", plant: dynamic_name, ..TAGS },
    Place { name: "tags as a list", plant: list_of_tags, ..TAGS },
    Place { name: "tag of other kinds of metrics", plant: other_kinds, ..TAGS },
    Place { name: "label of the metrics crate", beside: FOREIGN, plant: foreign_label, ..TAGS },
    Place {
        name: "label of a foreign histogram",
        beside: FOREIGN,
        plant: foreign_histogram,
        ..TAGS
    },
    Place { name: "metric name", takes: Fits::Looks, plant: metric_name, ..TAGS },
    Place {
        name: "foreign metric name",
        beside: FOREIGN,
        takes: Fits::Looks,
        plant: foreign_name,
        ..TAGS
    },
    Place { name: "tag key", takes: Fits::Looks, plant: tag_key, ..TAGS },
    Place {
        name: "foreign label key",
        beside: FOREIGN,
        takes: Fits::Looks,
        plant: foreign_key,
        ..TAGS
    },
    Place { name: "member of a set", takes: Fits::Looks, plant: member, ..TAGS },
    Place {
        name: "description",
        takes: Fits::Looks,
        beside: METRICS,
        within: &[Backend::Page, Backend::OpenMetrics],
        plant: description,
    },
    Place {
        name: "foreign description",
        takes: Fits::Looks,
        beside: FOREIGN,
        within: &[Backend::Page, Backend::OpenMetrics],
        plant: foreign_description,
    },
];
const TAGS: Place =
    Place { name: "", takes: Fits::All, beside: METRICS, within: &[], plant: tag_value };

fn tag_value(_: &World, it: &Planted) {
    match it.key {
        "password" => counter!("c.v", "mark" => it.beside, "password" => it.value).increment(1),
        "db.password" => {
            counter!("c.v", "mark" => it.beside, "db.password" => it.value).increment(1)
        }
        "user.id" => counter!("c.v", "mark" => it.beside, "user.id" => it.value).increment(1),
        "patient.full_name" => {
            counter!("c.v", "mark" => it.beside, "patient.full_name" => it.value).increment(1);
        }
        "client.address" => {
            counter!("c.v", "mark" => it.beside, "client.address" => it.value).increment(1);
        }
        _ => counter!("c.v", "mark" => it.beside, "detail" => it.value).increment(1),
    }
}

fn dynamic_name(_: &World, it: &Planted) {
    counter!(String::from("c.dynamic"), "mark" => it.beside, it.key => it.value).increment(1);
}

fn list_of_tags(_: &World, it: &Planted) {
    let tags = [("mark", it.beside.as_str()), (it.key, it.value.as_str())];
    gauge!("c.list", &tags).set(1);
}

fn other_kinds(_: &World, it: &Planted) {
    let name = |kind: &str| format!("c.{kind}");
    histogram!(name("histogram"), "mark" => it.beside, it.key => it.value).record(1);
    distribution!(name("distribution"), "mark" => it.beside, it.key => it.value).record(1);
    set!(name("set"), "mark" => it.beside, it.key => it.value).insert(1);
    drop(timer!(name("timer"), "mark" => it.beside, it.key => it.value));
    gauge!(name("observed"), "mark" => it.beside, it.key => it.value).observe(|| 1.0);
}

fn foreign_label(_: &World, it: &Planted) {
    metrics::counter!("c.foreign", "mark" => it.beside.clone(), it.key => it.value.clone())
        .increment(1);
}

fn foreign_histogram(_: &World, it: &Planted) {
    let labels = [("mark", it.beside.clone()), (it.key, it.value.clone())];
    metrics::histogram!("c.foreign.histogram", &labels).record(1.0);
}

fn metric_name(_: &World, it: &Planted) {
    counter!(format!("c.name {}", it.canary), "mark" => it.beside).increment(1);
}

fn foreign_name(_: &World, it: &Planted) {
    let name = format!("c.foreign.name {}", it.canary);
    metrics::counter!(name, "mark" => it.beside.clone()).increment(1);
}

fn tag_key(_: &World, it: &Planted) {
    counter!("c.key", "mark" => it.beside, it.canary => "x").increment(1);
}

fn foreign_key(_: &World, it: &Planted) {
    let labels = [("mark", it.beside.clone()), ("unused", String::new())];
    let mut labels: Vec<_> =
        labels.iter().map(|(key, value)| metrics::Label::new(*key, value.clone())).collect();
    labels.push(metrics::Label::new(it.canary.clone(), "x"));
    metrics::gauge!("c.foreign.key", labels).set(1.0);
}

fn member(_: &World, it: &Planted) {
    set!("c.members", "mark" => it.beside).insert(&it.value);
}

fn description(_: &World, it: &Planted) {
    let name = format!("c.described.{}", it.beside);
    describe_counter!(name, it.value);
    counter!(name).increment(1);
}

fn foreign_description(_: &World, it: &Planted) {
    let name = format!("c.foreign.described.{}", it.beside);
    metrics::describe_counter!(name.clone(), it.value.clone());
    metrics::counter!(name).increment(1);
}
