use std::collections::HashSet;

fn step(alive: &HashSet<(i32, i32)>) -> HashSet<(i32, i32)> {
    let mut neighbours: HashMap<(i32, i32), u8> = HashMap::new();
    for (x, y) in alive {
        for dx in -1..=1 {
            for dy in -1..=1 {
                if dx != 0 || dy != 0 {
                    *neighbours.entry((x + dx, y + dy)).or_insert(0) += 1;
                }
            }
        }
    }
    neighbours
        .into_iter()
        .filter(|(cell, n)| *n == 3 || (*n == 2 && alive.contains(cell)))
        .map(|(cell, _)| cell)
        .collect()
}

pub fn run() -> String {
    let blinker = HashSet::from([(0, 1), (1, 1), (2, 1)]);
    let mut next: Vec<_> = step(&blinker).into_iter().collect();
    next.sort();
    format!("{next:?}")
}
