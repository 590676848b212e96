//! Who vouches for the collector, beside the authorities that all the web trusts.

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::error::InitError;

/// The certificates of a PEM file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pem: Vec<u8>,
}

impl Authority {
    /// Reads the file that the variable `name` says.
    pub(crate) fn read(name: &str, path: &str) -> Result<Self, InitError> {
        let refused = || InitError::variable(name, path, "the path of a readable file of certificates in PEM form");
        let authority = Self { pem: std::fs::read(path).map_err(|_| refused())? };
        if authority.certificates().is_empty() { Err(refused()) } else { Ok(authority) }
    }

    pub(crate) fn certificates(&self) -> Vec<Certificate<'static>> {
        let certificate = |item| if let Ok(PemItem::Certificate(found)) = item { Some(found) } else { None };
        parse_pem(&self.pem).filter_map(certificate).collect()
    }

    #[cfg(feature = "grpc-tls")]
    pub(crate) fn pem(&self) -> &[u8] {
        &self.pem
    }
}
