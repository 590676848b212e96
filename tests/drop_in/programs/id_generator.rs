pub fn run() -> String {
    let mut next = 0;
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut id_of = |name: &str| {
        *ids.entry(name.to_owned()).or_insert_with(|| {
            next += 1;
            next
        })
    };
    format!("{} {} {}", id_of("a"), id_of("b"), id_of("a"))
}
