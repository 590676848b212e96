//! The HTTP client: blocking, without a runtime, bounded in time.

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
#[cfg(feature = "tls")]
use ureq::tls::{RootCerts, TlsConfig};

#[cfg(feature = "tls")]
use crate::authority::Authority;
use crate::environment::Otlp;

/// No answer of a collector is longer than this.
const LARGEST_ANSWER: u64 = 4 << 20;

/// Sends on the thread that asks, which is a batch processor's own.
#[derive(Debug)]
pub(crate) struct Blocking(ureq::Agent);

impl Blocking {
    /// The timeout bounds each request as a whole, name look-up and answer included.
    pub(crate) fn new(otlp: &Otlp) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(otlp.timeout))
            // Statuses are the exporter's to judge.
            .http_status_as_error(false);
        #[cfg(feature = "tls")]
        let config = config.tls_config(tls(otlp.authority.as_ref()));
        Self(config.build().into())
    }
}

#[cfg(feature = "tls")]
fn tls(authority: Option<&Authority>) -> TlsConfig {
    let config = TlsConfig::builder();
    match authority {
        Some(authority) => config.root_certs(RootCerts::from(authority.certificates())).build(),
        None => config.build(),
    }
}

#[async_trait]
impl HttpClient for Blocking {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(Response::from_parts(parts, Bytes::from(body)))
    }
}
