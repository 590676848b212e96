//! Collectors that are well, away and hung.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// The listeners.
pub(crate) struct Collectors {
    well: SocketAddr,
    /// It accepts, as the kernel does for it, and nobody answers.
    hung: TcpListener,
}

impl Collectors {
    pub(crate) fn start() -> Self {
        let listener = listen();
        let well = address(&listener);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || while answer(&stream).is_some() {});
            }
        });
        Self { well, hung: listen() }
    }

    pub(crate) fn well(&self) -> String {
        format!("http://{}", self.well)
    }

    pub(crate) fn hung(&self) -> String {
        format!("http://{}", address(&self.hung))
    }

    /// Nobody listens there any more.
    pub(crate) fn away(&self) -> String {
        format!("http://{}", address(&listen()))
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("a listener has an address")
}

/// Reads one request and says that all is well.
fn answer(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim().to_ascii_lowercase() {
            line if line.is_empty() => break,
            line => {
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().ok()?;
                }
            }
        }
    }
    std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n").ok()
}
