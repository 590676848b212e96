pub fn run() -> String {
    let mut lives: HashMap<u32, u32> = (0..6).map(|n| (n, n % 3)).collect();
    lives.retain(|_, left| {
        if *left == 0 {
            false
        } else {
            *left -= 1;
            true
        }
    });
    let mut rest: Vec<_> = lives.into_iter().collect();
    rest.sort();
    format!("{rest:?}")
}
