//! A span for each request, on the client's side and on the service's, with W3C trace context and baggage in between.
//!
//! Without a subscriber the spans cost a look at a flag each, and no header is sent.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use opentelemetry::KeyValue;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;
use tracing::span::EnteredSpan;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The baggage entry that says whose request it is.
const TENANT: &str = "tenant";

static PROPAGATOR: LazyLock<TextMapCompositePropagator> = LazyLock::new(|| {
    TextMapCompositePropagator::new(vec![Box::new(TraceContextPropagator::new()), Box::new(BaggagePropagator::new())])
});

/// The layer of the service.
pub(crate) type Traced = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    fn(&Request) -> Span,
    (),
    fn(&Response, Duration, &Span),
    (),
    (),
    (),
>;

/// Opens a span for each request that comes in, below the caller's.
pub(crate) fn traced() -> Traced {
    TraceLayer::new_for_http()
        .make_span_with(incoming as fn(&Request) -> Span)
        .on_request(())
        .on_response(answered as fn(&Response, Duration, &Span))
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

fn incoming(request: &Request) -> Span {
    let method = request.method().as_str();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        url.scheme = "http",
        url.path = request.uri().path(),
    );
    if !span.is_disabled() {
        let caller = PROPAGATOR.extract(&HeaderExtractor(request.headers()));
        if let Some(tenant) = caller.baggage().get(TENANT) {
            span.set_attribute(TENANT, tenant.as_str().to_owned());
        }
        // Refused only for a span that has begun to be used.
        let _ = span.set_parent(caller);
    }
    span
}

fn answered(response: &Response, _latency: Duration, span: &Span) {
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// A client's request on its way, until it is dropped.
pub(crate) struct Outgoing {
    /// What the service needs to know of it.
    pub(crate) headers: HashMap<String, String>,
    _span: EnteredSpan,
}

/// Opens the span of a client's request.
pub(crate) fn outgoing(method: &'static str, tenant: &str) -> Outgoing {
    let span = tracing::info_span!(
        parent: None,
        "client",
        otel.name = method,
        otel.kind = "client",
        http.request.method = method,
    );
    let mut headers = HashMap::new();
    if !span.is_disabled() {
        let context = span.context().with_baggage([KeyValue::new(TENANT, tenant.to_owned())]);
        PROPAGATOR.inject_context(&context, &mut headers);
    }
    Outgoing { headers, _span: span.entered() }
}
