#[derive(Debug)]
struct File {
    path: &'static str,
    size: u64,
}

pub fn run() -> String {
    let files = [File { path: "a.rs", size: 10 }, File { path: "b.md", size: 4 }, File { path: "c.rs", size: 7 }];
    let mut by_extension: HashMap<&str, (usize, u64)> = HashMap::new();
    for file in &files {
        let extension = file.path.rsplit('.').next().unwrap();
        let mut totals = by_extension.get(extension).copied().unwrap_or((0, 0));
        totals.0 += 1;
        totals.1 += file.size;
        by_extension.insert(extension, totals);
    }
    let mut rows: Vec<_> = by_extension.into_iter().collect();
    rows.sort();
    format!("{rows:?}")
}
