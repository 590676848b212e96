//! What a program really exports: it has conflicts and suspects, is hunted in, and is scraped.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::Duration;

use checkedmap::{CheckedMap, Config, Mode};
use checkedmap_otel::names::metric;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use crate::common::{self, check_then_act, collide};

/// Every value of every label of a metric; a label is in here if all series of the metric have it.
pub(crate) type Labels = BTreeMap<String, BTreeSet<String>>;

pub(crate) struct Exported {
    /// By the names that Prometheus sees: `_total`, `_bucket` and so on included.
    pub(crate) metrics: BTreeMap<String, Labels>,
    pub(crate) spans: Vec<SpanData>,
}

/// What Prometheus, or the collector, adds to every series. The dashboards use no `instance`: the collector sets one only
/// for programs that name theirs.
const ADDED: &str = "job";

/// Exporter-made, and of no use for a dashboard.
const ABOUT_THE_EXPORTER: [&str; 1] = ["target_info"];

impl Exported {
    /// One exporter for the process: the library's sinks are the process's.
    pub(crate) fn get() -> &'static Self {
        static EXPORTED: LazyLock<Exported> = LazyLock::new(export);
        &EXPORTED
    }

    /// The names without what Prometheus appends to those of histograms.
    pub(crate) fn families(&self) -> BTreeSet<&str> {
        let own = self.metrics.keys().filter(|name| !ABOUT_THE_EXPORTER.contains(&name.as_str()));
        own.map(|name| family(name)).collect()
    }
}

/// `checkedmap_wait_duration_seconds` of `checkedmap_wait_duration_seconds_bucket`.
pub(crate) fn family(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

fn export() -> Exported {
    Config::new().with_report([]).with_recover(Duration::from_secs(3600)).apply();
    let spans = InMemorySpanExporter::default();
    let telemetry = checkedmap_otel::builder()
        .with_span_exporter(spans.clone())
        .with_prometheus("127.0.0.1:0".parse().unwrap())
        .with_bound(common::PATIENCE)
        .install()
        .unwrap();
    let map = |name: &'static str, mode| CheckedMap::builder().name(name).mode(mode).build();
    let maps = [map("sessions", Mode::Log), map("orders", Mode::Fallback)];
    maps.iter().for_each(collide);
    let logins = CheckedMap::builder().name("logins").stale_checks(true).hunt(true).build();
    check_then_act(&logins, 7);
    assert!(telemetry.flush(), "{}", telemetry.accounts());
    let mut metrics = BTreeMap::new();
    // The waits are taken over at the next look at the maps.
    common::until("every metric", || {
        metrics = parse(&scrape(telemetry.prometheus().unwrap()));
        let families: BTreeSet<_> = metrics.keys().map(|name| family(name)).collect();
        metric::ALL.iter().all(|name| families.iter().any(|family| family.starts_with(&name.replace('.', "_"))))
    });
    let spans = spans.get_finished_spans().unwrap();
    // It goes on to the end of the process: dropping it would end the export.
    std::mem::forget(telemetry);
    Exported { metrics, spans }
}

fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

fn parse(text: &str) -> BTreeMap<String, Labels> {
    let mut metrics: BTreeMap<String, Labels> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = line.split_once(['{', ' ']).expect("a name");
        let mut labels = Labels::new();
        labels.entry(ADDED.to_owned()).or_default();
        if line[name.len()..].starts_with('{') {
            for (label, value) in pairs(rest) {
                labels.entry(label).or_default().insert(value);
            }
        }
        match metrics.get_mut(name) {
            None => drop(metrics.insert(name.to_owned(), labels)),
            Some(known) => {
                known.retain(|label, _| labels.contains_key(label));
                for (label, values) in known {
                    values.extend(labels.remove(label).unwrap_or_default());
                }
            }
        }
    }
    metrics
}

/// `a="b",c="d"} 1`: our values have no quotes and no backslashes in them.
fn pairs(text: &str) -> Vec<(String, String)> {
    let inside = text.rsplit_once('}').expect("the end of the labels").0;
    let parts = inside.split("\",").filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (label, value) = part.split_once("=\"").expect("a label");
        (label.to_owned(), value.trim_end_matches('"').to_owned())
    };
    parts.map(pair).collect()
}
