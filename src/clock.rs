//! The monotonic clock as a number that fits an atomic.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Nanoseconds since a moment before the first call; never 0.
pub(crate) fn nanoseconds(now: Instant) -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(|| now.checked_sub(Duration::from_secs(1)).unwrap_or(now));
    u64::try_from(now.saturating_duration_since(origin).as_nanos()).unwrap_or(u64::MAX).max(1)
}
