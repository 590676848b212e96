pub fn run() -> String {
    let text = "swiss";
    let mut counts: HashMap<char, u32> = HashMap::new();
    for letter in text.chars() {
        *counts.entry(letter).or_insert(0) += 1;
    }
    let unique = text.chars().find(|letter| counts.get(letter) == Some(&1));
    format!("{unique:?}")
}
