//! What stands in for the Prometheus pipeline in a build without it: types that have no value.

use crate::metrics::reading::Source;
use crate::resource::Resource;
use crate::status::{Pipeline, Status};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) enum PrometheusPage {}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Text,
}
