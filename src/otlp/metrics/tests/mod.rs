//! What goes out, decoded again and held against what was recorded.

mod decode;
mod deltas;
mod exact;
mod outcomes;
#[cfg(feature = "prometheus")]
mod page;
mod shapes;
mod size;
mod source;

use super::MetricsReader;
use crate::config::settings::{
    MetricsSettings, OtlpEndpoint, OtlpMetricsSettings, OtlpProtocol, OtlpTarget, Temporality,
    TlsSettings,
};
use crate::metrics::Registry;
use crate::metrics::reading::Source;
use crate::otlp::request::{Outcome, Periodic};
use crate::resource::Resource;
use crate::status::{DropReason, Drops, Notices, Pipeline};
use decode::{Point, decode};
use std::sync::Arc;
use std::time::Duration;

fn settings(temporality: Temporality) -> OtlpMetricsSettings {
    let endpoint = OtlpEndpoint::Tcp {
        tls: false,
        host: "127.0.0.1".into(),
        port: 9,
        path: "/v1/metrics".into(),
    };
    let target = OtlpTarget {
        endpoint,
        protocol: OtlpProtocol::HttpProtobuf,
        headers: Vec::new(),
        gzip: false,
        timeout: Duration::from_secs(1),
        tls: TlsSettings::default(),
        doubt: None,
    };
    OtlpMetricsSettings { target, interval: Duration::from_secs(10), temporality }
}

fn resource() -> Resource {
    Resource {
        service: "upload".into(),
        environment: Some("production".into()),
        version: Some("1.4.2".into()),
        attributes: vec![("team".into(), "storage".into())],
        instance: None,
    }
}

fn registry(bounds: &[(&str, &[f64])]) -> Arc<Registry> {
    let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
    let bounds = bounds.iter().map(|(name, bounds)| ((*name).to_owned(), bounds.to_vec()));
    let settings = MetricsSettings {
        bounds: bounds.collect(),
        cardinality: Vec::new(),
        ..MetricsSettings::default()
    };
    Registry::new(&settings, drops)
}

/// A reader whose transport is the test.
struct Rig {
    reader: MetricsReader,
    pipeline: Arc<Pipeline>,
}

impl Rig {
    fn new(temporality: Temporality, source: Arc<dyn Source>) -> Self {
        Self::with(&settings(temporality), source)
    }

    fn with(settings: &OtlpMetricsSettings, source: Arc<dyn Source>) -> Self {
        let pipeline = Pipeline::new("otlp", Notices::new(|_| {}));
        let reader = MetricsReader::new(settings, source, &resource(), Arc::clone(&pipeline));
        Rig { reader, pipeline }
    }

    /// Collects, and has everything accepted.
    fn points(&mut self) -> Vec<Point> {
        let requests = self.reader.collect();
        self.reader.settle(&vec![Outcome::Accepted; requests.len()]);
        decode(&requests)
    }

    fn unknown(&self) -> u64 {
        self.pipeline.drops().get(DropReason::Unknown)
    }
}
