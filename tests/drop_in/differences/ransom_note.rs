fn can_build(magazine: &[&str], note: &[&str]) -> bool {
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in magazine {
        *words.entry(word).or_insert(0) += 1;
    }
    note.iter().all(|word| match words.get_mut(word) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    })
}

pub fn run() -> String {
    let magazine = ["two", "times", "three", "is", "not", "four"];
    format!("{} {}", can_build(&magazine, &["two", "is", "four"]), can_build(&magazine, &["two", "times", "two"]))
}
