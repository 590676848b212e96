//! A collector: OTLP over HTTP, decoded and kept. As much of HTTP as our client speaks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// What came in.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub spans: Vec<Span>,
    pub records: Vec<LogRecord>,
    pub metrics: Vec<Metric>,
    pub resources: Vec<Resource>,
    /// Header lines of all requests, in lower case.
    pub headers: Vec<String>,
    pub requests: usize,
}

impl Received {
    /// The roots of conflicts on the map of this name.
    pub fn conflicts_on(&self, map: &str) -> Vec<Span> {
        let root = |span: &&Span| span.name == "checkedmap.conflict";
        let on = |span: &&Span| text(&span.attributes, "checkedmap.map.name").as_deref() == Some(map);
        self.spans.iter().filter(root).filter(on).cloned().collect()
    }
}

/// An attribute as text.
pub fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()?.value.as_ref()?;
    Some(match value {
        Value::StringValue(value) => value.clone(),
        Value::IntValue(value) => value.to_string(),
        Value::BoolValue(value) => value.to_string(),
        Value::DoubleValue(value) => value.to_string(),
        other => format!("{other:?}"),
    })
}

#[derive(Default)]
struct Shared {
    received: Mutex<Received>,
    /// Requests are taken and not answered while this is set.
    stalled: Mutex<bool>,
    resumed: Condvar,
    refusing: AtomicBool,
    stopped: AtomicBool,
}

pub struct Collector {
    shared: Arc<Shared>,
    pub address: SocketAddr,
}

impl Collector {
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap())
    }

    pub fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("a port for the collector");
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(stream), serving) = (stream, Arc::clone(&serving)) else { continue };
                thread::spawn(move || while serve(&stream, &serving).is_some() {});
            }
        });
        Self { shared, address }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn received(&self) -> Received {
        self.shared.received.lock().unwrap().clone()
    }

    /// Takes requests and does not answer, until told otherwise.
    pub fn stall(&self, stalled: bool) {
        *self.shared.stalled.lock().unwrap() = stalled;
        self.shared.resumed.notify_all();
    }

    /// Answers 503, until told otherwise.
    pub fn refuse(&self, refusing: bool) {
        self.shared.refusing.store(refusing, Ordering::SeqCst);
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.stall(false);
        // Wakes the listener, which then closes.
        let _ = TcpStream::connect(self.address);
    }
}

/// Serves one request of a connection.
fn serve(stream: &TcpStream, shared: &Shared) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim() {
            "" => break,
            header => headers.push(header.to_lowercase()),
        }
    }
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length:"))?.trim().parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let stalled = shared.stalled.lock().unwrap();
    drop(shared.resumed.wait_while(stalled, |stalled| *stalled).unwrap());
    let refusing = shared.refusing.load(Ordering::SeqCst) || shared.stopped.load(Ordering::SeqCst);
    if !refusing {
        keep(&mut shared.received.lock().unwrap(), &request, headers, &body);
    }
    let status = if refusing { "503 Service Unavailable" } else { "200 OK" };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n").ok()
}

fn keep(received: &mut Received, request: &str, headers: Vec<String>, body: &[u8]) {
    received.requests += 1;
    received.headers.extend(headers);
    match request.split(' ').nth(1) {
        Some("/v1/traces") => {
            for part in ExportTraceServiceRequest::decode(body).expect("spans").resource_spans {
                received.resources.extend(part.resource);
                received.spans.extend(part.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        Some("/v1/logs") => {
            for part in ExportLogsServiceRequest::decode(body).expect("log records").resource_logs {
                received.resources.extend(part.resource);
                received.records.extend(part.scope_logs.into_iter().flat_map(|scope| scope.log_records));
            }
        }
        Some("/v1/metrics") => {
            for part in ExportMetricsServiceRequest::decode(body).expect("metrics").resource_metrics {
                received.resources.extend(part.resource);
                received.metrics.extend(part.scope_metrics.into_iter().flat_map(|scope| scope.metrics));
            }
        }
        other => panic!("no path of OTLP: {other:?}"),
    }
}
