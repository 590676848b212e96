//! The Prometheus endpoint.

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Config, Mode};
use checkedmap_otel::InitError;
use common::{PATIENCE, collide, until};

fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_scrape_shows_conflicts() {
    Config::new().with_report([]).apply();
    let any = "127.0.0.1:0".parse().unwrap();
    let telemetry = checkedmap_otel::builder().with_prometheus(any).with_bound(PATIENCE).install().unwrap();
    let address = telemetry.prometheus().unwrap();
    assert!(address.ip().is_loopback() && address.port() != 0);
    let map = CheckedMap::builder().name("scraped").mode(Mode::Log).build();
    let series = |value: u64| {
        let text = ask(address, "GET /metrics");
        text.lines().any(|line| {
            let labels = [r#"map="scraped""#, r#"kind="read_write""#, r#"mode="log""#];
            line.starts_with("checkedmap_conflicts_total{")
                && labels.iter().all(|label| line.contains(label))
                && line.ends_with(&format!(" {value}"))
        })
    };
    until("the zero point", || series(0));
    collide(&map);
    assert!(telemetry.flush());
    assert!(series(1));
    let text = ask(address, "GET /metrics");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"));
    for name in [
        "checkedmap_books_total",
        "checkedmap_report_queued",
        "checkedmap_exports_total",
        "checkedmap_export_pending",
        "checkedmap_accesses_total",
        "checkedmap_waits_total",
        "checkedmap_wait_duration_seconds_bucket",
        "checkedmap_hold_duration_seconds_bucket",
        "checkedmap_map_alive",
        "checkedmap_circuit_state",
        "checkedmap_circuit_trips_total",
        "target_info",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} "))),
            "{name}: {text}"
        );
    }
    assert!(ask(address, "GET /").starts_with("HTTP/1.1 404 "));
    assert!(ask(address, "POST /metrics").starts_with("HTTP/1.1 405 "));
    // Whoever connects and says nothing does not keep the next one out.
    let _mute = TcpStream::connect(address).unwrap();
    assert!(series(1));
    // Nor does one who goes on saying something, never silent for long: it is hung up on.
    let mut chatty = TcpStream::connect(address).unwrap();
    let mut next = TcpStream::connect(address).unwrap();
    next.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    until("the end of the patience", || {
        thread::sleep(Duration::from_millis(200));
        chatty.write_all(b"x").is_err()
    });
    let mut answer = String::new();
    next.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = checkedmap_otel::builder().with_prometheus(address).install().unwrap_err();
    assert!(matches!(error, InitError::Prometheus { .. }));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
