//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A small HTTP service on 127.0.0.1 with sessions in a shared map, its own load, and a janitor that skips the lock.

usage: cargo run --release --example staging [-- OPTIONS]

  --seconds N   how long the load runs, 1 to 3600 (default 5); the janitor stops at 60 % of it.
                On a busy machine a run goes on until it has shown what the mode promises, up to 3 N + 5 seconds
  --port N      the port on 127.0.0.1, 0 to 65535 (default 0: any free one)
  --prometheus ADDRESS
                serve metrics to Prometheus at http://ADDRESS/metrics, such as 127.0.0.1:9464; port 0 for any free one
  --help        this text

environment:
  CHECKEDMAP_MODE=log        (default here) overlaps are reported, the second access waits its turn
  CHECKEDMAP_MODE=panic      the second access panics: that request fails with 500, the service lives
  CHECKEDMAP_MODE=fallback   the map falls back to a lock; it recovers when the janitor has stopped
  CHECKEDMAP_MODE=abort      the process aborts with the report
  CHECKEDMAP_REPORT=stderr,html:conflicts.html   keeps a page for a browser too; the summary says where it is
  and the other CHECKEDMAP_* variables of the README
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
                             conflicts, the requests they interrupted, and metrics go to this OpenTelemetry collector, or Jaeger;
  and the other variables of checkedmap-otel

exit code: 0 when the incident showed as documented, 1 when not (with the reason), 2 for a wrong command line";

/// How the run is to be.
pub(crate) struct Options {
    pub(crate) length: Duration,
    pub(crate) port: u16,
    /// Where Prometheus finds the metrics.
    pub(crate) prometheus: Option<SocketAddr>,
}

impl Options {
    /// When the janitor stops, if it has met a request: early enough for the map to recover before the end.
    pub(crate) fn janitor_stops(&self) -> Duration {
        self.length * 3 / 5
    }

    /// The end of a run on a machine so busy that the janitor has met nobody, or the map not recovered, in time.
    pub(crate) fn at_most(&self) -> Duration {
        self.length * 3 + Duration::from_secs(5)
    }
}

/// What the command line asks for.
pub(crate) enum Asked {
    Run(Options),
    Help,
}

/// Reads the command line.
///
/// # Errors
///
/// A sentence which names the option, its value and what is allowed.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options { length: Duration::from_secs(5), port: 0, prometheus: None };
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value = || value.clone().or_else(|| arguments.next()).unwrap_or_default();
        match name.as_str() {
            "--seconds" => options.length = Duration::from_secs(number(&name, &value(), 1, 3600)?),
            "--port" => {
                let port = number(&name, &value(), 0, u64::from(u16::MAX))?;
                options.port = u16::try_from(port).expect("checked against its largest value");
            }
            "--prometheus" => options.prometheus = Some(address(&name, &value())?),
            "--help" | "-h" => return Ok(Asked::Help),
            _ => {
                return Err(format!(
                    "unknown option {name:?}; allowed are --seconds N, --port N, --prometheus ADDRESS and --help"
                ));
            }
        }
    }
    Ok(Asked::Run(options))
}

fn number(option: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{option} {value:?} is not allowed: a whole number from {least} to {most} is"))
}

fn address(option: &str, value: &str) -> Result<SocketAddr, String> {
    value
        .parse()
        .map_err(|_| format!("{option} {value:?} is not allowed: an address with a port, like 127.0.0.1:9464, is"))
}
