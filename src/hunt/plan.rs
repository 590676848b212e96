//! What one run leaves to the next: which pairs to hunt, and which are known.
//!
//! The text form has a version in its first line, and a line per pair with a tab between its columns: the state,
//! `candidate` or `known`; the delay to begin with in nanoseconds; where the map was made; its name, or that place again; and
//! the operation and place of each side. Empty lines, and lines that begin with `#`, do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::pairs::{CAPACITY, Key, MOST_KNOWN, Pair};
use super::planned::Planned;

const TITLE: &str = "checkedmap hunt plan ";
const VERSION: &str = "1";
const COLUMNS: &str =
    "# state, first delay in ns, where the map was made, its name, then operation and place of each side";

/// See the module's page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan(BTreeMap<Key, Planned>);

/// Why a text is no plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParsePlanError {
    /// From 1.
    line: usize,
    reason: String,
}

impl fmt::Display for ParsePlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl Plan {
    /// What this run has to say of its pairs.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Self {
        Self(pairs.filter_map(Planned::of).map(|planned| (planned.key(), planned)).collect())
    }

    /// How many pairs there are to hunt.
    pub(super) fn candidates(&self) -> usize {
        self.0.values().filter(|planned| planned.delay.is_some()).count()
    }

    pub(super) fn into_pairs(self) -> impl Iterator<Item = (Key, Planned)> {
        self.0.into_iter()
    }

    /// The plan that another run has left, brought up to date with what this one knows. What this run has given up does
    /// not stay, and what has been reported stays known.
    pub(super) fn update(mut self, mine: Self, given_up: &[Key]) -> Self {
        self.0.retain(|key, planned| planned.delay.is_none() || !given_up.contains(key));
        let own = mine.0.keys().copied().collect();
        for (key, planned) in mine.0 {
            match self.0.get(&key) {
                Some(known) if known.delay.is_none() => {}
                _ => {
                    self.0.insert(key, planned);
                }
            }
        }
        self.trim(&own);
        self
    }

    /// Lets the pairs that are too many go: of those that are known and of the candidates alike, first what the run that
    /// knows `own` has nothing to say of.
    fn trim(&mut self, own: &BTreeSet<Key>) {
        let (known, candidates): (Vec<_>, Vec<_>) = self.0.iter().partition(|(_, planned)| planned.delay.is_none());
        let most_known = known.len().min(MOST_KNOWN);
        let superfluous = |pairs: Vec<(&Key, _)>, room: usize| {
            let mut keys: Vec<Key> = pairs.into_iter().map(|(key, _)| *key).collect();
            keys.sort_by_key(|key| !own.contains(key));
            keys.split_off(room.min(keys.len()))
        };
        let gone = [superfluous(known, most_known), superfluous(candidates, CAPACITY - most_known)].concat();
        for key in gone {
            self.0.remove(&key);
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, ParsePlanError> {
        let mut lines = text.lines().enumerate();
        let title = lines.next().map_or("", |(_, line)| line.trim_end());
        match title.strip_prefix(TITLE) {
            Some(VERSION) => {}
            Some(version) => {
                let reason = format!("version {version:?} of the plan; this version of checkedmap reads {VERSION}");
                return Err(ParsePlanError { line: 1, reason });
            }
            None => {
                let reason = format!("a hunt plan begins with \"{TITLE}{VERSION}\"");
                return Err(ParsePlanError { line: 1, reason });
            }
        }
        let pairs = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let pairs = pairs.map(|(index, line)| {
            let planned = Planned::parse(line).map_err(|reason| ParsePlanError { line: index + 1, reason })?;
            Ok((planned.key(), planned))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}{VERSION}\n{COLUMNS}")?;
        self.0.values().try_for_each(|planned| writeln!(f, "{}", planned.line()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::access::Operation;
    use crate::hunt::pairs::{Meeting, Pairs};
    use crate::hunt::place::Place;
    use crate::hunt::spot::Spot;

    pub(in crate::hunt) fn planned(line: u32, delay: Option<u64>, label: &str) -> Planned {
        let place = |line| Place::parse(&format!("src/odd:\tname.rs:{line}:9")).expect("a place");
        let spot = |operation, line| Spot { operation, place: place(line) };
        let spots = [spot(Operation::Insert, line), spot(Operation::Get, line + 1)];
        Planned { delay, made: place(1), label: label.to_owned(), spots }
    }

    fn plan(entries: &[Planned]) -> Plan {
        Plan(entries.iter().map(|planned| (planned.key(), planned.clone())).collect())
    }

    #[test]
    fn a_plan_reads_back_equal() {
        let plan = plan(&[
            planned(10, Some(400_000), "sessions"),
            planned(20, None, "tabs\tand\nlines\\and \\t"),
            planned(30, Some(1), ""),
        ]);
        assert_eq!(Plan::parse(&plan.to_string()), Ok(plan));
        assert_eq!(Plan::parse(&Plan::default().to_string()), Ok(Plan::default()));
        assert_eq!(Plan::parse("checkedmap hunt plan 1\n\n# by hand\n"), Ok(Plan::default()));
    }

    #[test]
    fn what_is_no_plan_is_refused_with_the_line() {
        let good = planned(10, Some(1), "m").line();
        for (text, reason) in [
            (String::new(), "line 1: a hunt plan begins with"),
            ("{}".to_owned(), "line 1: a hunt plan begins with"),
            (format!("{TITLE}2\n"), "line 1: version \"2\" of the plan"),
            (format!("{TITLE}1\n{good}\nnonsense\n"), "line 3: fewer columns"),
            (format!("{TITLE}1\n{good}\tmore\n"), "line 2: 9 columns where a pair has 8"),
            (format!("{TITLE}1\n{}\n", good.replace("candidate", "suspect")), "\"suspect\" is no state"),
            (format!("{TITLE}1\n{}\n", good.replace("insert", "inspect")), "\"inspect\" is no operation"),
            (format!("{TITLE}1\n{}\n", good.replace(":10:9", ":ten:9")), "is no place"),
            (format!("{TITLE}1\n{}\n", good.replace("\t1\t", "\tsoon\t")), "\"soon\" is no delay"),
        ] {
            let error = Plan::parse(&text).expect_err(&text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_table_survives_the_plan() {
        let mut pairs = Pairs::default();
        for planned in [planned(10, Some(0), "hunted"), planned(20, None, "known"), planned(30, Some(0), "handed over")]
        {
            let (key, known) = (planned.key(), planned.delay.is_none());
            let gap = (planned.label != "handed over").then_some(300_000);
            let meeting = Meeting { key, near_miss: gap, hand_over: true };
            pairs.meet(&meeting, Some(1_000_000), || planned.clone().into_pair());
            if known {
                pairs.find(key, || unreachable!("it is there"));
            }
        }
        let plan = Plan::parse(&Plan::of(pairs.iter()).to_string()).expect("it reads back");
        let mut kept: Vec<_> = plan.into_pairs().map(|(_, planned)| (planned.label, planned.delay)).collect();
        kept.sort();
        assert_eq!(kept, [("hunted".to_owned(), Some(600_000)), ("known".to_owned(), None)]);
    }

    #[test]
    fn plans_of_several_runs_come_together() {
        let theirs = plan(&[planned(10, None, "m"), planned(20, Some(5), "m"), planned(30, Some(5), "m")]);
        let mine = plan(&[planned(10, Some(7), "m"), planned(20, None, "m"), planned(40, Some(7), "m")]);
        let given_up = [planned(30, None, "m").key(), planned(10, None, "m").key()];
        let both = theirs.update(mine, &given_up);
        assert_eq!(both, plan(&[planned(10, None, "m"), planned(20, None, "m"), planned(40, Some(7), "m")]));
    }

    #[test]
    fn a_plan_is_bounded_and_keeps_what_is_known() {
        let mut entries: Vec<_> = (0..2 * CAPACITY as u32).map(|line| planned(10 + 2 * line, Some(5), "m")).collect();
        entries.push(planned(1, None, "m"));
        let bounded = Plan::default().update(plan(&entries), &[]);
        assert_eq!(bounded.0.len(), CAPACITY);
        assert!(bounded.0.contains_key(&planned(1, None, "m").key()));
    }

    #[test]
    fn what_is_known_leaves_room_for_what_is_not_and_this_runs_own_stays() {
        let known: Vec<_> = (0..2 * CAPACITY as u32).map(|line| planned(10 + 2 * line, None, "m")).collect();
        let candidates: Vec<_> = (0..CAPACITY as u32).map(|line| planned(10_010 + 2 * line, Some(5), "m")).collect();
        let own = [planned(1, None, "m"), planned(3, Some(5), "m")];
        let bounded = plan(&[known, candidates].concat()).update(plan(&own), &[]);
        let count = |is_known| bounded.0.values().filter(|planned| planned.delay.is_none() == is_known).count();
        assert_eq!((count(true), count(false)), (MOST_KNOWN, CAPACITY - MOST_KNOWN));
        assert!(own.iter().all(|planned| bounded.0.contains_key(&planned.key())));
    }
}
