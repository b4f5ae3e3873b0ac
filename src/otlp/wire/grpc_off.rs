//! gRPC where it was not built in.

use super::place::Place;
use super::{Patience, Wire};
use crate::config::settings::OtlpTarget;
use crate::otlp::answer::{Verdict, Wait};
use crate::otlp::request::Request;

#[derive(Debug)]
pub(super) struct Grpc {
    place: Place,
}

impl Grpc {
    pub(super) fn new(target: &OtlpTarget) -> Self {
        Grpc { place: Place::new(target) }
    }
}

impl Wire for Grpc {
    fn send(&mut self, _: &Request, _: &str, _: &Patience) -> Verdict {
        let reason = format!(
            "{} is to be reached by gRPC, which is not built in; enable the feature `grpc` of \
             `lightship`, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            self.place.name
        );
        Verdict::NotTaken { reason, wait: Wait::Nobody }
    }
}
