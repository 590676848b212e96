//! The accessor holds the lock for as long as it takes to return a reference to the map. Its caller walks over it.
//!
//! Source: go-admin-team/go-admin-core pull request 124

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

struct Runtime {
    databases: Mutex<Arc<CheckedMap<u32, &'static str>>>,
}

impl Runtime {
    fn set(&self, tenant: u32, database: &'static str) {
        self.databases.lock().unwrap().insert(tenant, database);
    }

    fn all(&self) -> Arc<CheckedMap<u32, &'static str>> {
        Arc::clone(&self.databases.lock().unwrap())
    }
}

pub(super) fn run() {
    let runtime = Runtime { databases: Mutex::new(Arc::new(CheckedMap::named("databases"))) };
    thread::scope(|scope| {
        scope.spawn(|| {
            for tenant in 0..30 {
                runtime.set(tenant, "postgres");
                thread::sleep(Duration::from_micros(60));
            }
        });
        for _ in 0..8 {
            assert!(runtime.all().values().all(|database| *database == "postgres"));
            thread::sleep(Duration::from_micros(200));
        }
    });
}
