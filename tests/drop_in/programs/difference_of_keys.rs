pub fn run() -> String {
    let old = HashMap::from([("a", 1), ("b", 2), ("c", 3)]);
    let new = HashMap::from([("b", 2), ("c", 4), ("d", 5)]);
    let mut changes = Vec::new();
    for (key, value) in &old {
        match new.get(*key) {
            None => changes.push(format!("-{key}")),
            Some(other) if *other != *value => changes.push(format!("~{key}")),
            Some(_) => {}
        }
    }
    for key in new.keys() {
        if !old.contains_key(*key) {
            changes.push(format!("+{key}"));
        }
    }
    changes.sort();
    changes.join(" ")
}
