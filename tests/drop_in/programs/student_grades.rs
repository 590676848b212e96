struct School {
    grades: HashMap<u32, Vec<String>>,
}

impl School {
    fn add(&mut self, grade: u32, student: &str) {
        self.grades.entry(grade).or_default().push(student.to_string());
    }

    fn grades(&self) -> Vec<u32> {
        let mut grades: Vec<u32> = self.grades.keys().cloned().collect();
        grades.sort();
        grades
    }

    fn grade(&self, grade: u32) -> Vec<String> {
        let mut students = self.grades.get(&grade).cloned().unwrap_or_default();
        students.sort();
        students
    }
}

pub fn run() -> String {
    let mut school = School { grades: HashMap::new() };
    school.add(2, "Zoe");
    school.add(1, "Ann");
    school.add(2, "Bob");
    format!("{:?} {:?} {:?}", school.grades(), school.grade(2), school.grade(7))
}
