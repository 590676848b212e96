#[derive(Debug, Default)]
struct Inventory {
    items: HashMap<String, u32>,
}

impl Inventory {
    fn add(&mut self, name: &str, quantity: u32) {
        *self.items.entry(name.to_string()).or_insert(0) += quantity;
    }

    fn take(&mut self, name: &str, quantity: u32) -> Result<u32, String> {
        match self.items.get_mut(name) {
            None => Err(format!("no {name}")),
            Some(stock) if *stock < quantity => Err(format!("only {stock} {name}")),
            Some(stock) => {
                *stock -= quantity;
                Ok(*stock)
            }
        }
    }
}

pub fn run() -> String {
    let mut inventory = Inventory::default();
    inventory.add("nail", 100);
    inventory.add("nail", 20);
    let results = [inventory.take("nail", 50), inventory.take("nail", 100), inventory.take("screw", 1)];
    format!("{results:?}")
}
