#[derive(Default)]
struct Bus {
    listeners: HashMap<String, Vec<Box<dyn Fn(i32) -> i32>>>,
}

impl Bus {
    fn on(&mut self, event: &str, listener: impl Fn(i32) -> i32 + 'static) {
        self.listeners.entry(event.to_string()).or_default().push(Box::new(listener));
    }

    fn emit(&self, event: &str, value: i32) -> Vec<i32> {
        match self.listeners.get(event) {
            Some(list) => list.iter().map(|listener| listener(value)).collect(),
            None => Vec::new(),
        }
    }
}

pub fn run() -> String {
    let mut bus = Bus::default();
    bus.on("tick", |n| n + 1);
    bus.on("tick", |n| n * 2);
    format!("{:?} {:?}", bus.emit("tick", 5), bus.emit("tock", 5))
}
