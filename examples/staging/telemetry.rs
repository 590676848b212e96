//! The way out to a collector and to Prometheus, for a run that is asked to show itself there.

use std::net::SocketAddr;

use checkedmap_otel::{Accounts, Builder, Guard, InitError};
use opentelemetry_sdk::Resource;

use crate::findings::{Findings, Pair};
use crate::options::Options;

/// Any of these says that there is a collector.
const ENDPOINTS: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
];

/// The exporter at work.
pub(crate) struct Telemetry {
    guard: Guard,
}

/// What became of the reports, and where to look for them.
pub(crate) struct Delivered {
    pub(crate) accounts: Accounts,
    /// The trace of each report.
    pub(crate) traces: Vec<(String, Pair)>,
}

impl Telemetry {
    /// Starts what the environment and the options ask for; `None` where that is nothing.
    ///
    /// # Errors
    ///
    /// A sentence which says what is wrong with a variable or an address.
    pub(crate) fn start(options: &Options) -> Result<Option<Self>, String> {
        let collector = ENDPOINTS.iter().any(|name| is_set(name));
        if !collector && options.prometheus.is_none() {
            return Ok(None);
        }
        install(collector, options.prometheus).map(|guard| Some(Self { guard })).map_err(|error| error.to_string())
    }

    /// The address of the Prometheus endpoint.
    pub(crate) fn prometheus(&self) -> Option<SocketAddr> {
        self.guard.prometheus()
    }

    /// Delivers what is left.
    pub(crate) fn finish(self, findings: &Findings) -> Delivered {
        let traces = |(number, pair)| Some((self.guard.trace_id(number)?, pair));
        let traces = findings.reports().into_iter().filter_map(traces).collect();
        Delivered { accounts: self.guard.finish(), traces }
    }
}

fn install(collector: bool, prometheus: Option<SocketAddr>) -> Result<Guard, InitError> {
    let mut builder = if collector {
        // Conflicts link to the requests that they interrupted. All others would only drive these out of a Jaeger's memory.
        Builder::from_env()?.with_interrupted_requests()
    } else {
        checkedmap_otel::builder()
    };
    if let Some(address) = prometheus {
        builder = builder.with_prometheus(address);
    }
    let guard = builder.with_resource(resource()).with_baggage(["tenant"]).install()?;
    #[cfg(unix)]
    guard.flush_on_sigterm()?;
    Ok(guard)
}

/// `service.name=staging`, unless the environment says otherwise.
fn resource() -> Resource {
    let resource = Resource::builder();
    let named = std::env::var("OTEL_RESOURCE_ATTRIBUTES").is_ok_and(|given| given.contains("service.name="));
    if named || is_set("OTEL_SERVICE_NAME") { resource.build() } else { resource.with_service_name("staging").build() }
}

fn is_set(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| !value.trim().is_empty())
}
