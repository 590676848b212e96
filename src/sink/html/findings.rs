//! What a page shows: conflicts by pair of sites, with a bounded number of reports for each pair. Whatever there is no room
//! for is counted.

use std::collections::{BTreeMap, HashMap};

use super::markup::Markup;
use crate::ConflictKind;
use crate::report::{MapIdentity, Repeat, Report, Side, SourceSite};

/// Pairs that are shown. Each is a bug of its own, so a page with more would not be read to its end.
pub(super) const PAIRS: usize = 100;

/// Reports that are shown of a pair for each of the two ways it can meet: the first, and the latest.
pub(super) const REPORTS: usize = 2;

/// Reports whose repeats can still be told from those of others: more than have a window open or a count untold.
pub(super) const REMEMBERED: usize = 8_192;

/// An operation at a site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) operation: String,
    pub(super) site: SourceSite,
}

impl Place {
    pub(super) fn of(side: &Side) -> Self {
        Self { operation: side.operation.clone(), site: side.site.clone() }
    }

    fn rank(&self) -> (&str, u32, u32, &str) {
        (&self.site.file, self.site.line, self.site.column, &self.operation)
    }
}

/// What makes two reports stand in one place: which of the two sides was inside does not matter.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    kind: ConflictKind,
    map: Option<String>,
    created: SourceSite,
    /// In the order of their ranks.
    places: [Option<Place>; 2],
}

impl Key {
    fn of(report: &Report) -> Self {
        let mut places = [report.holder.as_ref().map(Place::of), Some(Place::of(&report.contender))];
        places.sort_by(|one, other| one.as_ref().map(Place::rank).cmp(&other.as_ref().map(Place::rank)));
        Self { kind: report.kind, map: report.map.name.clone(), created: report.map.created.clone(), places }
    }
}

/// Which of a pair's places was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As in the pair's first report.
    Forth = 0,
    /// The other way round.
    Back = 1,
}

/// Two places that collide.
pub(super) struct Pair {
    /// A report of it, as it came first.
    pub(super) kind: ConflictKind,
    pub(super) map: MapIdentity,
    /// The place that was inside in the first report; `None` where it could not be named.
    pub(super) inside: Option<Place>,
    /// The place that was refused in the first report.
    pub(super) refused: Place,
    pub(super) sentence: String,
    pub(super) advice: String,
    /// In nanoseconds since 1970.
    pub(super) first: u64,
    pub(super) last: u64,
    ways: [Encounters; 2],
}

/// The conflicts of a pair that met one way.
#[derive(Default)]
pub(super) struct Encounters {
    pub(super) conflicts: u64,
    pub(super) reports: u64,
    /// The first report, then the latest others.
    pub(super) kept: Vec<Kept>,
}

/// A report that is shown.
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) detected: u64,
    pub(super) outcome: crate::report::Outcome,
    pub(super) conflicts: u64,
    pub(super) body: Body,
}

/// What is shown of a report.
pub(super) enum Body {
    /// It has been on no page yet.
    Taken(Box<Report>),
    /// As it is on the page: a report does not change, and symbols and source lines are not looked at again.
    Written(Markup),
}

impl Pair {
    fn new(report: &Report) -> Self {
        Self {
            kind: report.kind,
            map: report.map.clone(),
            inside: report.holder.as_ref().map(Place::of),
            refused: Place::of(&report.contender),
            sentence: report.sentence().to_string(),
            advice: report.advice().to_string(),
            first: report.detected,
            last: report.detected,
            ways: Default::default(),
        }
    }

    fn way(&self, report: &Report) -> Way {
        if self.refused == Place::of(&report.contender) { Way::Forth } else { Way::Back }
    }

    pub(super) fn encounters(&self, way: Way) -> &Encounters {
        &self.ways[way as usize]
    }

    pub(super) fn conflicts(&self) -> u64 {
        self.ways.iter().map(|way| way.conflicts).sum()
    }

    /// Reports, those that are not shown included.
    pub(super) fn reports(&self) -> u64 {
        self.ways.iter().map(|way| way.reports).sum()
    }

    /// The reports that are shown, in the order of their numbers.
    pub(super) fn kept(&self) -> Vec<&Kept> {
        let mut kept: Vec<_> = self.ways.iter().flat_map(|way| &way.kept).collect();
        kept.sort_by_key(|kept| kept.number);
        kept
    }

    fn bodies(&mut self) -> impl Iterator<Item = &mut Body> {
        self.ways.iter_mut().flat_map(|way| &mut way.kept).map(|kept| &mut kept.body)
    }
}

impl Encounters {
    fn take(&mut self, report: &Report) {
        self.conflicts += report.count;
        self.reports += 1;
        if self.kept.len() == REPORTS {
            self.kept.remove(1);
        }
        self.kept.push(Kept {
            number: report.number,
            detected: report.detected,
            outcome: report.outcome,
            conflicts: report.count,
            body: Body::Taken(Box::new(report.clone())),
        });
    }

    fn repeat(&mut self, number: u64, count: u64) {
        self.conflicts += count;
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.number == number) {
            kept.conflicts += count;
        }
    }
}

/// All that a page shows.
#[derive(Default)]
pub(super) struct Findings {
    pairs: Vec<Pair>,
    places: HashMap<Key, usize>,
    /// Where the reports of the last while went, for the repeats that refer to them by number: `None` where their pair is
    /// not shown.
    homes: BTreeMap<u64, Option<(usize, Way)>>,
    /// Reports of pairs that are not shown, and the conflicts they stand for.
    pub(super) unlisted: (u64, u64),
    /// Conflicts folded into reports that never came here.
    pub(super) strays: u64,
}

impl Findings {
    pub(super) fn take(&mut self, report: &Report) {
        let place = self.place(report);
        match place {
            Some((pair, way)) => {
                let pair = &mut self.pairs[pair];
                pair.first = pair.first.min(report.detected);
                pair.last = pair.last.max(report.detected);
                pair.ways[way as usize].take(report);
            }
            None => {
                self.unlisted.0 += 1;
                self.unlisted.1 += report.count;
            }
        }
        self.homes.insert(report.number, place);
        if self.homes.len() > REMEMBERED {
            self.homes.pop_first();
        }
    }

    pub(super) fn repeat(&mut self, repeat: &Repeat) {
        match self.homes.get(&repeat.number) {
            Some(Some((pair, way))) => {
                let pair = &mut self.pairs[*pair];
                pair.last = pair.last.max(repeat.last);
                pair.ways[*way as usize].repeat(repeat.number, repeat.count);
            }
            Some(None) => self.unlisted.1 += repeat.count,
            None => self.strays += repeat.count,
        }
    }

    fn place(&mut self, report: &Report) -> Option<(usize, Way)> {
        let key = Key::of(report);
        let known = self.places.get(&key).copied();
        let pair = match known {
            Some(pair) => pair,
            None if self.pairs.len() == PAIRS => return None,
            None => {
                self.pairs.push(Pair::new(report));
                self.places.insert(key, self.pairs.len() - 1);
                self.pairs.len() - 1
            }
        };
        Some((pair, self.pairs[pair].way(report)))
    }

    /// The pairs, those that collide most first.
    pub(super) fn pairs(&self) -> Vec<&Pair> {
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        // A stable sort: those that collide alike stay in the order in which they came.
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.conflicts()));
        pairs
    }

    /// Conflicts, those of pairs that are not shown included.
    pub(super) fn conflicts(&self) -> u64 {
        self.pairs.iter().map(Pair::conflicts).sum::<u64>() + self.unlisted.1 + self.strays
    }

    /// Writes the bodies of reports that are new.
    pub(super) fn write_bodies(&mut self, mut write: impl FnMut(&Report) -> Markup) {
        for body in self.pairs.iter_mut().flat_map(Pair::bodies) {
            if let Body::Taken(report) = body {
                *body = Body::Written(write(report));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// A report of a pair that has its holder at this line.
    fn report(number: u64, line: u32) -> Report {
        let mut report = sample::report();
        (report.number, report.detected) = (number, report.detected + number);
        sample::holder(&mut report).site.line = line;
        report
    }

    /// The same two sites the other way round.
    fn reversed(mut report: Report) -> Report {
        let holder = report.holder.take().expect("the sample has a holder");
        report.holder = Some(std::mem::replace(&mut report.contender, holder));
        report
    }

    fn repeat(number: u64, count: u64) -> Repeat {
        let mut repeat = sample::repeat();
        (repeat.number, repeat.count) = (number, count);
        repeat
    }

    #[test]
    fn both_ways_of_a_pair_are_one() {
        let mut findings = Findings::default();
        findings.take(&report(1, 10));
        findings.take(&reversed(report(2, 10)));
        findings.take(&report(3, 11));
        findings.repeat(&repeat(2, 40));
        let pairs = findings.pairs();
        assert_eq!(pairs.len(), 2);
        assert_eq!(pairs[0].conflicts(), 3 + 3 + 40);
        assert_eq!(pairs[0].encounters(Way::Forth).conflicts, 3);
        assert_eq!(pairs[0].encounters(Way::Back).conflicts, 43);
        assert_eq!(pairs[0].kept().iter().map(|kept| kept.conflicts).collect::<Vec<_>>(), [3, 43]);
        assert_eq!((pairs[0].first, pairs[0].last), (sample::report().detected + 1, repeat(2, 40).last));
        assert_eq!(findings.conflicts(), 49);
    }

    #[test]
    fn other_maps_and_kinds_are_other_pairs() {
        let mut findings = Findings::default();
        let mut reports = [report(1, 10), report(2, 10), report(3, 10), report(4, 10), report(5, 10)];
        reports[1].kind = ConflictKind::ReadWrite;
        reports[2].map.name = Some("orders".to_owned());
        reports[3].holder = None;
        // One more of the same name from the same line, such as a request's own.
        reports[4].map.id += 1;
        reports.iter().for_each(|report| findings.take(report));
        assert_eq!(findings.pairs().len(), 4);
    }

    #[test]
    fn the_first_and_the_latest_report_of_each_way_are_kept() {
        let mut findings = Findings::default();
        for number in 1..=1_000 {
            findings.take(&report(2 * number, 10));
            findings.take(&reversed(report(2 * number + 1, 10)));
        }
        let pairs = findings.pairs();
        assert_eq!(pairs[0].kept().iter().map(|kept| kept.number).collect::<Vec<_>>(), [2, 3, 2_000, 2_001]);
        assert_eq!((pairs[0].reports(), pairs[0].conflicts()), (2_000, 6_000));
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let mut findings = Findings::default();
        let all = PAIRS as u64 + 50;
        for number in 1..=all {
            findings.take(&report(number, u32::try_from(number).expect("a small number")));
        }
        findings.repeat(&repeat(all, 7));
        findings.repeat(&repeat(all + 1, 2));
        assert_eq!(findings.pairs().len(), PAIRS);
        assert_eq!(findings.unlisted, (50, 50 * 3 + 7));
        assert_eq!(findings.strays, 2);
        assert_eq!(findings.conflicts(), all * 3 + 9);
    }

    #[test]
    fn memory_is_bounded() {
        let mut findings = Findings::default();
        for number in 1..=2 * REMEMBERED as u64 {
            findings.take(&report(number, u32::try_from(number % 1_000).expect("a small number")));
        }
        assert_eq!((findings.pairs.len(), findings.places.len(), findings.homes.len()), (PAIRS, PAIRS, REMEMBERED));
        assert!(findings.pairs.iter().all(|pair| pair.kept().len() <= 2 * REPORTS));
    }

    #[test]
    fn those_that_collide_most_come_first() {
        let mut findings = Findings::default();
        findings.take(&report(1, 10));
        findings.take(&report(2, 11));
        findings.take(&report(3, 12));
        findings.repeat(&repeat(2, 1));
        let lines = |findings: &Findings| -> Vec<_> {
            let pairs = findings.pairs();
            pairs.iter().map(|pair| pair.inside.as_ref().expect("named").site.line).collect()
        };
        assert_eq!(lines(&findings), [11, 10, 12]);
    }
}
