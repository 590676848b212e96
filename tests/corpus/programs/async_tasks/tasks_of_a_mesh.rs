//! Each connection is served by a task, and the tasks keep the table of connections without a lock.
//!
//! Source: yomorun/yomo pull request 267

use std::sync::Arc;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let connections = Arc::new(CheckedMap::named("connections"));
        let tasks: Vec<_> = (0..10)
            .map(|connection| {
                let connections = Arc::clone(&connections);
                tokio::spawn(async move {
                    connections.insert(connection, "open");
                    tokio::time::sleep(Duration::from_micros(500)).await;
                    connections.remove(&connection);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
