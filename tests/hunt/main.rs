//! Hunt mode from outside: overlaps that a delay makes, what is left alone, and what is left for the next run.
//!
//! Hunting is a setting of the process, so each test runs this binary again as a child that has the test's name for a
//! program, and looks at what that leaves behind.

mod answering;
#[cfg(feature = "tokio")]
mod async_tasks;
mod child;
mod delays;
mod forking;
mod helpers;
mod left_alone;
mod plan;
mod plan_path;
mod programs;
mod suspects;
mod telemetry;
