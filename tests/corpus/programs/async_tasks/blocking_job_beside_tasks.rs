//! A job on the blocking pool rebuilds the index while tasks look things up in it.
//!
//! Source: solana-labs/solana pull request 24327

use std::sync::Arc;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::IterateWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let index: Arc<CheckedMap<u32, u32>> = Arc::new((0..30).map(|word| (word, 0)).collect());
        let rebuilt = Arc::clone(&index);
        let job = tokio::task::spawn_blocking(move || {
            for document in 1..8 {
                rebuilt.extend((0..30).map(|word| (word, document)));
            }
        });
        for word in 0..30 {
            let index = Arc::clone(&index);
            let _ = tokio::spawn(async move { index.contains_key(&word) }).await;
        }
        job.await.unwrap();
    });
}
