#[derive(Debug, Clone, PartialEq)]
struct Player {
    name: String,
    score: u32,
}

pub fn run() -> String {
    let mut players: HashMap<u32, Player> = HashMap::new();
    for (id, name) in ["ann", "bob"].iter().enumerate() {
        players.insert(id as u32, Player { name: name.to_string(), score: 0 });
    }
    players.get_mut(&0).unwrap().score += 5;
    players.entry(1).and_modify(|p| p.score += 3);
    let best = players.values().max_by_key(|p| p.score).unwrap();
    let total: u32 = players.values().map(|p| p.score).sum();
    format!("{} {} {:?}", best.name, total, players.get(&1).map(|p| p.score))
}
