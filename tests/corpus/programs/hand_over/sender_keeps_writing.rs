//! A request's context is passed to the next stage through a channel, and the stage before goes on writing to it.
//!
//! Source: incident: a map handed along in a request context

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

type Context = Arc<CheckedMap<&'static str, u32>>;

pub(super) fn run() {
    let (requests, incoming) = channel::<Context>();
    thread::scope(|scope| {
        scope.spawn(|| {
            for context in incoming {
                context.insert("authorised", 1);
            }
        });
        for request in 0..10 {
            let context = Arc::new(CheckedMap::named("context"));
            context.insert("request", request);
            requests.send(Arc::clone(&context)).unwrap();
            context.insert("sent", 1);
            thread::sleep(Duration::from_micros(100));
        }
        drop(requests);
    });
}
