fn two_sum(numbers: &[i32], target: i32) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    for (index, number) in numbers.iter().enumerate() {
        if let Some(&other) = seen.get(&(target - number)) {
            return Some((other, index));
        }
        seen.insert(*number, index);
    }
    None
}

pub fn run() -> String {
    format!("{:?} {:?}", two_sum(&[2, 7, 11, 15], 9), two_sum(&[1, 2], 9))
}
