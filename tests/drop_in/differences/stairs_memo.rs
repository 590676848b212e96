struct Stairs {
    memo: HashMap<usize, u64>,
}

impl Stairs {
    fn ways(&mut self, n: usize) -> u64 {
        if n <= 1 {
            return 1;
        }
        if self.memo.contains_key(&n) {
            return self.memo[&n];
        }
        let ways = self.ways(n - 1) + self.ways(n - 2);
        self.memo.insert(n, ways);
        ways
    }
}

pub fn run() -> String {
    Stairs { memo: HashMap::new() }.ways(40).to_string()
}
