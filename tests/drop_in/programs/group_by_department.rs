#[derive(Debug, Clone)]
struct Employee {
    name: &'static str,
    department: &'static str,
    salary: u32,
}

pub fn run() -> String {
    let staff = vec![
        Employee { name: "Ada", department: "R&D", salary: 120 },
        Employee { name: "Bob", department: "Sales", salary: 80 },
        Employee { name: "Cyd", department: "R&D", salary: 100 },
    ];
    let mut by_department: HashMap<String, Vec<Employee>> = HashMap::new();
    for person in &staff {
        by_department.entry(person.department.to_string()).or_default().push(person.clone());
    }
    let mut report: Vec<String> = by_department
        .iter()
        .map(|(name, people)| {
            let total: u32 = people.iter().map(|p| p.salary).sum();
            let names: Vec<_> = people.iter().map(|p| p.name).collect();
            format!("{name}: {total} {}", names.join("+"))
        })
        .collect();
    report.sort();
    report.join("; ")
}
