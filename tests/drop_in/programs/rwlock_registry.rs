use std::sync::RwLock;

struct Registry {
    services: RwLock<HashMap<String, String>>,
}

impl Registry {
    fn register(&self, name: &str, address: &str) {
        self.services.write().unwrap().insert(name.to_string(), address.to_string());
    }

    fn lookup(&self, name: &str) -> Option<String> {
        self.services.read().unwrap().get(name).cloned()
    }
}

pub fn run() -> String {
    let registry = Registry { services: RwLock::new(HashMap::new()) };
    registry.register("db", "10.0.0.1");
    format!("{:?} {:?}", registry.lookup("db"), registry.lookup("mq"))
}
