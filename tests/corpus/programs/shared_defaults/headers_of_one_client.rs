//! A request is built by adding headers to the default client, by several threads at once.
//!
//! Source: ddliu/go-httpclient issue 48

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

struct Client {
    headers: CheckedMap<&'static str, String>,
}

impl Client {
    fn with_header(&self, name: &'static str, value: u32) -> &Self {
        self.headers.insert(name, value.to_string());
        self
    }
}

pub(super) fn run() {
    let default_client = Client { headers: CheckedMap::named("headers") };
    thread::scope(|scope| {
        for request in 0..8 {
            let client = &default_client;
            scope.spawn(move || {
                client.with_header("a", request).with_header("b", request).with_header("c", request);
            });
        }
    });
}
