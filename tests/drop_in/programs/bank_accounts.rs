#[derive(Debug)]
enum Problem {
    Unknown(String),
    Short { missing: i64 },
}

struct Bank {
    accounts: HashMap<String, i64>,
}

impl Bank {
    fn balance(&self, name: &str) -> Result<i64, Problem> {
        self.accounts.get(name).copied().ok_or_else(|| Problem::Unknown(name.to_string()))
    }

    fn transfer(&mut self, from: &str, to: &str, amount: i64) -> Result<(), Problem> {
        let available = self.balance(from)?;
        self.balance(to)?;
        if available < amount {
            return Err(Problem::Short { missing: amount - available });
        }
        *self.accounts.get_mut(from).unwrap() -= amount;
        *self.accounts.get_mut(to).unwrap() += amount;
        Ok(())
    }
}

pub fn run() -> String {
    let mut bank = Bank { accounts: HashMap::new() };
    bank.accounts.insert("ada".to_string(), 100);
    bank.accounts.insert("bob".to_string(), 10);
    let log = [bank.transfer("ada", "bob", 70), bank.transfer("ada", "bob", 70), bank.transfer("ada", "eve", 1)];
    format!("{log:?} {:?} {:?}", bank.balance("ada").unwrap(), bank.balance("bob").unwrap())
}
