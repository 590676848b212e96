//! Which conflicts a collector has acknowledged.
//!
//! A batch processor tells nobody what became of a batch. So our exporters are wrapped: whatever one has taken is noted here
//! by trace, and the courier keeps a report until each of its spans and log records is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::logs::Severity;
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use parking_lot::Mutex;

use crate::names;

/// What has arrived of one trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) spans: usize,
    pub(crate) records: usize,
}

/// See the module's page. Holds the traces the courier has sent and not yet settled, so it stays small.
#[derive(Debug, Default)]
pub(crate) struct Receipts(Mutex<HashMap<TraceId, Arrived>>);

impl Receipts {
    /// Notes arrivals of this trace from now on.
    pub(crate) fn expect(&self, trace: TraceId) {
        self.0.lock().entry(trace).or_default();
    }

    pub(crate) fn arrived(&self, trace: TraceId) -> Arrived {
        self.0.lock().get(&trace).copied().unwrap_or_default()
    }

    pub(crate) fn forget(&self, trace: TraceId) {
        self.0.lock().remove(&trace);
    }

    fn note(&self, traces: &[TraceId], add: impl Fn(&mut Arrived)) {
        let mut receipts = self.0.lock();
        for trace in traces {
            if let Some(arrived) = receipts.get_mut(trace) {
                add(arrived);
            }
        }
    }
}

/// An exporter whose successes are noted.
#[derive(Debug)]
pub(crate) struct Witnessed<E> {
    pub(crate) exporter: E,
    pub(crate) receipts: Arc<Receipts>,
}

impl<E: SpanExporter> SpanExporter for Witnessed<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let traces: Vec<_> = batch.iter().map(|span| span.span_context.trace_id()).collect();
        self.exporter.export(batch).await?;
        self.receipts.note(&traces, |arrived| arrived.spans += 1);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Witnessed<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let traces: Vec<_> = batch
            .iter()
            .filter(|(_, scope)| scope.name() == names::SCOPE)
            .filter_map(|(record, _)| record.trace_context().map(|context| context.trace_id))
            .collect();
        self.exporter.export(batch).await?;
        self.receipts.note(&traces, |arrived| arrived.records += 1);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.exporter.event_enabled(level, target, name)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
