//! The handler hands the request's headers to the agent that reports them, and then adds one.
//!
//! Source: newrelic/go-agent issue 549

use std::sync::Arc;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let mut agents = Vec::new();
    for _request in 0..5 {
        let headers = Arc::new(CheckedMap::named("headers"));
        headers.insert("host", "example.org");
        let reported = Arc::clone(&headers);
        agents.push(thread::spawn(move || reported.get("host").map(|host| host.len())));
        headers.insert("content-type", "text/html");
    }
    for agent in agents {
        assert_eq!(agent.join().unwrap(), Some(11));
    }
}
