pub fn run() -> String {
    let mut frequency: HashMap<char, usize> = HashMap::new();
    for letter in "mississippi".chars() {
        *frequency.entry(letter).or_default() += 1;
    }
    let mut letters: Vec<char> = frequency.keys().copied().collect();
    letters.sort();
    letters.iter().map(|l| format!("{l}{}", frequency.get(l).unwrap())).collect()
}
