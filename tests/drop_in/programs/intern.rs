#[derive(Default)]
struct Interner {
    ids: HashMap<String, usize>,
    names: Vec<String>,
}

impl Interner {
    fn intern(&mut self, name: &str) -> usize {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.names.len();
        self.ids.insert(name.to_string(), id);
        self.names.push(name.to_string());
        id
    }
}

pub fn run() -> String {
    let mut interner = Interner::default();
    let ids = ["a", "b", "a", "c", "b"].map(|name| interner.intern(name));
    format!("{ids:?} {:?}", interner.names)
}
