use hash_map::Entry;

pub fn run() -> String {
    let mut references: HashMap<&str, u32> = HashMap::from([("a", 2), ("b", 1)]);
    let mut freed = Vec::new();
    for name in ["b", "a", "c"] {
        if let Entry::Occupied(mut entry) = references.entry(name) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                freed.push(entry.remove_entry().0);
            }
        }
    }
    format!("{freed:?} {}", references.len())
}
