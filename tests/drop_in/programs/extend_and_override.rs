pub fn run() -> String {
    let mut settings: HashMap<&str, i32> = HashMap::from([("width", 80), ("height", 24)]);
    let overrides = HashMap::from([("height", 50), ("depth", 8)]);
    settings.extend(overrides);
    settings.extend([("width", 132)]);
    settings.extend(vec![("tab", 4)].into_iter().filter(|(_, n)| *n > 2));
    let mut all: Vec<_> = settings.into_iter().collect();
    all.sort_unstable();
    format!("{all:?}")
}
