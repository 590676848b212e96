//! Loom models of the gate: every interleaving of two or three threads, up to a bound on preemptions.
//!
//! Run by `tests/loom/run`. What loom does not see: it treats `SeqCst` accesses as `AcqRel`, does not explore load
//! buffering, and remembers only the last access to an atomic when it looks for the steps worth reordering, so that a
//! thread's own load hides an earlier one of another thread. The last is why every scene with two roles runs with
//! either of them on the main thread. Time does not pass in a model, so waits have no deadlines.

mod answers;
mod degraded;
mod exclusion;
mod ledgers;
mod lost;
mod published;
mod scene;
