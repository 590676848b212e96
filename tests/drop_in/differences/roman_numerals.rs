fn value_of(numeral: &str) -> u32 {
    let values: HashMap<char, u32> =
        [('I', 1), ('V', 5), ('X', 10), ('L', 50), ('C', 100), ('D', 500), ('M', 1000)].into_iter().collect();
    let mut total = 0;
    let mut previous = 0;
    for letter in numeral.chars().rev() {
        let value = values[&letter];
        if value < previous {
            total -= value;
        } else {
            total += value;
        }
        previous = value;
    }
    total
}

pub fn run() -> String {
    ["XIV", "MCMXCIV", "LVIII"].map(value_of).map(|n| n.to_string()).join(" ")
}
