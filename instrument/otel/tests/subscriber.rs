//! The subscriber: the program's own spans leave, and conflicts link to them. A process of its own, since there is one
//! subscriber.

mod common;

use checkedmap::{CheckedMap, Config, Mode};
use checkedmap_otel::InitError;
use common::collector::{Collector, text};
use common::{PATIENCE, collide_in};

#[test]
fn conflicts_link_to_the_programs_spans() {
    Config::new().with_report([]).apply();
    let collector = Collector::start();
    a_failed_install_leaves_no_subscriber(&collector);
    let telemetry = checkedmap_otel::builder()
        .with_otlp(collector.endpoint(), PATIENCE)
        .with_bound(PATIENCE)
        .with_subscriber()
        .install()
        .unwrap();
    let spool = tempfile::tempdir().unwrap();
    let taken = checkedmap_otel::builder()
        .with_otlp(collector.endpoint(), PATIENCE)
        .with_spool(spool.path())
        .with_subscriber()
        .install();
    assert!(matches!(taken, Err(InitError::SubscriberTaken)));
    assert_eq!(std::fs::read_dir(spool.path()).unwrap().count(), 0, "a failed install leaves no file");

    let map = CheckedMap::builder().name("carts").mode(Mode::Log).build();
    let serving = |path: &'static str| move || tracing::info_span!("request", path).entered();
    collide_in(&map, serving("/read"), serving("/write"));
    assert!(telemetry.flush());
    telemetry.finish();

    let received = collector.received();
    let root = &received.conflicts_on("carts")[0];
    let linked: Vec<_> = root
        .links
        .iter()
        .map(|link| {
            let request = received.spans.iter().find(|span| span.span_id == link.span_id).expect("the linked span");
            assert_eq!(request.trace_id, link.trace_id);
            assert_ne!(request.trace_id, root.trace_id);
            (text(&link.attributes, "checkedmap.role").unwrap(), text(&request.attributes, "path").unwrap())
        })
        .collect();
    assert_eq!(linked, [("holder", "/read"), ("contender", "/write")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    // What sends is not traced.
    assert!(received.spans.iter().all(|span| span.name == "request" || span.name.starts_with("checkedmap.")));
}

/// The subscriber that is installed after this would find its place taken.
fn a_failed_install_leaves_no_subscriber(collector: &Collector) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let builder = checkedmap_otel::builder().with_otlp(collector.endpoint(), PATIENCE).with_subscriber();
    let no_directory = builder.with_spool(file.path()).install();
    assert!(matches!(no_directory, Err(InitError::Spool { .. })));
}
