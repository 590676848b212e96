use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub fn run() -> String {
    let mut roads: HashMap<&str, Vec<(&str, u32)>> = HashMap::new();
    for (from, to, length) in [("a", "b", 7), ("a", "c", 3), ("c", "b", 1), ("b", "d", 2), ("c", "d", 8)] {
        roads.entry(from).or_default().push((to, length));
    }
    let mut best: HashMap<&str, u32> = HashMap::new();
    let mut heap = BinaryHeap::new();
    heap.push(Reverse((0, "a")));
    while let Some(Reverse((distance, place))) = heap.pop() {
        if best.contains_key(place) {
            continue;
        }
        best.insert(place, distance);
        if let Some(next) = roads.get(place) {
            for (to, length) in next.iter() {
                heap.push(Reverse((distance + length, to)));
            }
        }
    }
    let mut result: Vec<_> = best.iter().collect();
    result.sort();
    format!("{result:?}")
}
