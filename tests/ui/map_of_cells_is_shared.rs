use std::cell::Cell;

use checkedmap::CheckedMap;

fn shared<T: Sync>() {}

fn main() {
    shared::<CheckedMap<u32, Cell<u32>>>();
}
