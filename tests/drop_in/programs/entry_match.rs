use hash_map::Entry;

fn register(users: &mut HashMap<String, u32>, name: &str, id: u32) -> Result<(), String> {
    match users.entry(name.to_string()) {
        Entry::Occupied(entry) => Err(format!("{} is taken by {}", entry.key(), entry.get())),
        Entry::Vacant(entry) => {
            entry.insert(id);
            Ok(())
        }
    }
}

pub fn run() -> String {
    let mut users = HashMap::new();
    format!("{:?} {:?}", register(&mut users, "ada", 1), register(&mut users, "ada", 2))
}
