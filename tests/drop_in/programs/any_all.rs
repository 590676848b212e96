pub fn run() -> String {
    let done: HashMap<&str, bool> = HashMap::from([("write", true), ("test", false)]);
    let all = done.values().all(|d| *d);
    let any = done.iter().any(|(_, d)| *d);
    let open = done.iter().filter(|(_, d)| !**d).map(|(task, _)| task.to_uppercase()).collect::<Vec<_>>();
    format!("{all} {any} {open:?}")
}
