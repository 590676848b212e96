//! The monotonic clock as a number that fits an atomic.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Nanoseconds since a moment before the first call; never 0.
pub(crate) fn nanoseconds(now: Instant) -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(|| now.checked_sub(Duration::from_secs(1)).unwrap_or(now));
    u64::try_from(now.saturating_duration_since(origin).as_nanos()).unwrap_or(u64::MAX).max(1)
}

/// A number that stands still for a millisecond or a few: whether it has changed costs less to ask than what time it is.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn tick() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a timespec to write to. The call cannot fail: every Linux since 2.6.32 has the clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut now) };
    // A number to tell ticks apart; its bits need no order.
    (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn tick() -> u64 {
    nanoseconds(Instant::now()) / 1_000_000
}
