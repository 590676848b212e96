//! The requests that a conflict interrupted, or that acted in a suspect, and a way out for their spans.
//!
//! A busy program makes more spans than a batch processor takes, and what finds no room is dropped without a choice. A link
//! to a dropped request leads nowhere. So the spans of an interrupted request have a queue of their own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};
use parking_lot::Mutex;

/// Traces remembered: more than there are first conflicts within the life of a request.
const REMEMBERED: usize = 256;

/// The traces of the last interrupted requests. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupted(Arc<Traces>);

#[derive(Debug, Default)]
struct Traces {
    /// Whether there are any: most programs never come further.
    any: AtomicBool,
    /// The oldest first.
    traces: Mutex<VecDeque<TraceId>>,
}

impl Interrupted {
    pub(crate) fn add(&self, trace: TraceId) {
        let mut traces = self.0.traces.lock();
        if !traces.contains(&trace) {
            if traces.len() == REMEMBERED {
                traces.pop_front();
            }
            traces.push_back(trace);
        }
        // Relaxed: a span that ends at this very moment may go either way.
        self.0.any.store(true, Ordering::Relaxed);
    }

    fn has(&self, trace: TraceId) -> bool {
        self.0.any.load(Ordering::Relaxed) && self.0.traces.lock().contains(&trace)
    }
}

/// Spans of interrupted requests one way, all others another, or none.
#[derive(Debug)]
pub(crate) struct Lanes<P = BatchSpanProcessor> {
    interrupted: Interrupted,
    own: P,
    others: Option<P>,
}

impl Lanes {
    pub(crate) fn new<E: SpanExporter + 'static>(interrupted: Interrupted, own: E, others: Option<E>) -> Self {
        let batch = |exporter| BatchSpanProcessor::builder(exporter).build();
        Self { interrupted, own: batch(own), others: others.map(batch) }
    }
}

impl<P: SpanProcessor> SpanProcessor for Lanes<P> {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if self.interrupted.has(span.span_context.trace_id()) {
            self.own.on_end(span);
        } else if let Some(others) = &self.others {
            others.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        let own = self.own.force_flush();
        self.others.as_ref().map_or(Ok(()), P::force_flush).and(own)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let own = self.own.shutdown_with_timeout(timeout);
        self.others.as_ref().map_or(Ok(()), |others| others.shutdown_with_timeout(timeout)).and(own)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.own.set_resource(resource);
        if let Some(others) = &mut self.others {
            others.set_resource(resource);
        }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span as _, TraceContextExt, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SimpleSpanProcessor};

    use super::*;

    #[test]
    fn spans_of_interrupted_requests_have_a_lane_of_their_own() {
        let interrupted = Interrupted::default();
        let exporters = [(); 2].map(|()| InMemorySpanExporter::default());
        let [own, others] = exporters.each_ref().map(|exporter| SimpleSpanProcessor::new(exporter.clone()));
        let lanes = Lanes { interrupted: interrupted.clone(), own, others: Some(others) };
        let provider = SdkTracerProvider::builder().with_span_processor(lanes).build();
        let tracer = provider.tracer("test");

        tracer.start("before").end();
        let mut client = tracer.start("client");
        let within = Context::new().with_remote_span_context(client.span_context().clone());
        let mut server = tracer.start_with_context("server", &within);
        let mut stranger = tracer.start("stranger");
        interrupted.add(server.span_context().trace_id());
        server.end();
        stranger.end();
        client.end();

        let [own, others] = exporters.map(|exporter| {
            let spans = exporter.get_finished_spans().unwrap();
            spans.into_iter().map(|span| span.name.into_owned()).collect::<Vec<_>>()
        });
        assert_eq!((own, others), (vec!["server".into(), "client".into()], vec!["before".into(), "stranger".into()]));
    }

    #[test]
    fn where_only_interrupted_requests_are_wanted_the_others_stay() {
        let (interrupted, exporter) = (Interrupted::default(), InMemorySpanExporter::default());
        let own = SimpleSpanProcessor::new(exporter.clone());
        let lanes = Lanes { interrupted: interrupted.clone(), own, others: None };
        let provider = SdkTracerProvider::builder().with_span_processor(lanes).build();
        let [mut met, mut spared] = ["met", "spared"].map(|name| provider.tracer("test").start(name));
        interrupted.add(met.span_context().trace_id());
        met.end();
        spared.end();
        provider.force_flush().unwrap();
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.iter().map(|span| span.name.as_ref()).collect::<Vec<_>>(), ["met"]);
    }

    #[test]
    fn the_oldest_make_room() {
        let interrupted = Interrupted::default();
        let traces = |range: std::ops::RangeInclusive<u128>| range.map(TraceId::from);
        traces(1..=REMEMBERED as u128 + 1).for_each(|trace| interrupted.add(trace));
        assert!(!interrupted.has(TraceId::from(1)));
        assert!(traces(2..=REMEMBERED as u128 + 1).all(|trace| interrupted.has(trace)));
    }
}
