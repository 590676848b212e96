//! A collection's metadata is a public field. A query walks over it while the application adds an entry.
//!
//! Source: philippgille/chromem-go pull request 16

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

struct Collection {
    metadata: CheckedMap<String, String>,
}

impl Collection {
    fn query(&self) -> usize {
        self.metadata.iter().filter(|(key, _)| key.starts_with("index")).count()
    }
}

pub(super) fn run() {
    let collection = Collection { metadata: CheckedMap::named("metadata") };
    collection.metadata.insert("index".to_owned(), "hnsw".to_owned());
    thread::scope(|scope| {
        scope.spawn(|| collection.query());
        collection.metadata.insert("owner".to_owned(), "ana".to_owned());
    });
}
