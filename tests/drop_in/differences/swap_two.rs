pub fn run() -> String {
    let mut seats = HashMap::from([("front", "ann"), ("back", "bob")]);
    if let [Some(a), Some(b)] = seats.get_disjoint_mut(["front", "back"]) {
        std::mem::swap(a, b);
    }
    let mut rows: Vec<_> = seats.into_iter().collect();
    rows.sort();
    format!("{rows:?}")
}
