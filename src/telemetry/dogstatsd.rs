//! What a handle can do with DogStatsD besides metrics.

use super::TelemetryHandle;
#[cfg(feature = "dogstatsd")]
use crate::dogstatsd::{CheckStatus, Event, ServiceCheck};

impl TelemetryHandle {
    /// The lines that DogStatsD would send now, one a line; nothing is sent by asking. Empty if the
    /// pipeline is disabled. Waits up to a second for a flush that is under way.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// use lightship::DogStatsd;
    /// use std::time::Duration;
    ///
    /// let telemetry = lightship::builder("api")
    ///     .dogstatsd(DogStatsd::default().flush_interval(Duration::from_secs(60)))
    ///     .build()?;
    /// telemetry.scope(|| lightship::counter!("jobs.done").increment(2));
    /// assert!(telemetry.dogstatsd_text().starts_with("jobs.done:2|c|#service:api"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn dogstatsd_text(&self) -> String {
        let lines = self.core.dogstatsd.as_ref().map(|dogstatsd| dogstatsd.preview());
        lines.unwrap_or_default().into_iter().map(|line| line + "\n").collect()
    }

    /// Tells Datadog that something happened. The event goes out with the next flush; up to 1,024
    /// wait for an agent that is away, then the oldest is dropped and counted.
    ///
    /// Costs a few microseconds and never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// use lightship::Event;
    ///
    /// let telemetry = lightship::builder("api").build()?;
    /// telemetry.event(Event::new("deploy", "1.4.2 is out").tag("region", "eu-1"));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "dogstatsd")]
    pub fn event(&self, event: Event) {
        if let Some(dogstatsd) = &self.core.dogstatsd {
            dogstatsd.event(&event);
        }
    }

    /// Tells Datadog whether something works; waits for the agent like an [`event`](Self::event).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// use lightship::CheckStatus;
    ///
    /// let telemetry = lightship::builder("api").build()?;
    /// telemetry.service_check("db", CheckStatus::Ok);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "dogstatsd")]
    pub fn service_check(&self, name: &str, status: CheckStatus) {
        self.send_service_check(ServiceCheck::new(name, status));
    }

    /// Like [`service_check`](Self::service_check), with a message, tags, a time or a host.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// use lightship::{CheckStatus, ServiceCheck};
    ///
    /// let telemetry = lightship::builder("api").build()?;
    /// let check = ServiceCheck::new("db", CheckStatus::Critical).message("no connection");
    /// telemetry.send_service_check(check);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "dogstatsd")]
    pub fn send_service_check(&self, check: ServiceCheck) {
        if let Some(dogstatsd) = &self.core.dogstatsd {
            dogstatsd.service_check(&check);
        }
    }
}
