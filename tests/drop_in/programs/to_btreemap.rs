use std::collections::BTreeMap;

pub fn run() -> String {
    let map: HashMap<i32, char> = (0..5).zip("edcba".chars()).collect();
    let ordered: BTreeMap<_, _> = map.iter().collect();
    format!("{ordered:?}")
}
