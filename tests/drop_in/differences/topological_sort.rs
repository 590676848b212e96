use std::collections::BTreeSet;

pub fn run() -> String {
    let edges =
        [("shirt", "tie"), ("tie", "jacket"), ("trousers", "shoes"), ("trousers", "jacket"), ("socks", "shoes")];
    let mut incoming: HashMap<&str, usize> = HashMap::new();
    let mut outgoing: HashMap<&str, Vec<&str>> = HashMap::new();
    for (before, after) in edges {
        incoming.entry(before).or_insert(0);
        *incoming.entry(after).or_insert(0) += 1;
        outgoing.entry(before).or_default().push(after);
    }
    let mut ready: BTreeSet<&str> = incoming.iter().filter(|(_, n)| **n == 0).map(|(name, _)| *name).collect();
    let mut order = vec![];
    while let Some(name) = ready.pop_first() {
        order.push(name);
        if let Some(afters) = outgoing.remove(name) {
            for after in afters {
                let left = incoming.get_mut(after).unwrap();
                *left -= 1;
                if *left == 0 {
                    ready.insert(after);
                }
            }
        }
    }
    order.join(" ")
}
