//! The Prometheus endpoint: `GET /metrics`, one request at a time.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use opentelemetry_prometheus::PrometheusExporter;
use prometheus::{Encoder, Registry, TextEncoder};

use crate::error::InitError;

/// A scrape comes from nearby. Whoever needs longer for all of a request, however steadily, makes room for the next.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest request that is read; a scraper's is a few hundred bytes.
const LARGEST: usize = 8 << 10;

/// An endpoint that has its address and does not answer yet.
pub(crate) struct Endpoint {
    listener: TcpListener,
    registry: Registry,
    address: SocketAddr,
}

impl Endpoint {
    /// Takes the address; returns the reader to put into the meter provider too.
    pub(crate) fn bind(wanted: SocketAddr) -> Result<(PrometheusExporter, Self), InitError> {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()
            .map_err(|error| InitError::exporter("metrics", error))?;
        let taken = |source| InitError::Prometheus { address: wanted.to_string(), source };
        let listener = TcpListener::bind(wanted).map_err(taken)?;
        // With the port that the system chose.
        let address = listener.local_addr().map_err(taken)?;
        Ok((reader, Self { listener, registry, address }))
    }

    /// Answers from now on, to the end of the process. Returns the address.
    pub(crate) fn serve(self) -> Result<SocketAddr, InitError> {
        let Self { listener, registry, address } = self;
        let answer = move || {
            for stream in listener.incoming() {
                match stream {
                    // A scraper that hangs up is no concern of the program's.
                    Ok(stream) => drop(handle(stream, &registry)),
                    // Out of descriptors, most likely; the next look may find some.
                    Err(_) => std::thread::sleep(PATIENCE),
                }
            }
        };
        let thread = std::thread::Builder::new().name("checkedmap-prometheus".to_owned());
        let system = |source| InitError::Prometheus { address: address.to_string(), source };
        thread.spawn(answer).map(|_| address).map_err(system)
    }
}

fn handle(mut stream: TcpStream, registry: &Registry) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let head = read_head(&mut stream, deadline)?;
    let mut words = head.split(' ');
    let (status, body) = match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => match text(registry) {
            Ok(text) => ("200 OK", text),
            Err(error) => ("500 Internal Server Error", error.to_string().into_bytes()),
        },
        (Some("GET"), _) => ("404 Not Found", b"metrics are at /metrics\n".to_vec()),
        _ => ("405 Method Not Allowed", b"GET only\n".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut answer = head.into_bytes();
    answer.extend(body);
    write(&mut stream, &answer, deadline)
}

/// What is left until a deadline.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn write(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.set_write_timeout(Some(left(deadline)?))?;
        match stream.write(bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => bytes = &bytes[written..],
        }
    }
    Ok(())
}

fn read_head(stream: &mut TcpStream, deadline: Instant) -> io::Result<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") && head.len() < LARGEST {
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(&mut piece)? {
            0 => break,
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn text(registry: &Registry) -> prometheus::Result<Vec<u8>> {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}
