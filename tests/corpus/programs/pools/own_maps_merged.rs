//! Each worker of the pool counts into a map of its own, and the maps are merged at the end.
//!
//! Source: oferchen/rsync pull request 3237

use checkedmap::CheckedMap;
use rayon::prelude::*;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let merged = pool.install(|| {
        (0..200_u32)
            .into_par_iter()
            .fold(CheckedMap::new, |counts, word| {
                *counts.entry(word % 10).or_insert(0_u32) += 1;
                counts
            })
            .reduce(CheckedMap::new, |left, right| {
                for (word, count) in right {
                    *left.entry(word).or_insert(0) += count;
                }
                left
            })
    });
    assert_eq!(merged.values().map(|count| *count).sum::<u32>(), 200);
}
