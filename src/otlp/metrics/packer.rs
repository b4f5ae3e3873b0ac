//! From metrics to requests of bounded size.

use super::frame::{self, Field, framed_len};
use super::metric::Metric;
use super::point;
use crate::config::settings::{OtlpMetricsSettings, OtlpProtocol, Temporality};
use crate::otlp::request::{Request, Signal};
use crate::otlp::resource;
use crate::resource::Resource;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
use std::io::Write;
use std::time::Instant;

/// How large a request may get before it is compressed, unless one point alone is larger. A
/// collector takes 4 MiB over gRPC unless told otherwise.
pub(super) const MAX_REQUEST: usize = 1 << 20;
const SCOPE: &str = "lightship";

/// What a request holds, to be settled when it is known what became of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) items: u64,
    /// Whose cursors wait.
    pub(super) series: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Packer {
    /// What every request begins with: the resource.
    resource: Vec<u8>,
    /// And in it, what the metrics begin with.
    scope: Vec<u8>,
    temporality: Temporality,
    gzip: bool,
    pub(super) max_request: usize,
    /// The metrics of the request in the making.
    metrics: Vec<u8>,
    offer: Offer,
}

impl Packer {
    pub(super) fn new(
        settings: &OtlpMetricsSettings,
        resource: &Resource,
        max_request: usize,
    ) -> Self {
        let attributes = resource::attributes(resource);
        let attributes = attributes.iter().map(|(key, value)| point::attribute(key, value));
        let proto = ProtoResource { attributes: attributes.collect(), ..ProtoResource::default() };
        let scope = InstrumentationScope {
            name: SCOPE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let mut packer = Packer {
            resource: Vec::new(),
            scope: Vec::new(),
            temporality: settings.temporality,
            // gRPC compresses its own frames.
            gzip: settings.target.gzip && settings.target.protocol == OtlpProtocol::HttpProtobuf,
            max_request,
            metrics: Vec::new(),
            offer: Offer::default(),
        };
        frame::message(&mut packer.resource, Field(1), &proto);
        frame::message(&mut packer.scope, Field(1), &scope);
        packer
    }

    /// The requests that hold these metrics, each with what it offers.
    pub(super) fn pack(&mut self, metrics: &[Metric]) -> Vec<(Request, Offer)> {
        let mut packed = Vec::new();
        for metric in metrics.iter().filter(|metric| metric.len() > 0) {
            let shell = metric.shell(self.temporality);
            let mut from = 0;
            while from < metric.len() {
                let fitting = metric.fitting(from, self.room().saturating_sub(shell.overhead()));
                if fitting == 0 && self.offer.items > 0 {
                    packed.push(self.finish());
                    continue;
                }
                // A point that is too large for any request goes by itself.
                let points = from..from + fitting.max(1);
                metric.write(&mut self.metrics, &shell, points.clone());
                self.offer.items += points.len() as u64;
                self.offer.series.extend(metric.waiting(points.clone()));
                from = points.end;
            }
        }
        if self.offer.items > 0 {
            packed.push(self.finish());
        }
        packed
    }

    fn room(&self) -> usize {
        const FRAMES: usize = 16;
        let used = self.resource.len() + self.scope.len() + self.metrics.len() + FRAMES;
        self.max_request.saturating_sub(used)
    }

    fn finish(&mut self) -> (Request, Offer) {
        let offer = std::mem::take(&mut self.offer);
        let scope_metrics = self.scope.len() + self.metrics.len();
        let resource_metrics = self.resource.len() + framed_len(scope_metrics);
        let mut body = Vec::with_capacity(framed_len(resource_metrics));
        frame::open(&mut body, Field(1), resource_metrics);
        body.extend_from_slice(&self.resource);
        frame::open(&mut body, Field(2), scope_metrics);
        body.extend_from_slice(&self.scope);
        body.append(&mut self.metrics);
        let compressed = if self.gzip { compress(&body) } else { None };
        let gzipped = compressed.is_some();
        let body = Bytes::from(compressed.unwrap_or(body));
        let (signal, made) = (Signal::Metrics, Instant::now());
        (Request { signal, body, gzipped, items: offer.items, made }, offer)
    }
}

/// As it is where it can't be compressed, which in memory does not happen.
fn compress(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
