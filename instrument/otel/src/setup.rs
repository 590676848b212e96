//! From settings to running parts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{BatchLogProcessor, LogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchSpanProcessor, Sampler, SdkTracerProvider, SpanExporter};

use crate::context::CurrentContext;
use crate::courier::{Courier, Owned, Providers};
use crate::environment::{Environment, Otlp, Protocol};
use crate::error::InitError;
use crate::guard::{Guard, Running};
use crate::identity::Ids;
#[cfg(feature = "subscriber")]
use crate::interrupted::Interrupted;
use crate::otlp;
use crate::outbox::Outbox;
#[cfg(feature = "prometheus")]
use crate::prometheus::Endpoint;
use crate::receipts::{Receipts, Witnessed};
use crate::receiver::Receiver;

/// Longer than a collector nearby needs for everything, shorter than what makes a dying program look hung.
const BOUND: Duration = Duration::from_secs(3);

/// What `CHECKEDMAP_FLUSH_MS` may say at most. It keeps the arithmetic of deadlines from overflowing, too.
const LONGEST_BOUND: Duration = Duration::from_secs(600);

type Make<P> = Box<dyn FnOnce(&Resource, &Arc<Receipts>) -> Result<P, InitError> + Send>;

/// One signal's way out.
enum Signal<P> {
    Ours(Make<P>),
    Theirs(P),
}

impl<P> Signal<P> {
    fn open(self, resource: &Resource, receipts: &Arc<Receipts>) -> Result<Owned<P>, InitError> {
        match self {
            Self::Ours(make) => make(resource, receipts).map(Owned::Ours),
            Self::Theirs(provider) => Ok(Owned::Theirs(provider)),
        }
    }
}

/// Sets the exporter up part by part: for programs that have providers already, and for exporters of other kinds than OTLP.
///
/// ```
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// # fn main() -> Result<(), checkedmap_otel::InitError> {
/// let mine = SdkTracerProvider::builder().build(); // with the program's own exporter
/// let telemetry = checkedmap_otel::builder().with_tracer_provider(mine).with_baggage(["tenant"]).install()?;
/// # drop(telemetry);
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `install` is called"]
pub struct Builder {
    disabled: bool,
    traces: Option<Signal<SdkTracerProvider>>,
    logs: Option<Signal<SdkLoggerProvider>>,
    metrics: Option<Metrics>,
    resource: Option<Resource>,
    prometheus: Option<SocketAddr>,
    spool: Option<PathBuf>,
    baggage: Vec<String>,
    bound: Duration,
    /// How the program's own spans leave, where we make it a subscriber.
    #[cfg(feature = "subscriber")]
    application: crate::subscriber::Application,
    /// Whether a signal goes over gRPC, which needs a runtime.
    #[cfg(feature = "grpc")]
    grpc: bool,
}

/// Without the feature there is none.
#[cfg(not(feature = "prometheus"))]
enum Endpoint {}

#[cfg(not(feature = "prometheus"))]
impl Endpoint {
    fn serve(self) -> Result<SocketAddr, InitError> {
        match self {}
    }
}

/// The way out of metrics: ours may have several readers.
enum Metrics {
    Ours(Box<dyn FnOnce(MeterProviderBuilder) -> Result<MeterProviderBuilder, InitError> + Send>),
    Theirs(SdkMeterProvider),
}

/// A builder without any signal.
pub fn builder() -> Builder {
    Builder {
        disabled: false,
        traces: None,
        logs: None,
        metrics: None,
        resource: None,
        prometheus: None,
        spool: None,
        baggage: Vec::new(),
        bound: BOUND,
        #[cfg(feature = "subscriber")]
        application: Default::default(),
        #[cfg(feature = "grpc")]
        grpc: false,
    }
}

impl Builder {
    /// What the environment says, for programs that change some of it.
    ///
    /// # Errors
    ///
    /// A variable has a value that is not allowed.
    pub fn from_env() -> Result<Self, InitError> {
        let environment = Environment::read(&|name| std::env::var(name).ok())?;
        let mut builder = builder();
        builder.disabled = environment.disabled;
        #[cfg(feature = "grpc")]
        {
            let signals = [&environment.traces, &environment.logs, &environment.metrics];
            builder.grpc = signals.into_iter().flatten().any(|otlp| otlp.protocol == Protocol::Grpc);
        }
        builder.spool = environment.spool;
        builder.bound = environment.bound.unwrap_or(BOUND);
        builder.prometheus = environment.prometheus;
        Ok(builder.with_signals(environment.traces, environment.logs, environment.metrics))
    }

    /// Sends everything over OTLP and HTTP to the collector at this base address, such as `http://127.0.0.1:4318`. A
    /// request may take `timeout`; headers come from the environment.
    pub fn with_otlp(self, endpoint: impl Into<String>, timeout: Duration) -> Self {
        let otlp = Otlp::to(endpoint.into(), Protocol::Http, timeout);
        self.with_signals(Some(otlp.clone()), Some(otlp.clone()), Some(otlp))
    }

    /// The same over gRPC, to a base address such as `http://127.0.0.1:4317`. A runtime of its own drives it.
    #[cfg(feature = "grpc")]
    pub fn with_otlp_grpc(mut self, endpoint: impl Into<String>, timeout: Duration) -> Self {
        self.grpc = true;
        let otlp = Otlp::to(endpoint.into(), Protocol::Grpc, timeout);
        self.with_signals(Some(otlp.clone()), Some(otlp.clone()), Some(otlp))
    }

    fn with_signals(mut self, traces: Option<Otlp>, logs: Option<Otlp>, metrics: Option<Otlp>) -> Self {
        #[cfg(feature = "subscriber")]
        {
            self.application.otlp = traces.clone();
        }
        self.traces = traces.map(|otlp| {
            let make = |resource: &_, receipts: &_| Ok(tracer_provider(otlp::spans(otlp)?, resource, receipts));
            Signal::Ours(Box::new(make) as Make<_>)
        });
        self.logs = logs.map(|otlp| {
            let make = |resource: &_, receipts: &_| Ok(logger_provider(otlp::logs(otlp)?, resource, receipts));
            Signal::Ours(Box::new(make) as Make<_>)
        });
        self.metrics = metrics.map(|otlp| {
            Metrics::Ours(Box::new(move |meters| {
                Ok(meters.with_reader(PeriodicReader::builder(otlp::metrics(otlp)?).build()))
            }))
        });
        self
    }

    /// Sends spans through the program's provider. Its sampler decides about conflicts too, and that a span has arrived is
    /// taken from its flush.
    pub fn with_tracer_provider(mut self, provider: SdkTracerProvider) -> Self {
        self.traces = Some(Signal::Theirs(provider));
        self
    }

    /// Sends log records through the program's provider.
    pub fn with_logger_provider(mut self, provider: SdkLoggerProvider) -> Self {
        self.logs = Some(Signal::Theirs(provider));
        self
    }

    /// Makes the metrics with the program's provider.
    pub fn with_meter_provider(mut self, provider: SdkMeterProvider) -> Self {
        self.metrics = Some(Metrics::Theirs(provider));
        self
    }

    /// Sends spans through a provider of our own, which samples every conflict and knows what has arrived.
    pub fn with_span_exporter(mut self, exporter: impl SpanExporter + 'static) -> Self {
        self.traces =
            Some(Signal::Ours(Box::new(|resource, receipts| Ok(tracer_provider(exporter, resource, receipts)))));
        self
    }

    /// Sends log records through a provider of our own.
    pub fn with_log_exporter(mut self, exporter: impl LogExporter + 'static) -> Self {
        self.logs =
            Some(Signal::Ours(Box::new(|resource, receipts| Ok(logger_provider(exporter, resource, receipts)))));
        self
    }

    /// Sends metrics through a provider of our own.
    pub fn with_metric_exporter(mut self, exporter: impl PushMetricExporter) -> Self {
        let reader = PeriodicReader::builder(exporter).build();
        self.metrics = Some(Metrics::Ours(Box::new(|meters| Ok(meters.with_reader(reader)))));
        self
    }

    /// What our providers say of the process. By default what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say.
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Serves metrics to Prometheus at `http://ADDRESS/metrics`. Choose a loopback address unless the network is trusted:
    /// whoever reaches it reads the names of your maps.
    #[cfg(feature = "prometheus")]
    pub fn with_prometheus(mut self, address: SocketAddr) -> Self {
        self.prometheus = Some(address);
        self
    }

    /// Keeps reports in this directory until a collector has them, as `CHECKEDMAP_SPOOL` does.
    pub fn with_spool(mut self, directory: impl Into<PathBuf>) -> Self {
        self.spool = Some(directory.into());
        self
    }

    /// Carries these baggage entries of the interrupted requests along, such as a tenant. They are in the report, so in
    /// everything it goes to: spans, log records, stderr, `CHECKEDMAP_REPORT`'s files and page, the spool.
    pub fn with_baggage(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.baggage = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the program a `tracing` subscriber too: events go to stderr as `RUST_LOG` says, by default from `info` on, and spans
    /// to the collector, so that conflicts link to them. For programs that have no subscriber.
    #[cfg(feature = "subscriber")]
    pub fn with_subscriber(mut self) -> Self {
        self.application.wanted = true;
        self
    }

    /// As [`with_subscriber`](Self::with_subscriber), but of the program's spans only those of requests that a conflict
    /// interrupted, or that acted in a suspect, leave: each that ends after the conflict, in this process. For programs that would send ten thousand
    /// requests a second to find ten of interest.
    #[cfg(feature = "subscriber")]
    pub fn with_interrupted_requests(mut self) -> Self {
        self.application.interrupted_only = true;
        self.with_subscriber()
    }

    /// How long a flush, and each step of the end, may take. By default 3 s, or `CHECKEDMAP_FLUSH_MS`; more than ten minutes
    /// counts as ten minutes. At exit and before an abort the library itself waits no more than 5 s.
    pub fn with_bound(mut self, bound: Duration) -> Self {
        self.bound = bound.min(LONGEST_BOUND);
        self
    }

    /// Starts exporting.
    ///
    /// The first exporter of a process also tells reports which request each side was serving, unless the program has
    /// installed a [`ContextProvider`](checkedmap::ContextProvider) of its own.
    ///
    /// # Errors
    ///
    /// A part cannot be built; nothing is exported then.
    pub fn install(self) -> Result<Guard, InitError> {
        if self.disabled {
            #[cfg(feature = "subscriber")]
            self.application.without_export().subscribe()?;
            return Ok(Guard::default());
        }
        let resource = self.resource.unwrap_or_else(|| Resource::builder().build());
        let receipts = Arc::new(Receipts::default());
        #[cfg(feature = "grpc")]
        let runtime = self.grpc.then(runtime).transpose()?;
        #[cfg(feature = "grpc")]
        // Channels are tied to the runtime they are made in.
        let inside = runtime.as_ref().map(|runtime| runtime.enter());
        let context = CurrentContext::new(self.baggage);
        #[cfg(feature = "subscriber")]
        let interrupted = Interrupted::default();
        #[cfg(feature = "subscriber")]
        let context = context.telling(interrupted.clone());
        #[cfg(feature = "subscriber")]
        let application = self.application.open(&resource, interrupted)?;
        let (metrics, endpoint) = open_metrics(self.metrics, self.prometheus, &resource)?;
        let providers = Providers {
            traces: self.traces.map(|traces| traces.open(&resource, &receipts)).transpose()?,
            logs: self.logs.map(|logs| logs.open(&resource, &receipts)).transpose()?,
            metrics,
        };
        #[cfg(feature = "grpc")]
        drop(inside);
        let outbox = Outbox::open(self.spool.as_deref())
            .map_err(|source| InitError::Spool { path: self.spool.clone().unwrap_or_default(), source })?;
        let outbox = Arc::new(outbox);
        let courier = Courier::new(Arc::clone(&outbox), receipts, providers.clone());
        let thread = std::thread::Builder::new().name("checkedmap-otel".to_owned());
        let system = |source| InitError::System { what: "the courier's thread", source };
        thread.spawn(move || courier.run()).map_err(system)?;
        // What lasts as long as the process comes last: a failure before it leaves nothing behind.
        #[cfg(feature = "subscriber")]
        application.subscribe().inspect_err(|_| outbox.close(self.bound))?;
        let prometheus = endpoint.map(Endpoint::serve).transpose().inspect_err(|_| outbox.close(self.bound))?;
        // Where there is one already, it is the program's choice.
        let _ = checkedmap::set_context_provider(Box::new(context));
        checkedmap::add_sink(Receiver { outbox: Arc::clone(&outbox), bound: self.bound });
        flush_before_aborting(self.bound);
        Ok(Guard {
            running: Some(Running {
                outbox,
                providers,
                #[cfg(feature = "subscriber")]
                application: application.provider,
                #[cfg(not(feature = "subscriber"))]
                application: None,
                bound: self.bound,
                prometheus,
                #[cfg(feature = "grpc")]
                runtime,
            }),
        })
    }
}

/// A provider that keeps every conflict, whatever the program samples.
fn tracer_provider(
    exporter: impl SpanExporter + 'static,
    resource: &Resource,
    receipts: &Arc<Receipts>,
) -> SdkTracerProvider {
    let exporter = Witnessed { exporter, receipts: Arc::clone(receipts) };
    SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOn)
        .with_id_generator(Ids::default())
        .with_resource(resource.clone())
        .with_span_processor(BatchSpanProcessor::builder(exporter).build())
        .build()
}

fn logger_provider(
    exporter: impl LogExporter + 'static,
    resource: &Resource,
    receipts: &Arc<Receipts>,
) -> SdkLoggerProvider {
    let exporter = Witnessed { exporter, receipts: Arc::clone(receipts) };
    SdkLoggerProvider::builder()
        .with_resource(resource.clone())
        .with_log_processor(BatchLogProcessor::builder(exporter).build())
        .build()
}

/// The meter provider, and its Prometheus endpoint.
fn open_metrics(
    metrics: Option<Metrics>,
    prometheus: Option<SocketAddr>,
    resource: &Resource,
) -> Result<(Option<Owned<SdkMeterProvider>>, Option<Endpoint>), InitError> {
    let make = match (metrics, prometheus) {
        (None, None) => return Ok((None, None)),
        (Some(Metrics::Theirs(provider)), None) => return Ok((Some(Owned::Theirs(provider)), None)),
        (Some(Metrics::Theirs(_)), Some(address)) => {
            let source = std::io::Error::other("a meter provider that is the program's own needs readers of its own");
            return Err(InitError::Prometheus { address: address.to_string(), source });
        }
        (Some(Metrics::Ours(make)), _) => Some(make),
        (None, Some(_)) => None,
    };
    let mut meters = SdkMeterProvider::builder().with_resource(resource.clone());
    if let Some(make) = make {
        meters = make(meters)?;
    }
    #[cfg(feature = "prometheus")]
    if let Some(address) = prometheus {
        let (reader, endpoint) = Endpoint::bind(address)?;
        return Ok((Some(Owned::Ours(meters.with_reader(reader).build())), Some(endpoint)));
    }
    Ok((Some(Owned::Ours(meters.build())), None))
}

#[cfg(feature = "grpc")]
fn runtime() -> Result<tokio::runtime::Runtime, InitError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("checkedmap-grpc")
        .enable_all()
        .build()
        .map_err(|source| InitError::System { what: "the runtime for gRPC", source })
}

/// Where panics abort, nothing runs after the panic hook: not the guard, not the library's own flush at exit.
fn flush_before_aborting(bound: Duration) {
    if cfg!(panic = "abort") {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            before(panic);
            let _ = checkedmap::flush(bound);
        }));
    }
}

/// Exports as the environment says.
///
/// # Errors
///
/// A variable has a value that is not allowed, or a part cannot be built.
pub fn init() -> Result<Guard, InitError> {
    Builder::from_env()?.install()
}
