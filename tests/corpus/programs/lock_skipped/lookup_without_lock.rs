//! The scheduler's queue is emptied under its lock; the lookup by key goes straight to the heap's map.
//!
//! Source: GoBench goker/nonblocking/kubernetes/79631

use std::sync::RwLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

struct Queue {
    lock: RwLock<()>,
    pods: CheckedMap<&'static str, u32>,
}

impl Queue {
    fn flush_completed(&self) {
        let _held = self.lock.write();
        self.pods.remove("web-1");
    }

    fn lookup(&self, pod: &str) -> bool {
        self.pods.contains_key(pod)
    }
}

pub(super) fn run() {
    let queue = Queue { lock: RwLock::new(()), pods: CheckedMap::named("pods") };
    queue.pods.insert("web-1", 1);
    thread::scope(|scope| {
        scope.spawn(|| queue.flush_completed());
        queue.lookup("web-1");
    });
}
