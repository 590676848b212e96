use std::time::Duration;
use crate::policy::Mode;
#[derive(PartialEq, Eq, Clone, Copy)]
pub enum Backtrace { Off, Conflict, Always }
static MODE: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(1);
pub(crate) fn mode_for(_: Option<&str>) -> Mode { Mode::from_u8(MODE.load(std::sync::atomic::Ordering::Relaxed)).unwrap() }
pub fn set_mode(m: Mode) { MODE.store(m as u8, std::sync::atomic::Ordering::Relaxed) }
pub(crate) fn evidence() -> Duration { Duration::from_millis(50) }
pub(crate) fn stuck() -> Duration { Duration::from_millis(5000) }
pub(crate) fn recover() -> Duration { Duration::from_millis(5000) }
pub(crate) fn backtrace() -> Backtrace { Backtrace::Conflict }
