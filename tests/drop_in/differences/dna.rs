fn count(nucleotide: char, dna: &str) -> Result<usize, char> {
    if !"ACGT".contains(nucleotide) {
        return Err(nucleotide);
    }
    nucleotides(dna)?.remove(&nucleotide).ok_or(nucleotide)
}

fn nucleotides(dna: &str) -> Result<HashMap<char, usize>, char> {
    let mut counts: HashMap<_, _> = "ACGT".chars().map(|n| (n, 0)).collect();
    for nucleotide in dna.chars() {
        counts.get_mut(&nucleotide).map(|count| *count += 1).ok_or(nucleotide)?;
    }
    Ok(counts)
}

pub fn run() -> String {
    format!("{:?} {:?} {:?}", count('A', "GATTACA"), count('X', "A"), count('A', "AXA"))
}
