//! What the maps are keyed by, and what hashes it.

use std::hash::{BuildHasher, Hash};

/// A kind of key.
pub(crate) trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    const NAME: &str;

    fn made_from(number: u64) -> Self;
}

impl Key for u64 {
    const NAME: &str = "u64";

    fn made_from(number: u64) -> Self {
        number
    }
}

impl Key for String {
    const NAME: &str = "String";

    fn made_from(number: u64) -> Self {
        format!("session:{number:016x}")
    }
}

/// A kind of hasher. Each map of a table gets a clone of one value, so that all hash alike.
pub(crate) trait Hasher: BuildHasher + Clone + Default + Send + Sync + 'static {
    const NAME: &str;
}

impl Hasher for foldhash::fast::RandomState {
    const NAME: &str = "foldhash";
}

impl Hasher for std::hash::RandomState {
    const NAME: &str = "SipHash";
}

/// Distinct keys in no particular order. The same ones in every run.
pub(crate) fn keys<K: Key>(count: usize) -> Vec<K> {
    // SplitMix64 is a permutation of its counter, so no key comes twice.
    (1..=count as u64).map(|n| K::made_from(mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))).collect()
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
