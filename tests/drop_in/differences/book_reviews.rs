pub fn run() -> String {
    let mut reviews = HashMap::new();
    reviews.insert("Huckleberry Finn".to_string(), "favourite".to_string());
    reviews.insert("Grimms' Tales".to_string(), "masterpiece".to_string());
    reviews.insert("Pride and Prejudice".to_string(), "enjoyable".to_string());
    let mut out = String::new();
    if !reviews.contains_key("Les Misérables") {
        out += &format!("{} reviews, none of Les Misérables\n", reviews.len());
    }
    reviews.remove("Grimms' Tales");
    for book in ["Pride and Prejudice", "Alice in Wonderland"] {
        match reviews.get(book) {
            Some(review) => out += &format!("{book}: {review}\n"),
            None => out += &format!("{book} is not reviewed\n"),
        }
    }
    out += &format!("Huck: {}", reviews["Huckleberry Finn"]);
    out
}
