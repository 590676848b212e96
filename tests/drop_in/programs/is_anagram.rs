fn count(text: &str) -> HashMap<char, i32> {
    text.chars().filter(|c| c.is_alphabetic()).fold(HashMap::new(), |mut counts, letter| {
        *counts.entry(letter.to_ascii_lowercase()).or_insert(0) += 1;
        counts
    })
}

pub fn run() -> String {
    format!("{} {}", count("Dormitory") == count("Dirty room"), count("abc") == count("abd"))
}
