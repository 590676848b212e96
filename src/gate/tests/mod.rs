//! The gate on real primitives: what the models cannot reach for lack of time, memory or a clock.

mod answers;
mod counted;
mod degraded;
mod holders;
mod lost;
mod published;
mod storm;
mod thread;
mod waiting;
