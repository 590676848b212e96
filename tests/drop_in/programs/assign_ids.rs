pub fn run() -> String {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut out = Vec::new();
    for name in ["x", "y", "x", "z"] {
        let next = ids.len();
        let id = *ids.entry(name).or_insert(next);
        out.push(id);
    }
    format!("{out:?}")
}
