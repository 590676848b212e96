pub fn run() -> String {
    let mut cells: HashMap<(i32, i32), char> = HashMap::new();
    for (y, line) in ["#.#", ".#."].iter().enumerate() {
        for (x, cell) in line.chars().enumerate() {
            if cell == '#' {
                cells.insert((x as i32, y as i32), cell);
            }
        }
    }
    let neighbours = |x: i32, y: i32| {
        let mut n = 0;
        for dx in -1..=1 {
            for dy in -1..=1 {
                if (dx, dy) != (0, 0) && cells.contains_key(&(x + dx, y + dy)) {
                    n += 1;
                }
            }
        }
        n
    };
    let width = cells.keys().map(|(x, _)| *x).max().unwrap() + 1;
    let drawn: String = (0..width).map(|x| *cells.get(&(x, 0)).unwrap_or(&'.')).collect();
    format!("{drawn} {}", neighbours(1, 1))
}
