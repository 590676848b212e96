//! The map is given to one task that owns it; the others send it messages.
//!
//! Source: milesj's question in wvwwvwwv/scalable-concurrent-containers issue 138

use std::sync::Arc;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let (orders, mut incoming) = tokio::sync::mpsc::channel(8);
        let outputs = Arc::new(CheckedMap::named("outputs"));
        outputs.insert(40, 1);
        let owner = tokio::spawn(async move {
            while let Some((command, output)) = incoming.recv().await {
                outputs.insert(command, output);
            }
            outputs.len()
        });
        for sender in 0..4 {
            let orders = orders.clone();
            tokio::spawn(async move {
                for command in 0..10 {
                    orders.send((sender * 10 + command, 0)).await.unwrap();
                }
            });
        }
        drop(orders);
        assert_eq!(owner.await.unwrap(), 41);
    });
}
