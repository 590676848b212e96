//! The accounts: of every conflict and suspect by the library, of every report by this exporter.

use std::sync::{Arc, Weak};

use checkedmap::report::Books;
use checkedmap::{observe, stale};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use super::signed;
use crate::names::{label, metric};
use crate::outbox::Outbox;

pub(super) fn observe_library(meter: &Meter) {
    observe_books(
        meter,
        (
            metric::BOOKS,
            "{conflict}",
            "What became of every conflict: detected = delivered + coalesced + dropped + queued",
        ),
        (metric::QUEUED, "{report}", "Reports on their way to the sinks"),
        checkedmap::books,
    );
    observe_books(
        meter,
        (
            metric::SUSPECT_BOOKS,
            "{suspect}",
            "What became of every suspect: detected = delivered + coalesced + dropped + queued",
        ),
        (metric::SUSPECT_QUEUED, "{suspect}", "Suspects on their way to the sinks"),
        stale::books,
    );
    meter
        .u64_observable_counter(metric::STALE_EVICTED)
        .with_unit("{key}")
        .with_description("What stale checks forgot before its time, for lack of room")
        .with_callback(|observer| observer.observe(stale::evicted(), &[]))
        .build();
    meter
        .u64_observable_counter(metric::ACCESSES)
        .with_unit("{access}")
        .with_description("Accesses to all checked collections of the process")
        .with_callback(|observer| observer.observe(observe::accesses(), &[]))
        .build();
}

/// Name, unit and description.
type Told = (&'static str, &'static str, &'static str);

/// One class's books: all terms but the last are what has been, the last is what is.
fn observe_books(meter: &Meter, terms: Told, queued: Told, books: fn() -> Books) {
    let (name, unit, description) = terms;
    meter
        .u64_observable_counter(name)
        .with_unit(unit)
        .with_description(description)
        .with_callback(move |observer| {
            let books = books();
            let terms = [
                ("detected", books.detected),
                ("delivered", books.delivered),
                ("coalesced", books.coalesced),
                ("dropped", books.dropped),
            ];
            for (term, value) in terms {
                observer.observe(value, &[KeyValue::new(label::TERM, term)]);
            }
        })
        .build();
    let (name, unit, description) = queued;
    meter
        .i64_observable_up_down_counter(name)
        .with_unit(unit)
        .with_description(description)
        .with_callback(move |observer| observer.observe(signed(books().queued), &[]))
        .build();
}

pub(super) fn observe_exports(meter: &Meter, outbox: &Arc<Outbox>) {
    // A provider of the program's outlives the exporter: its callbacks must not keep the spool locked.
    let (for_fates, for_pending) = (Arc::downgrade(outbox), Arc::downgrade(outbox));
    meter
        .u64_observable_counter(metric::EXPORTS)
        .with_unit("{report}")
        .with_description("What became of the reports handed to this exporter")
        .with_callback(move |observer| {
            let Some(accounts) = Weak::upgrade(&for_fates).map(|outbox| outbox.accounts()) else { return };
            let fates = [
                ("sent", accounts.sent),
                ("dropped", accounts.dropped),
                ("spooled", accounts.spooled),
                ("recovered", accounts.recovered),
            ];
            for (fate, value) in fates {
                observer.observe(value, &[KeyValue::new(label::FATE, fate)]);
            }
        })
        .build();
    meter
        .i64_observable_up_down_counter(metric::PENDING)
        .with_unit("{report}")
        .with_description("Reports this exporter still has to deliver")
        .with_callback(move |observer| {
            if let Some(outbox) = for_pending.upgrade() {
                observer.observe(signed(outbox.accounts().pending), &[]);
            }
        })
        .build();
}
