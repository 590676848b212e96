//! A `tracing` subscriber for programs that have none.
//!
//! The program's spans have a provider of their own: a busy program fills its batch processor's queue, and conflicts must
//! not be what is dropped then, nor the requests that they interrupted. That provider samples as `OTEL_TRACES_SAMPLER` says.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::environment::Otlp;
use crate::error::InitError;
use crate::guard::Guard;
use crate::interrupted::{Interrupted, Lanes};
use crate::otlp;
use crate::setup::Builder;

/// What sends telemetry is not traced: its spans would make more of themselves. Crates by their names; `tower_http` makes the
/// spans of many a service.
const OURS: [&str; 11] = [
    "opentelemetry",
    "opentelemetry_http",
    "opentelemetry_otlp",
    "opentelemetry_sdk",
    "tonic",
    "h2",
    "hyper",
    "hyper_util",
    "tower",
    "ureq",
    "ureq_proto",
];

fn is_ours(target: &str) -> bool {
    let name = target.split_once("::").map_or(target, |(name, _)| name);
    OURS.contains(&name)
}

/// Whether to subscribe, and where spans go.
#[derive(Default)]
pub(crate) struct Application {
    pub(crate) wanted: bool,
    /// Whether only the spans of interrupted requests leave.
    pub(crate) interrupted_only: bool,
    pub(crate) otlp: Option<Otlp>,
}

impl Application {
    /// Makes what sends the program's spans, where they are wanted.
    pub(crate) fn open(self, resource: &Resource, interrupted: Interrupted) -> Result<Subscription, InitError> {
        let otlp = self.otlp.filter(|_| self.wanted);
        let provider = otlp.map(|otlp| {
            let others = (!self.interrupted_only).then(|| otlp::spans(otlp.clone())).transpose()?;
            let lanes = Lanes::new(interrupted, otlp::spans(otlp)?, others);
            Ok(SdkTracerProvider::builder().with_resource(resource.clone()).with_span_processor(lanes).build())
        });
        Ok(Subscription { wanted: self.wanted, provider: provider.transpose()? })
    }

    /// Where nothing is exported: the program's events still go to stderr, where that is wanted.
    pub(crate) fn without_export(self) -> Subscription {
        Subscription { wanted: self.wanted, provider: None }
    }
}

/// A subscriber to be.
pub(crate) struct Subscription {
    wanted: bool,
    /// Of the program's spans.
    pub(crate) provider: Option<SdkTracerProvider>,
}

impl Subscription {
    /// Subscribes for the rest of the process.
    pub(crate) fn subscribe(&self) -> Result<(), InitError> {
        if !self.wanted {
            return Ok(());
        }
        let spans = self.provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("application"));
            layer.with_filter(filter_fn(|metadata| !is_ours(metadata.target())))
        });
        let level = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
        let events = fmt::layer().with_writer(std::io::stderr).with_filter(level);
        let subscribed = tracing_subscriber::registry().with(events).with(spans).try_init();
        subscribed.map_err(|_| InitError::SubscriberTaken)
    }
}

/// [`init`](crate::init) for programs that have no `tracing` subscriber: see [`Builder::with_subscriber`].
///
/// # Errors
///
/// As [`init`](crate::init), and where the program has a subscriber already.
pub fn init_with_subscriber() -> Result<Guard, InitError> {
    Builder::from_env()?.with_subscriber().install()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sends_is_told_from_what_serves() {
        for target in ["tower::buffer::worker", "h2", "opentelemetry_sdk::trace"] {
            assert!(is_ours(target), "{target}");
        }
        for target in ["tower_http::trace::make_span", "h2o", "staging::requests"] {
            assert!(!is_ours(target), "{target}");
        }
    }
}
