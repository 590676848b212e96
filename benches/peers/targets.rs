//! What the library promises, and whether this run bears it out.

use crate::alternate::Worst;
use crate::conflict::Stall;
use crate::matrix::SMALL;
use crate::table::{About, Table};
use crate::turns::{HANDED_OVER, READ_MOSTLY};

/// Everything one run has measured.
pub(crate) struct Results {
    pub(crate) tables: Vec<Table>,
    pub(crate) worst: Vec<Worst>,
    pub(crate) stalls: Vec<Stall>,
}

pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: String,
    /// What was measured, for people.
    pub(crate) seen: String,
    /// `None` where this run does not say.
    pub(crate) met: Option<bool>,
}

const STD: &str = "hash_map::HashMap";
const WITH: &str = "CheckedMap::with";
const GUARDS: &str = "CheckedMap";

impl Results {
    fn table(&self, operation: &str, key: &str, hasher: &str, threads: usize) -> Option<&Table> {
        self.tables.iter().find(|table| {
            let About { operation: other, key: keys, hasher: hash, entries, threads: many } = &table.about;
            (*other, *keys, *hash, *entries, *many) == (operation, key, hasher, SMALL, threads)
        })
    }

    /// A target on the ratio of a subject to another in one table.
    fn at_most(&self, table: Option<&Table>, subject: &str, other: &str, bound: f64) -> Target {
        let ratio = table.and_then(|table| Some(table.median(subject)? / table.median(other)?));
        let title = table.map_or_else(|| "not measured".into(), |table| table.about.title());
        let doubt = table.and_then(|table| table.doubt([subject, other]));
        Target {
            what: format!("{title}: {subject} / {other}"),
            bound: format!("<= {bound:.2}"),
            seen: ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}{}", in_brackets(doubt))),
            met: ratio.filter(|_| doubt.is_none()).map(|ratio| ratio <= bound),
        }
    }

    pub(crate) fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        for operation in ["get", "insert"] {
            let table = self.table(operation, "u64", "foldhash", 1);
            for (subject, bound) in [(STD, 1.5), (WITH, 1.5), (GUARDS, 1.8)] {
                targets.push(self.at_most(table, subject, "HashMap", bound));
            }
        }
        for operation in ["get", "insert"] {
            let table = self.table(operation, "String", "SipHash", 1);
            for subject in [STD, WITH, GUARDS] {
                targets.push(self.at_most(table, subject, "HashMap", 1.1));
            }
        }
        targets.extend(self.against_peers());
        let table = self.table("get", "u64", "foldhash", 2);
        for subject in [STD, WITH, GUARDS] {
            targets.push(self.at_most(table, subject, "HashMap", 1.0 / 0.9));
            targets.push(self.at_most(table, subject, "parking_lot RwLock", 0.1));
        }
        let table = self.table(HANDED_OVER, "u64", "foldhash", 2);
        for subject in [STD, WITH, GUARDS] {
            targets.push(self.at_most(table, subject, "HashMap", 1.25));
        }
        let table = self.table("mixed 50/50", "u64", "foldhash", 2);
        targets.push(self.at_most(table, "CheckedMap, degraded", "parking_lot RwLock", 1.15));
        targets.extend(self.stall());
        targets.extend(self.worst_case());
        targets
    }

    /// Single-owner and read-mostly tables against the fastest sound peer in each.
    fn against_peers(&self) -> Vec<Target> {
        let ours = |table: &&Table| {
            table.about.threads == 1 && table.about.operation != HANDED_OVER
                || matches!(table.about.operation, "get" | "get guard" | "iterate" | READ_MOSTLY)
        };
        let (mut cells, mut doubtful, mut lost) = (0, 0, Vec::new());
        let mut targets = Vec::new();
        for table in self.tables.iter().filter(ours) {
            let Some(peer) = table.fastest_peer() else { continue };
            for line in table.checked() {
                if table.doubt([line.subject, peer.subject]).is_some() {
                    doubtful += 1;
                    continue;
                }
                cells += 1;
                let ratio = line.spread.median / peer.spread.median;
                if ratio >= 1.0 {
                    lost.push(format!("{}: {} {ratio:.2} of {}", table.about.title(), line.subject, peer.subject));
                }
                if table.about.operation == "get" && table.about.key == "u64" {
                    targets.push(Target {
                        what: format!("{}: {} against {}", table.about.title(), line.subject, peer.subject),
                        bound: ">= 3x".into(),
                        seen: format!("{:.2}x", 1.0 / ratio),
                        met: Some(1.0 / ratio >= 3.0),
                    });
                }
            }
        }
        let list: String = lost.iter().map(|cell| format!("\n        {cell}")).collect();
        let seen = format!("{} of {cells} lines lost, {doubtful} disturbed{list}", lost.len());
        targets.push(Target {
            what: "single owner or read mostly: faster than the fastest sound peer".into(),
            bound: "every cell".into(),
            seen,
            met: (cells > 0).then_some(lost.is_empty()),
        });
        targets
    }

    fn stall(&self) -> impl Iterator<Item = Target> {
        let each = |stall: &Stall, side: &str, time: f64| Target {
            what: format!("conflict in log mode, {}: {side}'s stall", stall.stay),
            bound: "<= 50 us".into(),
            seen: format!("{:.1} us", time / 1000.0),
            met: time.is_finite().then_some(time <= 50_000.0),
        };
        self.stalls.iter().flat_map(move |stall| {
            [each(stall, "holder", stall.holder.median), each(stall, "contender", stall.contender.median)]
        })
    }

    fn worst_case(&self) -> Option<Target> {
        let worst = self.worst.iter().max_by(|a, b| a.ratio().total_cmp(&b.ratio()))?;
        Some(Target {
            what: format!("alternating owners, worst streak ({}): regimes / counted alone", worst.streak),
            bound: "stated".into(),
            seen: format!("{:.2}", worst.ratio()),
            met: None,
        })
    }
}

fn in_brackets(doubt: Option<&str>) -> String {
    doubt.map(|doubt| format!(" ({doubt})")).unwrap_or_default()
}

pub(crate) fn print(targets: &[Target]) {
    println!("\ntargets");
    for Target { what, bound, seen, met } in targets {
        let mark = match met {
            Some(true) => "met   ",
            Some(false) => "MISSED",
            None => "  -   ",
        };
        println!("  {mark} {what}   [{bound}]   {seen}");
    }
}
