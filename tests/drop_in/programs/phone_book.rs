pub fn run() -> String {
    let mut contacts = HashMap::new();
    contacts.insert("Daniel", "798-1364");
    contacts.insert("Ashley", "645-7689");
    contacts.insert("Katie", "435-8291");
    let mut log = Vec::new();
    match contacts.get("Daniel") {
        Some(number) => log.push(format!("calling Daniel: {number}")),
        None => log.push("no number".to_string()),
    }
    contacts.insert("Daniel", "164-6743");
    match contacts.get("Ashley") {
        Some(number) => log.push(format!("calling Ashley: {}", number)),
        _ => log.push("no number".to_string()),
    }
    contacts.remove("Ashley");
    for (name, number) in contacts.iter() {
        log.push(format!("{name} {number}"));
    }
    log.sort();
    log.join("\n")
}
