pub fn run() -> String {
    let mut table: HashMap<String, (u32, u32, u32)> = HashMap::new();
    for line in ["a;b;win", "b;c;draw", "c;a;loss"] {
        let parts: Vec<&str> = line.split(';').collect();
        let (home, away) = match parts[2] {
            "win" => ((1, 0, 0), (0, 0, 1)),
            "draw" => ((0, 1, 0), (0, 1, 0)),
            _ => ((0, 0, 1), (1, 0, 0)),
        };
        for (team, result) in [(parts[0], home), (parts[1], away)] {
            let row = table.entry(team.to_string()).or_insert((0, 0, 0));
            row.0 += result.0;
            row.1 += result.1;
            row.2 += result.2;
        }
    }
    let mut rows: Vec<_> = table.into_iter().map(|(team, (w, d, l))| (3 * w + d, team, l)).collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    format!("{rows:?}")
}
