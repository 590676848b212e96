struct Scopes {
    stack: Vec<HashMap<String, i64>>,
}

impl Scopes {
    fn define(&mut self, name: &str, value: i64) {
        self.stack.last_mut().unwrap().insert(name.to_string(), value);
    }

    fn lookup(&self, name: &str) -> Option<i64> {
        self.stack.iter().rev().find_map(|scope| scope.get(name).copied())
    }
}

pub fn run() -> String {
    let mut scopes = Scopes { stack: vec![HashMap::new()] };
    scopes.define("x", 1);
    scopes.define("y", 2);
    scopes.stack.push(HashMap::new());
    scopes.define("x", 10);
    let inner = (scopes.lookup("x"), scopes.lookup("y"), scopes.lookup("z"));
    scopes.stack.pop();
    format!("{inner:?} {:?}", scopes.lookup("x"))
}
