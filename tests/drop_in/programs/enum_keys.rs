#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
enum Colour {
    Red,
    Green,
    Blue,
}

pub fn run() -> String {
    let mut seen: HashMap<Colour, Vec<usize>> = HashMap::new();
    for (place, colour) in [Colour::Red, Colour::Blue, Colour::Red, Colour::Green].into_iter().enumerate() {
        seen.entry(colour).or_default().push(place);
    }
    let mut rows: Vec<_> = seen.iter().collect();
    rows.sort();
    format!("{rows:?}")
}
