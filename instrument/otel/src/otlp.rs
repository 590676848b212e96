//! Exporters over OTLP.
//!
//! Retries are the courier's: an exporter that retries by itself would block a flush for seconds.

use std::sync::Arc;

use opentelemetry_otlp::{
    LogExporter, MetricExporter, Protocol as OtlpProtocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};

#[cfg(feature = "grpc-tls")]
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig};

use crate::environment::{Otlp, Protocol};
use crate::error::InitError;
use crate::http::Blocking;

macro_rules! exporter {
    ($function:ident, $exporter:ident, $signal:literal, $path:literal) => {
        pub(crate) fn $function(otlp: Otlp) -> Result<$exporter, InitError> {
            let built = match otlp.protocol {
                Protocol::Http => {
                    let mut exporter = $exporter::builder()
                        .with_http()
                        .with_protocol(OtlpProtocol::HttpBinary)
                        .with_timeout(otlp.timeout)
                        .with_shared_http_client(Arc::new(Blocking::new(&otlp)))
                        .with_retry_policy(RetryPolicy::disabled());
                    if let Some(base) = &otlp.endpoint {
                        exporter = exporter.with_endpoint(format!("{}{}", base.trim_end_matches('/'), $path));
                    }
                    exporter.build()
                }
                #[cfg(feature = "grpc")]
                Protocol::Grpc => {
                    use opentelemetry_otlp::WithTonicConfig;
                    let mut exporter = $exporter::builder()
                        .with_tonic()
                        .with_timeout(otlp.timeout)
                        .with_retry_policy(RetryPolicy::disabled());
                    #[cfg(feature = "grpc-tls")]
                    {
                        exporter = exporter.with_tls_config(tls(&otlp));
                    }
                    if let Some(base) = &otlp.endpoint {
                        exporter = exporter.with_endpoint(base.clone());
                    }
                    exporter.build()
                }
                #[cfg(not(feature = "grpc"))]
                Protocol::Grpc => unreachable!("refused when the environment was read"),
            };
            built.map_err(|error| InitError::exporter($signal, error))
        }
    };
}

exporter!(spans, SpanExporter, "traces", "/v1/traces");
exporter!(metrics, MetricExporter, "metrics", "/v1/metrics");
exporter!(logs, LogExporter, "logs", "/v1/logs");

/// Without it a channel trusts nobody. Channels to `http` addresses do not look at it.
#[cfg(feature = "grpc-tls")]
fn tls(otlp: &Otlp) -> ClientTlsConfig {
    let config = ClientTlsConfig::new();
    match &otlp.authority {
        Some(authority) => config.ca_certificate(Certificate::from_pem(authority.pem())),
        None => config.with_enabled_roots(),
    }
}
