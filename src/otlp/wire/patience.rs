//! How long a request may still take.

use crate::otlp::orders::Orders;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one system call may wait before it is asked again whether the end was ordered.
const SLICE: Duration = Duration::from_millis(50);

/// A deadline that comes nearer when the end is ordered meanwhile.
#[derive(Debug, Clone)]
pub(in crate::otlp) struct Patience {
    by: Instant,
    orders: Arc<Orders>,
    /// The end was ordered before: this is part of it.
    is_last: bool,
}

impl Patience {
    pub(in crate::otlp) fn new(by: Instant, orders: Arc<Orders>) -> Self {
        let is_last = orders.stop_by().is_some();
        Patience { by, orders, is_last }
    }

    /// Zero once it is over.
    pub(super) fn left(&self) -> Duration {
        let end = match self.is_last {
            true => self.orders.stop_by(),
            false => self.orders.break_off_by(),
        };
        let by = end.map_or(self.by, |end| end.min(self.by));
        by.saturating_duration_since(Instant::now())
    }

    /// How long to wait at most before asking again; `None` once it is over.
    pub(super) fn slice(&self) -> Option<Duration> {
        let left = self.left();
        // A socket takes no zero, and nothing shorter than this helps anybody.
        (!left.is_zero()).then(|| left.clamp(Duration::from_millis(1), SLICE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_comes_over_a_request_that_is_under_way() {
        let orders = Arc::new(Orders::default());
        let patience = Patience::new(Instant::now() + Duration::from_secs(60), orders.clone());
        assert!(patience.left() > Duration::from_secs(50));
        assert_eq!(patience.slice(), Some(SLICE));
        orders.stop(Instant::now() + Duration::from_secs(40));
        assert!(patience.left() <= Duration::from_secs(20), "half of it is for the last flush");
        let last = Patience::new(Instant::now() + Duration::from_secs(60), orders.clone());
        assert!(last.left() > Duration::from_secs(30) && last.left() <= Duration::from_secs(40));
        let over = Patience::new(Instant::now(), orders);
        assert_eq!(over.slice(), None);
    }
}
