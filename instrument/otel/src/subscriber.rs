//! A `tracing` subscriber for programs that have none.
//!
//! The program's spans have a provider of their own: a busy program fills its batch processor's queue, and conflicts must
//! not be what is dropped then. That provider samples as `OTEL_TRACES_SAMPLER` says.

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
use crate::otlp;
use crate::setup::Builder;

/// What sends telemetry is not traced: its spans would make more of themselves.
const OURS: [&str; 6] = ["opentelemetry", "tonic", "h2", "hyper", "tower", "ureq"];

/// Whether to subscribe, and where spans go.
#[derive(Default)]
pub(crate) struct Application {
    pub(crate) wanted: bool,
    pub(crate) otlp: Option<Otlp>,
}

impl Application {
    /// Subscribes, where that is wanted. Returns the provider of the program's spans.
    pub(crate) fn open(self, resource: &Resource) -> Result<Option<SdkTracerProvider>, InitError> {
        if !self.wanted {
            return Ok(None);
        }
        let provider = self.otlp.map(|otlp| {
            let exporter = otlp::spans(otlp)?;
            let provider = SdkTracerProvider::builder().with_resource(resource.clone()).with_batch_exporter(exporter);
            Ok(provider.build())
        });
        let provider = provider.transpose()?;
        let spans = provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("application"));
            layer.with_filter(filter_fn(|metadata| !OURS.iter().any(|name| metadata.target().starts_with(name))))
        });
        let level = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
        let events = fmt::layer().with_writer(std::io::stderr).with_filter(level);
        let subscribed = tracing_subscriber::registry().with(events).with(spans).try_init();
        subscribed.map(|()| provider).map_err(|_| InitError::SubscriberTaken)
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
