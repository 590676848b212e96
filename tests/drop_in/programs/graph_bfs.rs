use std::collections::{HashSet, VecDeque};

pub fn run() -> String {
    let mut graph: HashMap<u32, Vec<u32>> = HashMap::new();
    for (from, to) in [(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)] {
        graph.entry(from).or_default().push(to);
        graph.entry(to).or_default();
    }
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([1]);
    let mut order = Vec::new();
    while let Some(node) = queue.pop_front() {
        if !seen.insert(node) {
            continue;
        }
        order.push(node);
        if let Some(neighbours) = graph.get(&node) {
            for &next in neighbours.iter() {
                queue.push_back(next);
            }
        }
    }
    format!("{order:?}")
}
