//! A loop was made parallel; the map its body writes to was not thought of.
//!
//! Source: bacalhau-project/bacalhau pull request 2156

use checkedmap::{CheckedMap, ConflictKind};
use rayon::prelude::*;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let wallets = CheckedMap::named("wallets");
    pool.install(|| {
        (0..60).into_par_iter().with_max_len(1).for_each(|node| {
            wallets.insert(node, node * 100);
        });
    });
}
