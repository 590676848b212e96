//! What [`init`](crate::init) returns: deliver the rest before the process goes.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::courier::Providers;
use crate::identity::Class;
use crate::outbox::{Accounts, Outbox};

/// Keeps the exporter going. Dropping it delivers what is left, within the [bound](crate::Builder::with_bound), and ends it.
///
/// Hold it in `main` until the end: `let _telemetry = checkedmap_otel::init()?;`. A panic that unwinds out of `main` drops
/// it too. A process that ends by `std::process::exit` or by a mode of `abort` delivers without it, since the library flushes its
/// sinks then; [`exit`](Self::exit) does the same with all of the bound.
#[must_use = "dropping the guard ends the export"]
#[derive(Default)]
pub struct Guard {
    pub(crate) running: Option<Running>,
}

pub(crate) struct Running {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) providers: Providers,
    /// For the program's own spans, where we made it a subscriber.
    pub(crate) application: Option<SdkTracerProvider>,
    pub(crate) bound: Duration,
    pub(crate) prometheus: Option<SocketAddr>,
    #[cfg(feature = "grpc")]
    pub(crate) runtime: Option<tokio::runtime::Runtime>,
}

impl Guard {
    /// What became of the reports so far. All zero where the exporter is disabled.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        self.running.as_ref().map(|running| running.outbox.accounts()).unwrap_or_default()
    }

    /// The address of the Prometheus endpoint, where there is one.
    #[must_use]
    pub fn prometheus(&self) -> Option<SocketAddr> {
        self.running.as_ref()?.prometheus
    }

    /// The id of the trace that the report of this number makes, in hexadecimal: what to look for in Jaeger. `None` where no
    /// traces are exported, or through the program's own provider, which draws ids of its own.
    #[must_use]
    pub fn trace_id(&self, report: u64) -> Option<String> {
        self.trace_of(Class::Conflict, report)
    }

    /// The same for the suspect of this number: suspects and conflicts are numbered apart.
    #[must_use]
    pub fn suspect_trace_id(&self, suspect: u64) -> Option<String> {
        self.trace_of(Class::Suspect, suspect)
    }

    fn trace_of(&self, class: Class, number: u64) -> Option<String> {
        let running = self.running.as_ref()?;
        running.providers.traces.as_ref()?.ours()?;
        Some(running.outbox.seed(class, number).trace_id().to_string())
    }

    /// Waits until every conflict and suspect detected so far has been sent, or until the bound has passed.
    ///
    /// Says whether all that had still to be delivered have arrived: `false` also where some of them were dropped, or left
    /// on disk for the next process, or where the library's reporter was not done in time. What was dropped before is in the
    /// [accounts](Self::accounts).
    pub fn flush(&self) -> bool {
        let Some(running) = &self.running else { return true };
        let before = running.outbox.accounts();
        let flushed = checkedmap::flush(running.bound).is_ok();
        let after = running.outbox.accounts();
        flushed && after.pending == 0 && (after.dropped, after.spooled) == (before.dropped, before.spooled)
    }

    /// Delivers what is left and ends the export, as dropping does; tells what became of everything.
    pub fn finish(mut self) -> Accounts {
        self.running.take().map(Running::end).unwrap_or_default()
    }

    /// Delivers what is left and ends the process.
    pub fn exit(self, code: i32) -> ! {
        drop(self);
        std::process::exit(code)
    }

    /// On SIGTERM, delivers what is left and ends the process, as the signal would have.
    ///
    /// Only for programs that do not handle SIGTERM: it does not wait for anybody else's handler, so requests that such a
    /// program is still draining would be cut off. A program that drains drops the guard when it has, which delivers what
    /// is left; where it may be killed before that, [`flush_on_sigterm_and_go_on`](Self::flush_on_sigterm_and_go_on) makes
    /// sure of what is there. It takes a thread.
    ///
    /// # Errors
    ///
    /// The handler cannot be installed.
    #[cfg(all(feature = "signals", unix))]
    pub fn flush_on_sigterm(&self) -> Result<(), crate::InitError> {
        self.at_sigterm(|signal| {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        })
    }

    /// On each SIGTERM, delivers what is there and leaves the end to the program.
    ///
    /// For programs that handle SIGTERM themselves: handlers installed through `signal-hook` or tokio, and one installed
    /// before this, are called as well. In a program without any, SIGTERM has no other effect from then on. It takes a
    /// thread.
    ///
    /// # Errors
    ///
    /// The handler cannot be installed.
    #[cfg(all(feature = "signals", unix))]
    pub fn flush_on_sigterm_and_go_on(&self) -> Result<(), crate::InitError> {
        self.at_sigterm(|_| ())
    }

    #[cfg(all(feature = "signals", unix))]
    fn at_sigterm(&self, then: impl Fn(i32) + Send + 'static) -> Result<(), crate::InitError> {
        let Some(running) = &self.running else { return Ok(()) };
        let bound = running.bound;
        let system = |source| crate::InitError::System { what: "the handler of SIGTERM", source };
        let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM]).map_err(system)?;
        let wait = move || {
            for signal in signals.forever() {
                let _ = checkedmap::flush(bound);
                then(signal);
            }
        };
        std::thread::Builder::new().name("checkedmap-sigterm".to_owned()).spawn(wait).map(drop).map_err(system)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            if running.outbox.is_foreign() {
                // What a forked child drops is the parent's: nothing in it works here, and its locks may be held for ever.
                std::mem::forget(running);
            } else {
                running.end();
            }
        }
    }
}

impl Running {
    fn end(self) -> Accounts {
        // From the library's queue into ours, and out.
        let _ = checkedmap::flush(self.bound);
        let outbox = Arc::clone(&self.outbox);
        outbox.close(self.bound);
        self.shut_down();
        outbox.accounts()
    }

    /// Ends the providers we made. They are slow where the collector hangs, and take no bound: so on a thread that may be
    /// left behind.
    fn shut_down(self) {
        let (done, wait) = mpsc::channel();
        let bound = self.bound;
        let end = move || {
            if let Some(traces) = self.providers.traces.as_ref().and_then(|traces| traces.ours()) {
                let _ = traces.shutdown_with_timeout(bound);
            }
            if let Some(logs) = self.providers.logs.as_ref().and_then(|logs| logs.ours()) {
                let _ = logs.shutdown_with_timeout(bound);
            }
            if let Some(application) = &self.application {
                let _ = application.shutdown_with_timeout(bound);
            }
            if let Some(metrics) = self.providers.metrics.as_ref().and_then(|metrics| metrics.ours()) {
                let _ = metrics.shutdown_with_timeout(bound);
            }
            #[cfg(feature = "grpc")]
            if let Some(runtime) = self.runtime {
                // A runtime must not be waited for where it might be dropped inside another.
                runtime.shutdown_background();
            }
            let _ = done.send(());
        };
        if std::thread::Builder::new().name("checkedmap-otel-end".to_owned()).spawn(end).is_ok() {
            let _ = wait.recv_timeout(bound);
        }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("accounts", &self.accounts()).finish_non_exhaustive()
    }
}
