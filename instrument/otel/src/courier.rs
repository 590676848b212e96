//! The thread that delivers: turns parcels into spans and log records, flushes right after, and keeps what did not arrive.
//!
//! Nobody but this thread waits for a collector. The batch processors do the sending on threads of theirs.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::LoggerProvider;
use opentelemetry::trace::{SpanContext, TraceFlags, TraceState, TracerProvider};
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::identity::{Seed, with_seed};
use crate::metrics::Meters;
use crate::outbox::Outbox;
use crate::parcel::{Content, Parcel};
use crate::receipts::Receipts;
use crate::spans::Emitted;
use crate::{logs, names, spans};

/// Maps that come and go are looked at this often, and waits collected.
const TICK: Duration = Duration::from_secs(1);

/// Parcels per flush: four spans each stay well below a batch processor's queue of 2,048.
const BATCH: usize = 64;

/// The first pause after a failure, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Reports of foreign providers whose root span is remembered, for counts of repeats that belong to it.
const REMEMBERED: usize = 1024;

/// A provider, and whose it is.
#[derive(Clone, Debug)]
pub(crate) enum Owned<P> {
    /// Made by us: its exporter gives receipts.
    Ours(P),
    /// The program's: the result of its flush has to do.
    Theirs(P),
}

impl<P> Owned<P> {
    pub(crate) fn provider(&self) -> &P {
        match self {
            Self::Ours(provider) | Self::Theirs(provider) => provider,
        }
    }

    pub(crate) fn ours(&self) -> Option<&P> {
        match self {
            Self::Ours(provider) => Some(provider),
            Self::Theirs(_) => None,
        }
    }
}

/// Where things go. `None`: that signal is off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Providers {
    pub(crate) traces: Option<Owned<SdkTracerProvider>>,
    pub(crate) logs: Option<Owned<SdkLoggerProvider>>,
    pub(crate) metrics: Option<Owned<SdkMeterProvider>>,
}

pub(crate) struct Courier {
    outbox: Arc<Outbox>,
    receipts: Arc<Receipts>,
    providers: Providers,
    tracer: Option<SdkTracer>,
    logger: Option<SdkLogger>,
    meters: Option<Meters>,
    roots: Roots,
    /// What no metric has counted yet.
    fresh: Vec<Parcel>,
    /// Failures since the last success.
    failures: u32,
}

/// A parcel on its way.
struct Sent {
    spans: usize,
    records: usize,
}

/// Whether the flush of foreign providers succeeded.
#[derive(Clone, Copy)]
struct Flushed {
    traces: bool,
    logs: bool,
}

impl Courier {
    pub(crate) fn new(outbox: Arc<Outbox>, receipts: Arc<Receipts>, providers: Providers) -> Self {
        let scope = || InstrumentationScope::builder(names::SCOPE).with_version(env!("CARGO_PKG_VERSION")).build();
        let tracer = providers.traces.as_ref().map(|traces| traces.provider().tracer_with_scope(scope()));
        let logger = providers.logs.as_ref().map(|logs| logs.provider().logger_with_scope(scope()));
        let meters = providers.metrics.as_ref().map(|metrics| Meters::new(metrics.provider(), scope(), &outbox));
        let roots = Roots::default();
        Self { outbox, receipts, providers, tracer, logger, meters, roots, fresh: Vec::new(), failures: 0 }
    }

    /// Delivers until the outbox closes.
    pub(crate) fn run(mut self) {
        let mut retry = None;
        let mut tick = Instant::now();
        loop {
            let round = self.outbox.wait(tick, retry);
            self.fresh.extend(self.outbox.uncounted());
            let now = Instant::now();
            if round.last || round.flush.is_some() || retry.is_none_or(|retry| now >= retry) {
                retry = if self.deliver() { None } else { Some(Instant::now() + self.pause()) };
            }
            // Traces first: they are what a dying process must not lose.
            if let Some(meters) = &mut self.meters {
                meters.tick();
                meters.count(&self.fresh);
            }
            self.fresh.clear();
            tick = Instant::now() + TICK;
            if round.last || round.flush.is_some() {
                self.flush_metrics();
            }
            if let Some(flush) = round.flush {
                self.outbox.serve(flush);
            }
            if round.last {
                return self.outbox.finish();
            }
        }
    }

    fn pause(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(10);
        (SHORTEST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
    }

    fn flush_metrics(&self) {
        if let Some(metrics) = &self.providers.metrics {
            let _ = metrics.provider().force_flush();
        }
    }

    /// Sends what there is. Says whether all of it arrived.
    fn deliver(&mut self) -> bool {
        loop {
            // After a failure one parcel goes ahead to see whether the collector is back.
            let mut batch = self.outbox.take(if self.failures == 0 { BATCH } else { 1 });
            if batch.is_empty() {
                return true;
            }
            self.fresh.extend(batch.iter_mut().filter_map(Parcel::count));
            // Providers and exporters may be the program's own code.
            let attempt = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut batch)));
            let arrived = attempt.is_ok() && batch.is_empty();
            self.outbox.give_back(batch);
            if !arrived {
                self.failures = self.failures.saturating_add(1);
                return false;
            }
            self.failures = 0;
        }
    }

    /// Sends a batch; leaves in it what did not arrive.
    fn attempt(&mut self, batch: &mut Vec<Parcel>) {
        let sent: Vec<_> = batch.iter().map(|parcel| self.emit(parcel)).collect();
        let flushed = self.flush();
        let mut sent = sent.into_iter();
        batch.retain(|parcel| {
            let arrived = sent.next().is_some_and(|sent| self.has_arrived(parcel, &sent, flushed));
            if arrived {
                self.receipts.forget(parcel.seed.trace_id());
                self.outbox.settle(parcel);
            }
            !arrived
        });
    }

    fn emit(&mut self, parcel: &Parcel) -> Sent {
        self.receipts.expect(parcel.seed.trace_id());
        let Self { tracer, logger, roots, .. } = self;
        let (seed, origin) = (parcel.seed, parcel.origin);
        let emit_trace = |tracer: &Option<SdkTracer>, emit: &dyn Fn(&SdkTracer) -> Emitted| {
            tracer.as_ref().map(|tracer| with_seed(seed, || emit(tracer)))
        };
        let emitted = match &parcel.content {
            Content::Report(report) => emit_trace(tracer, &|tracer| spans::conflict::emit(tracer, report, origin)),
            Content::Suspect(suspect) => emit_trace(tracer, &|tracer| spans::suspect::emit(tracer, suspect, origin)),
            Content::Repeat(_) | Content::SuspectRepeat(_) => None,
        };
        let spans = emitted.as_ref().map_or(0, |emitted| emitted.spans);
        if let Some(Emitted { context, .. }) = emitted {
            roots.remember(seed, context);
        }
        if let Some(logger) = logger {
            let context = roots.find(seed).unwrap_or_else(|| context_of(seed));
            match &parcel.content {
                Content::Report(report) => logs::conflict::emit(logger, report, origin, &context),
                Content::Repeat(repeat) => logs::conflict::emit_repeat(logger, repeat, origin, &context),
                Content::Suspect(suspect) => logs::suspect::emit(logger, suspect, origin, &context),
                Content::SuspectRepeat(repeat) => logs::suspect::emit_repeat(logger, repeat, origin, &context),
            }
        }
        Sent { spans, records: usize::from(logger.is_some()) }
    }

    /// Both at once: each waits for a thread of its own.
    fn flush(&self) -> Flushed {
        let Providers { traces, logs, .. } = &self.providers;
        std::thread::scope(|scope| {
            let logs = scope.spawn(|| logs.as_ref().is_none_or(|logs| logs.provider().force_flush().is_ok()));
            let traces = traces.as_ref().is_none_or(|traces| traces.provider().force_flush().is_ok());
            Flushed { traces, logs: logs.join().unwrap_or(false) }
        })
    }

    fn has_arrived(&self, parcel: &Parcel, sent: &Sent, flushed: Flushed) -> bool {
        let arrived = self.receipts.arrived(parcel.seed.trace_id());
        let traces = match &self.providers.traces {
            Some(Owned::Ours(_)) => arrived.spans >= sent.spans,
            Some(Owned::Theirs(_)) => flushed.traces,
            None => true,
        };
        let logs = match &self.providers.logs {
            // A log's trace is the seed's only where the spans are made by us, or by nobody.
            Some(Owned::Ours(_)) if !matches!(self.providers.traces, Some(Owned::Theirs(_))) => {
                arrived.records >= sent.records
            }
            Some(_) => flushed.logs,
            None => true,
        };
        traces && logs
    }
}

/// The root span's context, as our provider would make it.
fn context_of(seed: Seed) -> SpanContext {
    SpanContext::new(seed.trace_id(), seed.span_id(0), TraceFlags::SAMPLED, false, TraceState::default())
}

/// The root spans of the last reports.
#[derive(Default)]
struct Roots {
    contexts: HashMap<Seed, SpanContext>,
    by_age: VecDeque<Seed>,
}

impl Roots {
    fn remember(&mut self, seed: Seed, context: SpanContext) {
        if self.contexts.insert(seed, context).is_none() {
            self.by_age.push_back(seed);
            if self.by_age.len() > REMEMBERED
                && let Some(oldest) = self.by_age.pop_front()
            {
                self.contexts.remove(&oldest);
            }
        }
    }

    fn find(&self, seed: Seed) -> Option<SpanContext> {
        self.contexts.get(&seed).cloned()
    }
}
