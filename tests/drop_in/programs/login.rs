#[derive(PartialEq, Eq, Hash)]
struct Account<'a> {
    username: &'a str,
    password: &'a str,
}

struct Info<'a> {
    name: &'a str,
    email: &'a str,
}

type Accounts<'a> = HashMap<Account<'a>, Info<'a>>;

fn logon<'a>(accounts: &Accounts<'a>, username: &'a str, password: &'a str) -> String {
    match accounts.get(&Account { username, password }) {
        Some(info) => format!("welcome {} <{}>", info.name, info.email),
        _ => "failed".to_string(),
    }
}

pub fn run() -> String {
    let mut accounts: Accounts = HashMap::new();
    accounts.insert(Account { username: "j", password: "p" }, Info { name: "John", email: "j@example.org" });
    format!("{} {}", logon(&accounts, "j", "x"), logon(&accounts, "j", "p"))
}
