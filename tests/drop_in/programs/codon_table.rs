struct Codons<'a> {
    names: HashMap<&'a str, &'a str>,
}

impl<'a> Codons<'a> {
    fn name_for(&self, codon: &str) -> Option<&'a str> {
        self.names.get(codon).copied()
    }

    fn of_rna(&self, rna: &'a str) -> Option<Vec<&'a str>> {
        rna.as_bytes()
            .chunks(3)
            .map(|codon| self.name_for(std::str::from_utf8(codon).unwrap()))
            .take_while(|name| *name != Some("stop"))
            .collect()
    }
}

pub fn run() -> String {
    let codons =
        Codons { names: [("AUG", "methionine"), ("UGG", "tryptophan"), ("UAA", "stop")].into_iter().collect() };
    format!("{:?} {:?}", codons.of_rna("AUGUGGUAAAUG"), codons.of_rna("AUGX"))
}
