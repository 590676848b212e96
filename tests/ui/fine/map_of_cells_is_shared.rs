use std::cell::Cell;

use checkedmap::CheckedMap;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    shared::<CheckedMap<u32, u32>>();
    sent::<CheckedMap<u32, Cell<u32>>>();
}
