//! Why the exporter could not be set up.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why the exporter could not be set up. Nothing is exported then; the maps are checked all the same.
#[derive(Debug)]
#[non_exhaustive]
pub enum InitError {
    /// An environment variable has a value that is not allowed.
    #[non_exhaustive]
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// An exporter could not be built.
    #[non_exhaustive]
    Exporter {
        /// `traces`, `metrics` or `logs`.
        signal: &'static str,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The spool directory cannot be used.
    #[non_exhaustive]
    Spool {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The Prometheus endpoint cannot be opened.
    #[non_exhaustive]
    Prometheus {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// A thread, a runtime or a signal handler could not be had.
    #[non_exhaustive]
    System {
        /// What it was for.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The program has a `tracing` subscriber already.
    SubscriberTaken,
}

impl InitError {
    pub(crate) fn variable(name: &str, value: impl Into<String>, allowed: &'static str) -> Self {
        Self::Variable { name: name.to_owned(), value: value.into(), allowed }
    }

    pub(crate) fn exporter(signal: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Exporter { signal, source: source.into() }
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable { name, value, allowed } => write!(f, "{name}={value:?} is not allowed; allowed: {allowed}"),
            Self::Exporter { signal, source } => write!(f, "the exporter of {signal} cannot be built: {source}"),
            Self::Spool { path, source } => {
                write!(
                    f,
                    "CHECKEDMAP_SPOOL={:?} cannot be used: {source}; allowed: a directory that can be written",
                    path.display()
                )
            }
            Self::Prometheus { address, source } => {
                write!(f, "the Prometheus endpoint {address} cannot be opened: {source}")
            }
            Self::System { what, source } => write!(f, "{what} cannot be had: {source}"),
            Self::SubscriberTaken => f.write_str("the program has a tracing subscriber already"),
        }
    }
}

impl Error for InitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Exporter { source, .. } => Some(&**source),
            Self::Spool { source, .. } | Self::Prometheus { source, .. } | Self::System { source, .. } => Some(source),
            Self::Variable { .. } | Self::SubscriberTaken => None,
        }
    }
}
