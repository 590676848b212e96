use std::hash::{BuildHasherDefault, Hasher};

#[derive(Default)]
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

pub fn run() -> String {
    let mut map: HashMap<u32, &str, BuildHasherDefault<Fnv>> = HashMap::default();
    map.insert(1, "one");
    map.insert(2, "two");
    let removed = map.remove(&1);
    format!("{:?} {removed:?}", map.get(&2).unwrap())
}
