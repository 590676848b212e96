//! What a page shows of suspects: by their three sites, with a bounded number of reports for each. Whatever there is no room
//! for is counted. Nothing here is counted among the conflicts.

use std::collections::{BTreeMap, HashMap};
use std::ops::Add;

use super::findings::{Place, REMEMBERED, REPORTS};
use super::markup::Markup;
use super::tally::Tally;
use crate::report::{Effect, MapIdentity, Severity, SourceSite, Suspect, SuspectKind, SuspectRepeat};

/// Groups that are shown.
pub(super) const GROUPS: usize = 100;

/// What makes two suspects stand in one place.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    effect: Effect,
    severity: Severity,
    map: Option<String>,
    created: SourceSite,
    steps: [Place; 3],
}

/// Suspects of one effect and severity between the same three places.
pub(super) struct Group {
    pub(super) kind: SuspectKind,
    pub(super) effect: Effect,
    pub(super) severity: Severity,
    pub(super) map: MapIdentity,
    /// In the order of time.
    pub(super) steps: [Place; 3],
    pub(super) sentence: &'static str,
    pub(super) advice: &'static str,
    /// In nanoseconds since 1970.
    pub(super) first: u64,
    pub(super) last: u64,
    /// How many there were.
    pub(super) count: u64,
    /// Reports, those that are not shown included.
    pub(super) reports: u64,
    /// The first report, then the latest others.
    pub(super) kept: Vec<Kept>,
}

/// A report that is shown.
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) detected: u64,
    pub(super) count: u64,
    pub(super) body: Body,
}

/// What is shown of a report.
pub(super) enum Body {
    /// It has been on no page yet.
    Taken(Box<Suspect>),
    /// As it is on the page.
    Written(Markup),
}

impl Group {
    fn new(suspect: &Suspect, steps: [Place; 3]) -> Self {
        Self {
            kind: suspect.kind,
            effect: suspect.effect,
            severity: suspect.severity,
            map: suspect.map.clone(),
            steps,
            sentence: suspect.sentence(),
            advice: suspect.advice(),
            first: suspect.detected,
            last: suspect.detected,
            count: 0,
            reports: 0,
            kept: Vec::new(),
        }
    }

    fn take(&mut self, suspect: &Suspect) {
        self.first = self.first.min(suspect.detected);
        self.last = self.last.max(suspect.detected);
        self.count += suspect.count;
        self.reports += 1;
        if self.kept.len() == REPORTS {
            self.kept.remove(1);
        }
        self.kept.push(Kept {
            number: suspect.number,
            detected: suspect.detected,
            count: suspect.count,
            body: Body::Taken(Box::new(suspect.clone())),
        });
    }

    fn repeat(&mut self, repeat: &SuspectRepeat) {
        self.last = self.last.max(repeat.last);
        self.count += repeat.count;
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.number == repeat.number) {
            kept.count += repeat.count;
        }
    }
}

/// See the module's page.
#[derive(Default)]
pub(super) struct Suspects {
    groups: Vec<Group>,
    places: HashMap<Key, usize>,
    /// Where the last suspects went, by number, for the repeats that refer to them: `None` where their group is not shown.
    homes: BTreeMap<u64, Option<usize>>,
    /// Reports of groups that are not shown, and the suspects they stand for.
    pub(super) unlisted: (u64, Tally),
    /// Suspects folded into ones that never came here.
    pub(super) strays: Tally,
}

impl Suspects {
    pub(super) fn take(&mut self, suspect: &Suspect) {
        let place = self.place(suspect);
        match place {
            Some(group) => self.groups[group].take(suspect),
            None => {
                self.unlisted.0 += 1;
                self.unlisted.1 = self.unlisted.1 + Tally::of(suspect.severity, suspect.count);
            }
        }
        self.homes.insert(suspect.number, place);
        if self.homes.len() > REMEMBERED {
            self.homes.pop_first();
        }
    }

    pub(super) fn repeat(&mut self, repeat: &SuspectRepeat) {
        // What does not tell may be a suspect.
        let tally = Tally::of(repeat.severity.unwrap_or(Severity::Suspect), repeat.count);
        match self.homes.get(&repeat.number) {
            Some(Some(group)) => self.groups[*group].repeat(repeat),
            Some(None) => self.unlisted.1 = self.unlisted.1 + tally,
            None => self.strays = self.strays + tally,
        }
    }

    fn place(&mut self, suspect: &Suspect) -> Option<usize> {
        let steps = [&suspect.lookup, &suspect.intervening, &suspect.acting].map(Place::of);
        let MapIdentity { name, created, .. } = &suspect.map;
        let key = Key {
            effect: suspect.effect,
            severity: suspect.severity,
            map: name.clone(),
            created: created.clone(),
            steps: steps.clone(),
        };
        if let Some(known) = self.places.get(&key) {
            return Some(*known);
        }
        if self.groups.len() == GROUPS {
            return None;
        }
        self.groups.push(Group::new(suspect, steps));
        self.places.insert(key, self.groups.len() - 1);
        Some(self.groups.len() - 1)
    }

    /// The groups: those that say most first, then those of which there are most.
    pub(super) fn groups(&self) -> Vec<&Group> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        // A stable sort: those that are alike stay in the order in which they came.
        groups.sort_by_key(|group| std::cmp::Reverse((group.severity, group.count)));
        groups
    }

    /// Suspects and hints, those of groups that are not shown included.
    pub(super) fn tally(&self) -> Tally {
        let shown = self.groups.iter().map(|group| Tally::of(group.severity, group.count));
        shown.fold(self.unlisted.1 + self.strays, Tally::add)
    }

    /// Writes the bodies of reports that are new.
    pub(super) fn write_bodies(&mut self, mut write: impl FnMut(&Suspect) -> Markup) {
        for kept in self.groups.iter_mut().flat_map(|group| &mut group.kept) {
            if let Body::Taken(suspect) = &kept.body {
                kept.body = Body::Written(write(suspect));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// A suspect whose intervening write is at this line.
    fn suspect(number: u64, line: u32) -> Suspect {
        let mut suspect = sample::suspect();
        (suspect.number, suspect.detected) = (number, suspect.detected + number);
        suspect.intervening.site.line = line;
        suspect
    }

    fn repeat(number: u64, count: u64) -> SuspectRepeat {
        SuspectRepeat { number, count, ..sample::suspect_repeat() }
    }

    #[test]
    fn other_sites_maps_and_effects_are_other_groups() {
        let mut all = [1, 2, 3, 4, 5, 6].map(|number| suspect(number, if number == 3 { 11 } else { 10 }));
        all[3].map.name = Some("orders".to_owned());
        all[4].effect = Effect::Removed;
        all[5].severity = Severity::Hint;
        let mut suspects = Suspects::default();
        all.iter().for_each(|suspect| suspects.take(suspect));
        suspects.repeat(&repeat(2, 40));
        assert_eq!(suspects.groups().iter().map(|group| group.count).collect::<Vec<_>>(), [44, 2, 2, 2, 2]);
        let first = suspects.groups()[0];
        assert_eq!((first.first, first.last), (sample::suspect().detected + 1, repeat(2, 40).last));
        assert_eq!(first.kept.iter().map(|kept| kept.count).collect::<Vec<_>>(), [2, 42]);
        assert_eq!(suspects.tally(), Tally { suspects: 50, hints: 2 });
    }

    #[test]
    fn those_that_say_more_come_first() {
        let mut suspects = Suspects::default();
        suspects.take(&Suspect { severity: Severity::Hint, count: 100, ..suspect(1, 10) });
        suspects.take(&suspect(2, 11));
        let severities: Vec<_> = suspects.groups().iter().map(|group| group.severity).collect();
        assert_eq!(severities, [Severity::Suspect, Severity::Hint]);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let mut suspects = Suspects::default();
        let all = GROUPS as u64 + 50;
        for number in 1..=all {
            suspects.take(&suspect(number, u32::try_from(number).expect("a small number")));
        }
        suspects.take(&Suspect { severity: Severity::Hint, ..suspect(all + 1, 1) });
        suspects.repeat(&repeat(all, 7));
        suspects.repeat(&SuspectRepeat { severity: Some(Severity::Hint), ..repeat(all + 1, 8) });
        suspects.repeat(&repeat(all + 2, 2));
        suspects.repeat(&SuspectRepeat { severity: Some(Severity::Hint), ..repeat(all + 2, 3) });
        let (unlisted, strays) = (Tally { suspects: 50 * 2 + 7, hints: 2 + 8 }, Tally { suspects: 2, hints: 3 });
        assert_eq!((suspects.groups().len(), suspects.unlisted, suspects.strays), (GROUPS, (51, unlisted), strays));
        assert_eq!(suspects.tally(), Tally { suspects: all * 2 + 9, hints: 13 });
    }

    #[test]
    fn memory_is_bounded() {
        let mut suspects = Suspects::default();
        for number in 1..=2 * REMEMBERED as u64 {
            suspects.take(&suspect(number, u32::try_from(number % 1_000).expect("a small number")));
        }
        assert_eq!((suspects.groups.len(), suspects.places.len(), suspects.homes.len()), (GROUPS, GROUPS, REMEMBERED));
        assert!(suspects.groups.iter().all(|group| group.kept.len() <= REPORTS));
    }
}
