//! Check-then-act over two calls: published bugs rebuilt, each beside its fix, and what must not be taken for one.
//!
//! Every interleaving is made, none is waited for: what another thread does in the gap between two calls runs to its end
//! there.

mod answers;
mod buck2_pr_1303;
mod control;
mod dashmap_196;
mod external_locks;
mod fresh_map;
mod noise;
mod report;
mod restate_pr_1532;
mod serial_test_pr_45;
mod stage;
mod tasks;
mod tower_sessions_pr_41;
mod undone;
