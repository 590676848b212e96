//! The standard `OTEL_*` variables, `CHECKEDMAP_SPOOL` and `CHECKEDMAP_FLUSH_MS`.
//!
//! Endpoints, headers and resource attributes are read by OpenTelemetry's own code; what is read here is what decides
//! which exporters there are, and what would otherwise be ignored in silence when it is wrong.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "tls")]
use crate::authority::Authority;
use crate::error::InitError;

/// OpenTelemetry's default for `OTEL_EXPORTER_OTLP_TIMEOUT`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Bounds a flush, and each step of the end.
const FLUSH: &str = "CHECKEDMAP_FLUSH_MS";

/// The port that OpenTelemetry's specification gives to Prometheus exporters.
const PROMETHEUS_PORT: u16 = 9464;

/// The value of a variable.
type LookUp<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What carries a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

/// One signal over OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// The base address; `None` where OpenTelemetry's code is to read it from the environment.
    pub(crate) endpoint: Option<String>,
    pub(crate) protocol: Protocol,
    pub(crate) timeout: Duration,
    /// Who vouches for the collector; `None` where the public authorities do.
    #[cfg(feature = "tls")]
    pub(crate) authority: Option<Authority>,
}

impl Otlp {
    /// To a base address that the program names.
    pub(crate) fn to(endpoint: String, protocol: Protocol, timeout: Duration) -> Self {
        Self {
            endpoint: Some(endpoint),
            protocol,
            timeout,
            #[cfg(feature = "tls")]
            authority: None,
        }
    }
}

/// What the variables say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) disabled: bool,
    pub(crate) traces: Option<Otlp>,
    pub(crate) metrics: Option<Otlp>,
    pub(crate) logs: Option<Otlp>,
    pub(crate) prometheus: Option<SocketAddr>,
    pub(crate) spool: Option<PathBuf>,
    /// How long a flush may take, where that is said.
    pub(crate) bound: Option<Duration>,
}

impl Environment {
    pub(crate) fn read(look_up: LookUp<'_>) -> Result<Self, InitError> {
        // An empty variable counts as absent, as the specification asks.
        let look_up = |name: &str| look_up(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let look_up: LookUp<'_> = &look_up;
        if disabled(look_up) {
            return Ok(Self { disabled: true, ..Self::default() });
        }
        let metrics = exporters("METRICS", look_up)?;
        let signal = |name: &str, wanted: bool| wanted.then(|| otlp(name, look_up)).transpose();
        Ok(Self {
            disabled: false,
            traces: signal("TRACES", exporters("TRACES", look_up)?.otlp)?,
            metrics: signal("METRICS", metrics.otlp)?,
            logs: signal("LOGS", exporters("LOGS", look_up)?.otlp)?,
            prometheus: metrics.prometheus.then(|| prometheus(look_up)).transpose()?,
            spool: look_up("CHECKEDMAP_SPOOL").map(PathBuf::from),
            bound: look_up(FLUSH).map(|value| milliseconds(FLUSH, value)).transpose()?,
        })
    }
}

/// Anything but `true` leaves it on, as the specification asks.
fn disabled(look_up: LookUp<'_>) -> bool {
    look_up("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

#[derive(Default)]
struct Exporters {
    otlp: bool,
    prometheus: bool,
}

fn exporters(signal: &str, look_up: LookUp<'_>) -> Result<Exporters, InitError> {
    let name = format!("OTEL_{signal}_EXPORTER");
    let value = look_up(&name).unwrap_or_else(|| "otlp".to_owned());
    let mut exporters = Exporters::default();
    for word in value.split(',').map(str::trim) {
        match word {
            "otlp" => exporters.otlp = true,
            "none" => {}
            "prometheus" if signal == "METRICS" && cfg!(feature = "prometheus") => exporters.prometheus = true,
            "prometheus" if signal == "METRICS" => {
                return Err(InitError::variable(
                    &name,
                    value.clone(),
                    "otlp, none; prometheus needs the feature `prometheus`",
                ));
            }
            _ if signal == "METRICS" => {
                return Err(InitError::variable(&name, value.clone(), "otlp, prometheus, several with commas; none"));
            }
            _ => return Err(InitError::variable(&name, value.clone(), "otlp, none")),
        }
    }
    Ok(exporters)
}

fn otlp(signal: &str, look_up: LookUp<'_>) -> Result<Otlp, InitError> {
    let protocol = match specific(signal, "PROTOCOL", look_up) {
        None => Protocol::Http,
        Some((name, value)) => match value.as_str() {
            "http/protobuf" => Protocol::Http,
            "grpc" if cfg!(feature = "grpc") => Protocol::Grpc,
            "grpc" => return Err(InitError::variable(&name, value, "http/protobuf; grpc needs the feature `grpc`")),
            _ => return Err(InitError::variable(&name, value, "http/protobuf, grpc")),
        },
    };
    let timeout = match specific(signal, "TIMEOUT", look_up) {
        None => TIMEOUT,
        Some((name, value)) => milliseconds(&name, value)?,
    };
    if let Some((name, value)) = specific(signal, "ENDPOINT", look_up) {
        let allowed = match value.split_once("://") {
            Some(("http", rest)) if !rest.is_empty() => None,
            Some(("https", rest)) if !rest.is_empty() && cfg!(feature = "tls") => None,
            Some(("https", _)) => Some("http://HOST:PORT; https needs the feature `tls`"),
            _ => Some("http://HOST:PORT, https://HOST:PORT"),
        };
        if let Some(allowed) = allowed {
            return Err(InitError::variable(&name, value, allowed));
        }
    }
    let certificate = specific(signal, "CERTIFICATE", look_up);
    #[cfg(not(feature = "tls"))]
    if let Some((name, value)) = certificate {
        return Err(InitError::variable(&name, value, "nothing; certificates need the feature `tls`"));
    }
    Ok(Otlp {
        endpoint: None,
        protocol,
        timeout,
        #[cfg(feature = "tls")]
        authority: certificate.map(|(name, path)| Authority::read(&name, &path)).transpose()?,
    })
}

fn milliseconds(name: &str, value: String) -> Result<Duration, InitError> {
    match value.parse() {
        Ok(milliseconds @ 1..=600_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(InitError::variable(name, value, "whole milliseconds, 1 to 600000")),
    }
}

/// The signal's own variable, else the common one; with its name.
fn specific(signal: &str, what: &str, look_up: LookUp<'_>) -> Option<(String, String)> {
    [format!("OTEL_EXPORTER_OTLP_{signal}_{what}"), format!("OTEL_EXPORTER_OTLP_{what}")]
        .into_iter()
        .find_map(|name| look_up(&name).map(|value| (name, value)))
}

fn prometheus(look_up: LookUp<'_>) -> Result<SocketAddr, InitError> {
    let host = match look_up("OTEL_EXPORTER_PROMETHEUS_HOST").as_deref() {
        None | Some("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(host) => {
            let bad = |_| InitError::variable("OTEL_EXPORTER_PROMETHEUS_HOST", host, "localhost, an IP address");
            host.parse().map_err(bad)?
        }
    };
    let port = match look_up("OTEL_EXPORTER_PROMETHEUS_PORT") {
        None => PROMETHEUS_PORT,
        Some(port) => {
            let bad = |_| {
                InitError::variable(
                    "OTEL_EXPORTER_PROMETHEUS_PORT",
                    port.as_str(),
                    "0 to 65535; 0 lets the system choose",
                )
            };
            port.parse().map_err(bad)?
        }
    };
    Ok(SocketAddr::new(host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, InitError> {
        Environment::read(&|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const DEFAULT: Option<Otlp> = Some(Otlp {
        endpoint: None,
        protocol: Protocol::Http,
        timeout: TIMEOUT,
        #[cfg(feature = "tls")]
        authority: None,
    });

    #[test]
    fn everything_goes_over_http_by_default() {
        let expected = Environment { traces: DEFAULT, metrics: DEFAULT, logs: DEFAULT, ..Environment::default() };
        assert_eq!(read(&[]).unwrap(), expected);
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", " "), ("OTEL_EXPORTER_OTLP_TIMEOUT", "")]).unwrap(), expected);
    }

    #[test]
    fn signals_are_switched_off_one_by_one_or_all() {
        let environment = read(&[("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none")]).unwrap();
        assert_eq!((environment.traces, environment.metrics, environment.logs), (None, None, DEFAULT));
        assert!(read(&[("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_LOGS_EXPORTER", "nonsense")]).unwrap().disabled);
        assert!(!read(&[("OTEL_SDK_DISABLED", "1")]).unwrap().disabled);
    }

    #[test]
    fn a_signals_own_variable_beats_the_common_one() {
        let environment =
            read(&[("OTEL_EXPORTER_OTLP_TIMEOUT", "700"), ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "30")]).unwrap();
        assert_eq!(environment.traces.unwrap().timeout, Duration::from_millis(700));
        assert_eq!(environment.logs.unwrap().timeout, Duration::from_millis(30));
    }

    #[test]
    fn bad_values_name_variable_value_and_what_is_allowed() {
        let table = [
            ("OTEL_TRACES_EXPORTER", "zipkin", "otlp, none"),
            ("OTEL_LOGS_EXPORTER", "prometheus", "otlp, none"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf, grpc"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "10s", "whole milliseconds, 1 to 600000"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", "whole milliseconds, 1 to 600000"),
            ("CHECKEDMAP_FLUSH_MS", "-1", "whole milliseconds, 1 to 600000"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http://HOST:PORT, https://HOST:PORT"),
        ];
        for (name, value, allowed) in table {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert_eq!(error, format!("{name}={value:?} is not allowed; allowed: {allowed}"));
        }
    }

    #[test]
    fn what_needs_a_feature_says_so() {
        let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/authority.pem");
        let table = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "feature `grpc`", cfg!(feature = "grpc")),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318", "feature `tls`", cfg!(feature = "tls")),
            ("OTEL_METRICS_EXPORTER", "otlp,prometheus", "feature `prometheus`", cfg!(feature = "prometheus")),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", authority, "feature `tls`", cfg!(feature = "tls")),
        ];
        for (name, value, feature, enabled) in table {
            match read(&[(name, value)]) {
                Ok(_) => assert!(enabled, "{name}={value}"),
                Err(error) => assert!(!enabled && error.to_string().contains(feature), "{error}"),
            }
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn a_file_without_certificates_is_refused() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for path in [empty.path(), std::path::Path::new("/nowhere/ca.pem")] {
            let path = path.to_str().unwrap();
            let error = read(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", path)]).unwrap_err().to_string();
            let expected =
                format!("{path:?} is not allowed; allowed: the path of a readable file of certificates in PEM form");
            assert_eq!(error, format!("OTEL_EXPORTER_OTLP_CERTIFICATE={expected}"));
        }
    }

    #[cfg(feature = "prometheus")]
    #[test]
    fn prometheus_listens_on_loopback_unless_told() {
        let address = |variables: &[(&str, &str)]| {
            let chosen = [("OTEL_METRICS_EXPORTER", "prometheus")].into_iter().chain(variables.iter().copied());
            read(&chosen.collect::<Vec<_>>()).map(|environment| environment.prometheus.unwrap().to_string())
        };
        assert_eq!(address(&[]).unwrap(), "127.0.0.1:9464");
        let chosen = [("OTEL_EXPORTER_PROMETHEUS_HOST", "::1"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0")];
        assert_eq!(address(&chosen).unwrap(), "[::1]:0");
        assert!(address(&[("OTEL_EXPORTER_PROMETHEUS_PORT", "70000")]).is_err());
        assert!(address(&[("OTEL_EXPORTER_PROMETHEUS_HOST", "my host")]).is_err());
    }
}
