pub fn run() -> String {
    let words: Vec<&str> = "the cat sat on the mat and the cat ran".split(' ').collect();
    let mut chain: HashMap<&str, Vec<&str>> = HashMap::new();
    for pair in words.windows(2) {
        chain.entry(pair[0]).or_default().push(pair[1]);
    }
    let mut word = "the";
    let mut out = vec![word];
    for step in 0..5 {
        match chain.get(word) {
            Some(nexts) => {
                word = nexts[step % nexts.len()];
                out.push(word);
            }
            None => break,
        }
    }
    out.join(" ")
}
