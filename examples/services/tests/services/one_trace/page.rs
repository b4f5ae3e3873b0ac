//! The Prometheus page of a service.

use crate::support::client;
use lightship_services::seed::Service;

/// What the page said when it was asked for.
pub(super) struct Page(String);

impl Page {
    pub(super) async fn of(service: &Service) -> Self {
        let answer = client().get(service.metrics_url().unwrap()).send().await.unwrap();
        Page(answer.text().await.unwrap())
    }

    /// The sum of a metric's samples that have all these labels; none is 0.
    pub(super) fn total(&self, metric: &str, labels: &[&str]) -> u64 {
        let samples = self.0.lines().filter_map(|line| {
            let rest = line.strip_prefix(metric)?;
            let (tags, value) = rest.rsplit_once(' ')?;
            let is_it = tags.is_empty() || tags.starts_with('{');
            (is_it && labels.iter().all(|label| tags.contains(label))).then_some(value)
        });
        samples.map(|value| value.parse::<f64>().unwrap() as u64).sum()
    }
}
