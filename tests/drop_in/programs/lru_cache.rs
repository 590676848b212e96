use std::collections::VecDeque;

struct Lru {
    capacity: usize,
    values: HashMap<i32, i32>,
    order: VecDeque<i32>,
}

impl Lru {
    fn get(&mut self, key: i32) -> Option<i32> {
        let value = self.values.get(&key).copied()?;
        self.touch(key);
        Some(value)
    }

    fn put(&mut self, key: i32, value: i32) {
        if self.values.len() == self.capacity && !self.values.contains_key(&key) {
            if let Some(oldest) = self.order.pop_front() {
                self.values.remove(&oldest);
            }
        }
        self.values.insert(key, value);
        self.touch(key);
    }

    fn touch(&mut self, key: i32) {
        self.order.retain(|other| *other != key);
        self.order.push_back(key);
    }
}

pub fn run() -> String {
    let mut cache = Lru { capacity: 2, values: HashMap::with_capacity(2), order: VecDeque::new() };
    cache.put(1, 10);
    cache.put(2, 20);
    let hit = cache.get(1);
    cache.put(3, 30);
    format!("{hit:?} {:?} {:?}", cache.get(2), cache.get(3))
}
