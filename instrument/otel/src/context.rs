//! The request a thread is serving, from OpenTelemetry's current context.

use checkedmap::{ContextProvider, RequestContext};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;

#[cfg(feature = "subscriber")]
use crate::interrupted::Interrupted;

/// Reads the ids of the current span, and chosen baggage entries.
///
/// Spans of `tracing` are seen too where `tracing-opentelemetry` makes them current. Baggage may hold anything a client sent,
/// so only the keys that were asked for are carried along.
#[derive(Clone, Debug, Default)]
pub struct CurrentContext {
    baggage: Vec<String>,
    #[cfg(feature = "subscriber")]
    interrupted: Interrupted,
}

impl CurrentContext {
    /// Carries the baggage entries of these keys along.
    #[must_use]
    pub fn new(baggage: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            baggage: baggage.into_iter().map(Into::into).collect(),
            #[cfg(feature = "subscriber")]
            interrupted: Interrupted::default(),
        }
    }

    /// Tells of every request that is asked about.
    #[cfg(feature = "subscriber")]
    pub(crate) fn telling(self, interrupted: Interrupted) -> Self {
        Self { interrupted, ..self }
    }
}

/// Lives within the life of OpenTelemetry's own thread-local, which panics when it is asked after its end.
struct Alive;

impl Drop for Alive {
    fn drop(&mut self) {}
}

thread_local! {
    // Destructors run in the reverse order of first use: the context's is used first, so it outlives this one.
    static ALIVE: Alive = {
        Context::map_current(|_| ());
        Alive
    };
}

impl ContextProvider for CurrentContext {
    fn describe(&self, context: &mut RequestContext) {
        if ALIVE.try_with(|_| ()).is_err() {
            return;
        }
        Context::map_current(|current| {
            let span = current.span();
            let span = span.span_context();
            if span.is_valid() {
                #[cfg(feature = "subscriber")]
                self.interrupted.add(span.trace_id());
                context.trace_id = Some(span.trace_id().to_string());
                context.span_id = Some(span.span_id().to_string());
            }
            let entries = self.baggage.iter().filter_map(|key| {
                let value = current.baggage().get(key)?;
                Some((key.clone(), value.to_string()))
            });
            context.baggage.extend(entries);
        });
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

    use super::*;

    fn described(provider: &CurrentContext) -> RequestContext {
        let mut context = RequestContext::default();
        provider.describe(&mut context);
        context
    }

    fn span(trace: u128, span: u64) -> SpanContext {
        SpanContext::new(TraceId::from(trace), SpanId::from(span), TraceFlags::SAMPLED, false, TraceState::default())
    }

    #[test]
    fn ids_and_chosen_baggage_are_told() {
        let baggage = [KeyValue::new("tenant", "acme"), KeyValue::new("secret", "hush")];
        let _current = Context::new().with_remote_span_context(span(0xabc, 0xdef)).with_baggage(baggage).attach();
        let context = described(&CurrentContext::new(["tenant", "absent"]));
        assert_eq!(context.trace_id.as_deref(), Some("00000000000000000000000000000abc"));
        assert_eq!(context.span_id.as_deref(), Some("0000000000000def"));
        assert_eq!(context.baggage, [("tenant".to_owned(), "acme".to_owned())]);
    }

    #[test]
    fn without_a_request_nothing_is_told() {
        assert!(described(&CurrentContext::new(["tenant"])).is_empty());
        let _current = Context::new().with_remote_span_context(span(0xabc, 0)).attach();
        assert!(described(&CurrentContext::default()).is_empty(), "half an id leads nowhere");
    }

    /// Asks for the context as the thread tears down its locals.
    struct Late(std::sync::mpsc::Sender<RequestContext>);

    impl Drop for Late {
        fn drop(&mut self) {
            self.0.send(described(&CurrentContext::default())).unwrap();
        }
    }

    thread_local! {
        static LATE: std::cell::RefCell<Option<Late>> = const { std::cell::RefCell::new(None) };
    }

    #[test]
    fn a_thread_on_its_way_out_is_no_panic() {
        for ask_before in [true, false] {
            let (told, heard) = std::sync::mpsc::channel();
            let thread = std::thread::spawn(move || {
                // Registered before the context's own local, so it is dropped after it.
                LATE.with_borrow_mut(|late| *late = Some(Late(told)));
                if ask_before {
                    assert!(described(&CurrentContext::default()).is_empty());
                }
            });
            thread.join().unwrap();
            assert!(heard.recv().unwrap().is_empty());
        }
    }
}
