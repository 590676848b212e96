//! All programs in all modes.

use std::time::{Duration, Instant};

use crate::Program;
use crate::child::observe;
use crate::go;
use crate::mode::Mode;
use crate::score::Score;
use crate::targets;

/// Repetitions on which a target can be judged; with fewer, a program that seems to miss its target is given as many.
pub(crate) const FULL: usize = 20;

/// Every score, in the order of the registry.
pub(crate) struct Survey {
    pub(crate) runs: usize,
    pub(crate) scores: Vec<Score>,
    /// What was run of Go, or why nothing was.
    pub(crate) go: go::Presence,
}

impl Survey {
    /// Runs everything, with a line on standard error for each program.
    pub(crate) fn take(programs: &[&'static Program], runs: usize, with_go: bool) -> Result<Self, String> {
        let go = go::Translations::build(with_go)?;
        let mut scores = Vec::new();
        let began = Instant::now();
        for (index, program) in programs.iter().enumerate() {
            let mut score = Score::new(program);
            observe_all(&mut score, runs)?;
            if score.false_alarms() == 0 && !targets::of_program(&score).is_empty() {
                // Too few repetitions tell a bad one from bad luck.
                observe_all(&mut score, FULL.saturating_sub(runs))?;
            }
            score.go = go.observe(program, runs)?;
            let done = index + 1;
            eprintln!(
                "[{done}/{}] {}{}",
                programs.len(),
                progress(&score),
                left(began.elapsed(), done, programs.len())
            );
            scores.push(score);
        }
        Ok(Self { runs, scores, go: go.presence })
    }
}

fn observe_all(score: &mut Score, runs: usize) -> Result<(), String> {
    let program = score.program;
    let expectation = program.expectation;
    for _ in 0..runs {
        // A directory of its own: a plan never outlives its repetition.
        let directory = tempfile::tempdir().map_err(|error| format!("a directory for the reports: {error}"))?;
        // The modes take turns, so that a busy moment of the machine spoils none of them alone.
        let watch = |mode| observe(program, mode, directory.path());
        score.passive.add(expectation, Mode::Passive, &watch(Mode::Passive)?, false);
        let found = score.first.add(expectation, Mode::Hunt, &watch(Mode::Hunt)?, false);
        score.second.add(expectation, Mode::Hunt, &watch(Mode::Hunt)?, found);
        score.stale.add(expectation, Mode::Stale, &watch(Mode::Stale)?, false);
    }
    Ok(())
}

/// Roughly how much longer it takes, where that is long.
fn left(elapsed: Duration, done: usize, all: usize) -> String {
    let left = elapsed.mul_f64((all - done) as f64 / done as f64).as_secs();
    match left {
        // Nobody goes away meanwhile.
        0..10 => String::new(),
        10..100 => format!(" (about {left} s left)"),
        _ => format!(" (about {} min left)", left.div_ceil(60)),
    }
}

fn progress(score: &Score) -> String {
    let Score { program, passive, first, second, stale, go } = score;
    let mut line = program.path();
    let mut say = |what: String| {
        line.push_str(&what);
    };
    if program.expectation.overlaps() {
        say(format!(": passive {}/{}", passive.found, passive.runs));
        say(format!(", hunt {} then {}/{}", first.found, second.found, second.runs));
    }
    if program.expectation.is_for_stale_checks() {
        say(format!(": stale {}/{}", stale.found, stale.runs));
    }
    if program.expectation.is_benign() {
        say(": benign".to_owned());
    }
    if score.false_alarms() > 0 {
        say(format!(", {} FALSE ALARMS", score.false_alarms()));
    }
    if score.false_suspects() > 0 {
        say(format!(", {} FALSE SUSPECTS", score.false_suspects()));
    }
    if let Some(go) = go {
        say(format!(", go {}", go.plain.found));
        if let Some(race) = &go.race {
            say(format!(", -race {}", race.found));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_where_it_is_long() {
        let left = |seconds, done| left(Duration::from_secs(seconds), done, 100);
        assert_eq!([left(5, 50), left(30, 50), left(30, 100)], ["", " (about 30 s left)", ""]);
        assert_eq!(left(5, 4), " (about 2 min left)");
    }
}
