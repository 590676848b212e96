use std::rc::Rc;

use checkedmap::CheckedMap;

fn sent<T: Send>() {}

fn main() {
    sent::<CheckedMap<u32, Rc<u32>>>();
}
