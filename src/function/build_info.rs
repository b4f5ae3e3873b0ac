//! `build_info`: which build of the program the functions of a page belong to.

use crate::metrics::{Bridge, Registry};
use crate::resource::{Resource, SERVICE_VERSION};
use metrics::{Label, describe_gauge, gauge, with_local_recorder};
use std::sync::Arc;

const NAME: &str = "build_info";
/// Where a resource says so, in OpenTelemetry's words and in Datadog's.
const COMMIT: [&str; 2] = ["vcs.ref.head.revision", "git.commit.sha"];
const BRANCH: [&str; 1] = ["vcs.ref.head.name"];

/// Has the build shown to Prometheus as a gauge that is always 1: dashboards join it to the metrics
/// of functions. The other backends have the same in their resource and tags.
pub(crate) fn build_info(registry: &Arc<Registry>, resource: &Resource) {
    registry.keep_to_scrapes(&[NAME]);
    let known = |keys: &[&str]| {
        let of_key = |key: &&str| resource.otel_attributes().find(|(known, _)| known == key);
        keys.iter().find_map(of_key).map(|(_, value)| value.to_owned())
    };
    let found = [
        ("version", known(&[SERVICE_VERSION])),
        ("commit", known(&COMMIT)),
        ("branch", known(&BRANCH)),
    ];
    let labels = found.into_iter().filter_map(|(key, value)| Some(Label::new(key, value?)));
    let labels: Vec<Label> = labels.collect();
    with_local_recorder(&Bridge::new(Arc::clone(registry)), || {
        describe_gauge!(NAME, "The build that runs, always 1.");
        gauge!(NAME, labels).set(1.0);
    });
}
