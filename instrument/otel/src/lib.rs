#![doc = include_str!("../README.md")]
//!
//! # What it costs
//!
//! An access that is admitted costs nothing more than without. A conflict hands its report to a thread of this crate, which
//! sends its trace and its log record and flushes them at once; metrics follow at their interval, or are read when they are
//! scraped. Neither the program nor the library's reporter waits for a collector, except at the end of
//! the process and at [`checkedmap::flush`], for a [bounded](Builder::with_bound) time.
//!
//! As measured on a 2-core x86-64 machine, `cargo bench -p checkedmap-otel --bench export`, medians: the two threads of a conflict
//! spend the same 17–22 µs of processor time without an exporter, with one, and with a collector that is away or hangs; the
//! exporter's threads 90–100 µs where the collector answers, the library's reporter 45–80 µs. An end with a collector that hangs
//! takes three times the bound.
//!
//! # Requests
//!
//! [`init_with_subscriber`](Builder::with_subscriber) sends the program's `tracing` spans too. A busy program makes more than a batch
//! processor takes, and some are dropped; those of the requests that a conflict interrupted have a queue of their own, and
//! [may be sent alone](Builder::with_interrupted_requests). What `OTEL_TRACES_SAMPLER` leaves out is left out in any case. W3C
//! headers are the service's to read: `examples/staging/requests.rs` shows how, and [`Builder::with_baggage`] takes a tenant
//! from them into the report. From there it goes wherever the report goes: to the collector in spans and log records, to
//! stderr, files and pages as `CHECKEDMAP_REPORT` says, and to the spool, whose files only their owner may read. Choose no key
//! whose values must not be in a log.
//!
//! # What can be lost
//!
//! While the collector is away, up to 1,024 reports wait in memory and are sent when it is back. What finds no room, or is left
//! when the process ends, is counted in [`Accounts`], and stays on disk where `CHECKEDMAP_SPOOL` names a directory: the next
//! process that starts with it sends it, under the ids it would have had. That holds for `kill -9` too, save for reports that
//! the library was still gathering evidence for.
//!
//! After a `fork` the child has none of these threads: it exports nothing until it calls [`init`] itself.
//!
//! # Features
//!
//! None is on by default, which leaves OTLP over plain HTTP.
//!
//! | feature | brings |
//! |---|---|
//! | `tls` | OTLP over HTTP to `https` addresses |
//! | `grpc` | OTLP over gRPC, with a tokio runtime of its own |
//! | `grpc-tls` | OTLP over gRPC to `https` addresses; `grpc` and `tls` together are not enough for that |
//! | `prometheus` | an endpoint to scrape |
//! | `signals` | `Guard::flush_on_sigterm` and its like, on Unix |
//! | `subscriber` | a `tracing` subscriber: `init_with_subscriber` |
#![forbid(unsafe_code)]

#[cfg(feature = "tls")]
mod authority;
mod context;
mod courier;
mod environment;
mod error;
mod guard;
mod http;
mod identity;
#[cfg(feature = "subscriber")]
mod interrupted;
mod logs;
mod metrics;
pub mod names;
mod otlp;
mod outbox;
mod parcel;
#[cfg(feature = "prometheus")]
mod prometheus;
mod receipts;
mod receiver;
mod setup;
mod spans;
mod spool;
#[cfg(feature = "subscriber")]
mod subscriber;

pub use context::CurrentContext;
pub use error::InitError;
pub use guard::Guard;
pub use outbox::Accounts;
pub use setup::{Builder, builder, init};
#[cfg(feature = "subscriber")]
pub use subscriber::init_with_subscriber;
