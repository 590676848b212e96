use std::collections::HashSet;

fn visit(
    graph: &HashMap<&str, Vec<&'static str>>,
    node: &'static str,
    seen: &mut HashSet<&'static str>,
    out: &mut Vec<String>,
) {
    if !seen.insert(node) {
        return;
    }
    out.push(node.to_owned());
    for next in graph.get(node).unwrap() {
        visit(graph, next, seen, out);
    }
}

pub fn run() -> String {
    let graph = HashMap::from([("a", vec!["b", "c"]), ("b", vec!["d"]), ("c", vec!["d"]), ("d", vec![])]);
    let mut out = Vec::new();
    visit(&graph, "a", &mut HashSet::new(), &mut out);
    out.join(" ")
}
