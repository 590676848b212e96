//! What a survey has to show.

use std::collections::BTreeSet;

use crate::score::{Score, Tally};
use crate::survey::{FULL, Survey};

/// Suspects where nothing is stale, in the whole corpus. A suspect is no proof; one is the price of finding the others.
const FALSE_SUSPECTS: usize = 1;

/// What the targets are, for people.
pub(crate) fn rule() -> String {
    format!(
        "A target is missed where two hunts, or stale checks, find what is wrong in fewer than {} of {FULL} repetitions; where a \
         run has a false alarm; where programs have false suspects, and they are more than {FALSE_SUSPECTS}; and where the threads \
         of a correct program do not come near each other although they should, or do although each has its map to itself.",
        least(FULL)
    )
}

/// Each target that is missed, as a line for people.
pub(crate) fn missed(survey: &Survey) -> Vec<String> {
    let mut missed: Vec<_> = survey.scores.iter().flat_map(of_program).collect();
    let suspected: Vec<_> = survey.scores.iter().filter(|score| score.false_suspects() > 0).collect();
    if suspected.len() > FALSE_SUSPECTS {
        let names: Vec<_> = suspected.iter().map(|score| score.program.path()).collect();
        missed.push(format!(
            "{} programs have false suspects, {FALSE_SUSPECTS} may: {}",
            suspected.len(),
            names.join(", ")
        ));
    }
    missed
}

pub(crate) fn of_program(score: &Score) -> Vec<String> {
    let Score { program, second, stale, .. } = score;
    let mut missed = Vec::new();
    let mut require = |what: &str, tally: &Tally| {
        if tally.found < least(tally.runs) {
            let (found, runs) = (tally.found, tally.runs);
            missed.push(format!("{}: {what} in {found} of {runs} repetitions, not {}", program.path(), least(runs)));
        }
    };
    if program.expectation.overlaps() {
        require("found by hunting within two runs", second);
    }
    if program.expectation.is_for_stale_checks() {
        require("suspected by stale checks", stale);
    }
    let near_misses = score.first.near_misses + score.second.near_misses;
    // Without a near miss there is nothing in a program that could be taken for a race.
    if score.first.runs > 0 && program.expectation.is_benign() && program.expectation.is_apart() != (near_misses == 0) {
        missed.push(match near_misses {
            0 => format!(
                "{}: its threads never come near each other, so nothing could be taken for a race",
                program.path()
            ),
            _ => format!("{}: {near_misses} near misses on maps that one thread has to itself", program.path()),
        });
    }
    if score.false_alarms() > 0 {
        let kinds = score.tallies().iter().flat_map(|tally| &tally.unexpected).copied().collect::<BTreeSet<_>>();
        missed.push(format!(
            "{}: {}: {}",
            program.path(),
            counted(score.false_alarms(), "false alarm"),
            kinds.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    missed
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Nineteen of twenty repetitions, and so on. Of fewer than twenty none may be missed: whoever misses one is given twenty.
fn least(runs: usize) -> usize {
    runs - runs / 20
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::Presence;
    use crate::programs;

    fn survey(change: impl Fn(&mut Score)) -> Survey {
        let scores = programs::all().map(|program| {
            let mut score = Score::new(program);
            let found = Tally { runs: 20, found: 20, ..Tally::default() };
            (score.second, score.stale) = (found.clone(), found);
            score.first =
                Tally { runs: 20, near_misses: u64::from(!program.expectation.is_apart()), ..Tally::default() };
            change(&mut score);
            score
        });
        Survey { runs: 20, scores: scores.collect(), go: Presence::NotAsked }
    }

    #[test]
    fn one_of_twenty_may_be_missed() {
        assert_eq!([1, 2, 19, 20, 21, 40].map(least), [1, 2, 19, 19, 20, 38]);
        assert_eq!(missed(&survey(|score| score.second.found = 19)), [""; 0]);
        let overlaps = programs::all().filter(|program| program.expectation.overlaps()).count();
        assert_eq!(missed(&survey(|score| score.second.found = 18)).len(), overlaps);
    }

    #[test]
    fn a_stale_check_that_is_not_suspected_is_missed() {
        let stale = |program: &&programs::Program| program.expectation.is_for_stale_checks();
        let missed = missed(&survey(|score| score.stale.found = 0));
        assert_eq!(missed.len(), programs::all().filter(stale).count());
        assert!(missed[0].contains("suspected by stale checks in 0 of 20"), "{missed:?}");
    }

    #[test]
    fn no_false_alarm_is_allowed_and_one_program_with_a_false_suspect() {
        let benign = programs::all().find(|program| program.expectation.is_benign()).expect("a third is").path();
        let alarm = survey(|score| score.passive.false_alarms = usize::from(score.program.path() == benign));
        let [alarm] = &missed(&alarm)[..] else { panic!("one alarm") };
        assert!(alarm.contains(": 1 false alarm: "), "{alarm}");
        let suspect = survey(|score| score.stale.false_suspects = usize::from(score.program.path() == benign));
        assert_eq!(missed(&suspect), [""; 0]);
        assert_eq!(missed(&survey(|score| score.stale.false_suspects = 1)).len(), 1);
    }

    #[test]
    fn a_correct_program_comes_close_to_a_race_unless_its_threads_are_apart() {
        for near_misses in [0, 1] {
            let missed = missed(&survey(|score| score.first.near_misses = near_misses));
            let wrong = |program: &&programs::Program| {
                program.expectation.is_benign() && program.expectation.is_apart() == (near_misses > 0)
            };
            let expected: Vec<_> = programs::all().filter(wrong).map(programs::Program::path).collect();
            assert_eq!(missed.len(), expected.len(), "{missed:?}");
            assert!(missed.iter().zip(&expected).all(|(line, path)| line.starts_with(path)), "{missed:?}");
            assert!(!expected.is_empty());
        }
    }
}
