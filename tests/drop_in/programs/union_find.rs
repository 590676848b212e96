struct Groups {
    parent: HashMap<u32, u32>,
}

impl Groups {
    fn root(&mut self, node: u32) -> u32 {
        let parent = *self.parent.entry(node).or_insert(node);
        if parent == node {
            return node;
        }
        let root = self.root(parent);
        self.parent.insert(node, root);
        root
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent.insert(a, b);
    }
}

pub fn run() -> String {
    let mut groups = Groups { parent: HashMap::new() };
    groups.join(1, 2);
    groups.join(3, 4);
    groups.join(2, 3);
    format!("{} {}", groups.root(1) == groups.root(4), groups.root(1) == groups.root(5))
}
