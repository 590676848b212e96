struct Cacher<F: Fn(u32) -> u32> {
    calculation: F,
    values: HashMap<u32, u32>,
}

impl<F: Fn(u32) -> u32> Cacher<F> {
    fn new(calculation: F) -> Self {
        Cacher { calculation, values: HashMap::new() }
    }

    fn value(&mut self, argument: u32) -> u32 {
        match self.values.get(&argument) {
            Some(v) => *v,
            None => {
                let v = (self.calculation)(argument);
                self.values.insert(argument, v);
                v
            }
        }
    }
}

pub fn run() -> String {
    let mut cacher = Cacher::new(|n| n * n);
    format!("{} {} {}", cacher.value(4), cacher.value(4), cacher.values.len())
}
