//! How the hunt goes. Where nothing is hunted there are no series.

use std::sync::Arc;

use checkedmap::observe::HuntStatus;
use opentelemetry::metrics::Meter;
use parking_lot::Mutex;

use crate::names::metric;

/// What the library said at the last look.
pub(super) struct Hunt(Arc<Mutex<Option<HuntStatus>>>);

impl Hunt {
    pub(super) fn new(meter: &Meter) -> Self {
        let hunt = Self(Arc::default());
        hunt.count(meter, metric::HUNT_DELAYS, "Delays made", |status| status.delays);
        hunt.count(meter, metric::HUNT_CAUGHT, "Delays that somebody walked into", |status| status.caught);
        hunt.count(meter, metric::HUNT_OVER_BUDGET, "Delays left out because the budget was used up", |status| {
            status.over_budget
        });
        let status = Arc::clone(&hunt.0);
        meter
            .f64_observable_counter(metric::HUNT_DELAYED)
            .with_unit("s")
            .with_description("How long accesses were delayed, all threads together")
            .with_callback(move |observer| {
                if let Some(status) = &*status.lock() {
                    observer.observe(status.delayed.as_secs_f64(), &[]);
                }
            })
            .build();
        let status = Arc::clone(&hunt.0);
        meter
            .f64_observable_gauge(metric::HUNT_BUDGET)
            .with_unit("1")
            .with_description("The share of the time that delays may take")
            .with_callback(move |observer| {
                if let Some(status) = &*status.lock() {
                    observer.observe(status.budget, &[]);
                }
            })
            .build();
        hunt
    }

    fn count(&self, meter: &Meter, name: &'static str, description: &'static str, value: fn(&HuntStatus) -> u64) {
        let status = Arc::clone(&self.0);
        meter
            .u64_observable_counter(name)
            .with_unit("{delay}")
            .with_description(description)
            .with_callback(move |observer| {
                if let Some(status) = &*status.lock() {
                    observer.observe(value(status), &[]);
                }
            })
            .build();
    }

    /// Takes what the library says now.
    pub(super) fn look(&mut self, status: Option<HuntStatus>) {
        *self.0.lock() = status;
    }
}
