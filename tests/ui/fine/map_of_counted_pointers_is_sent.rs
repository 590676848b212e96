use std::sync::Arc;

use checkedmap::CheckedMap;

fn sent<T: Send>() {}

fn main() {
    sent::<CheckedMap<u32, Arc<u32>>>();
}
