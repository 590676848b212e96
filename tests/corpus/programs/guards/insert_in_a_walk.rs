//! A walk over the map puts what it derives from an entry back into the same map.
//!
//! Source: xacrimon/dashmap issue 369

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::Reentrant]);

pub(super) fn run() {
    let nodes: CheckedMap<u32, u32> = (0..4).map(|node| (node, node + 1)).collect();
    for (_node, next) in &nodes {
        nodes.insert(*next, 0);
    }
}
