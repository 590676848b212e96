fn translate(sentence: &str, dictionary: &HashMap<String, String>) -> String {
    sentence
        .split(' ')
        .map(|word| dictionary.get(word).map(|w| w.to_string()).unwrap_or(word.to_string()))
        .collect::<Vec<String>>()
        .join(" ")
}

pub fn run() -> String {
    let mut dictionary = HashMap::new();
    dictionary.insert(String::from("cat"), String::from("chat"));
    dictionary.insert(String::from("black"), String::from("noir"));
    translate("black cat sleeps", &dictionary)
}
