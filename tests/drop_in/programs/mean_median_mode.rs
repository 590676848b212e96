fn mode(numbers: &[i32]) -> i32 {
    let mut counts = HashMap::new();
    for number in numbers {
        *counts.entry(*number).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|&(_, count)| count).map(|(number, _)| number).unwrap()
}

pub fn run() -> String {
    let mut numbers = vec![5, 1, 4, 4, 2, 4, 9];
    let mean = numbers.iter().sum::<i32>() as f64 / numbers.len() as f64;
    numbers.sort();
    format!("{mean:.3} {} {}", numbers[numbers.len() / 2], mode(&numbers))
}
