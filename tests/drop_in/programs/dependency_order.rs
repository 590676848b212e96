use std::collections::HashSet;

fn resolve(name: &str, tasks: &HashMap<String, Vec<String>>, done: &mut HashSet<String>, order: &mut Vec<String>) {
    if done.contains(name) {
        return;
    }
    done.insert(name.to_string());
    if let Some(needs) = tasks.get(name) {
        for need in needs.iter() {
            resolve(need, tasks, done, order);
        }
    }
    order.push(name.to_string());
}

pub fn run() -> String {
    let mut tasks: HashMap<String, Vec<String>> = HashMap::new();
    tasks.insert("app".into(), vec!["lib".into(), "log".into()]);
    tasks.insert("lib".into(), vec!["core".into()]);
    tasks.insert("log".into(), vec!["core".into()]);
    let mut order = Vec::new();
    resolve("app", &tasks, &mut HashSet::new(), &mut order);
    order.join(" ")
}
