//! The score by category: what both people and the page get to see.

use std::fmt::Write as _;

use crate::Program;
use crate::go::Presence;
use crate::programs;
use crate::score::{Score, Tally};
use crate::survey::{FULL, Survey};

/// Each column and what it says.
const COLUMNS: [(&str, &str); 11] = [
    ("category", "what goes wrong in these programs"),
    ("programs", "how many there are"),
    ("of them correct", "programs without a race, in which any report is a false alarm"),
    (
        "found as they are",
        "runs in which a race was reported, with nothing switched on, of all runs of programs with one",
    ),
    (
        "found by a hunt",
        "the same with `CHECKEDMAP_HUNT=1`, which delays accesses that came close to each other, so that a race shows as an overlap",
    ),
    ("by a second hunt", "the same where a second hunt, which starts from what the first has left, is counted with it"),
    (
        "found by stale checks",
        "runs with `CHECKEDMAP_STALE=1` in which a lookup that was acted on too late was reported",
    ),
    ("false alarms", "runs, in any mode, that reported an overlap of a kind that is not there"),
    ("false suspects", "runs, in any mode, that suspected a stale lookup where none is"),
    (
        "hunt takes",
        "how long a run in hunt mode takes, as a multiple of a run with nothing switched on: the medians' ratio",
    ),
    ("stale checks take", "the same of stale checks"),
];
const GO_COLUMNS: [(&str, &str); 2] = [
    (
        "Go",
        "the programs that translate, written in Go: runs in which the check in Go's maps spoke before the map was torn",
    ),
    ("Go -race", "the same, built with Go's race detector"),
];

/// Stands where a column does not apply.
const NOTHING: &str = "–";

/// The programs, what each expects and where it comes from.
pub(crate) fn list(programs: &[&'static Program]) -> String {
    programs.iter().fold(String::new(), |mut text, program| {
        let (path, expectation) = (program.path(), program.expectation);
        let _ = writeln!(text, "{path:45} {expectation:40} {}", program.source());
        text
    })
}

/// The table for a terminal, and what is missed.
pub(crate) fn text(survey: &Survey, missed: &[String]) -> String {
    let mut rows = rows(survey);
    for cell in rows.iter_mut().flatten().filter(|cell| cell.is_empty()) {
        cell.push_str(NOTHING);
    }
    let columns = rows[0].len();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(text, "{cell:width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    let _ = writeln!(text, "\n{}\n", legend(survey));
    if missed.is_empty() {
        text.push_str("All targets are met.\n");
    }
    for target in missed {
        let _ = writeln!(text, "MISSED {target}");
    }
    text
}

/// What the columns say, a line each, and what was run.
pub(crate) fn legend(survey: &Survey) -> String {
    let columns = COLUMNS.iter().chain(GO_COLUMNS.iter().filter(|_| survey.go.is_present()));
    let mut legend = String::new();
    for (heading, meaning) in columns {
        let _ = writeln!(legend, "- {heading}: {meaning}");
    }
    let _ = write!(legend, "\nEach program was run {} times in each mode", survey.runs);
    if survey.runs < FULL {
        let _ = write!(legend, ", {FULL} times where it seemed to miss a target");
    }
    legend.push_str(", each time as a process of its own.");
    match &survey.go {
        Presence::NotAsked => legend.push_str(" Go was not asked for."),
        Presence::Absent(reason) => {
            let _ = write!(legend, " Go is left out: {reason}.");
        }
        Presence::Present { version, without_race } => {
            let _ = write!(legend, " Go is {version}.");
            if let Some(reason) = without_race {
                let _ = write!(legend, " -race is left out: {reason}.");
            }
        }
    }
    legend
}

/// Headings, one row a category, and the sum. A cell is empty where its column does not apply.
pub(crate) fn rows(survey: &Survey) -> Vec<Vec<String>> {
    let with_go = survey.go.is_present();
    let columns = COLUMNS.iter().chain(GO_COLUMNS.iter().filter(|_| with_go));
    let mut rows = vec![columns.map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>()];
    let all: Vec<_> = survey.scores.iter().collect();
    for category in programs::CATEGORIES {
        let scores: Vec<_> = all.iter().copied().filter(|score| score.program.category == category.name).collect();
        if !scores.is_empty() {
            rows.push(row(category.name, &scores, with_go));
        }
    }
    rows.push(row("all", &all, with_go));
    rows
}

fn row(name: &str, scores: &[&Score], with_go: bool) -> Vec<String> {
    let overlaps: Vec<_> = scores.iter().filter(|score| score.program.expectation.overlaps()).collect();
    let stale: Vec<_> = scores.iter().filter(|score| score.program.expectation.is_for_stale_checks()).collect();
    let benign = scores.iter().filter(|score| score.program.expectation.is_benign()).count();
    let mut row = vec![
        name.to_owned(),
        scores.len().to_string(),
        benign.to_string(),
        share(overlaps.iter().map(|score| &score.passive)),
        share(overlaps.iter().map(|score| &score.first)),
        share(overlaps.iter().map(|score| &score.second)),
        share(stale.iter().map(|score| &score.stale)),
        scores.iter().map(|score| score.false_alarms()).sum::<usize>().to_string(),
        scores.iter().map(|score| score.false_suspects()).sum::<usize>().to_string(),
        times(scores.iter().filter_map(|score| score.hunt_slowdown())),
        times(scores.iter().filter_map(|score| score.stale_slowdown())),
    ];
    if with_go {
        let racy = |score: &&&Score| !score.program.expectation.is_benign();
        let go: Vec<_> = scores.iter().filter(racy).filter_map(|score| score.go.as_ref()).collect();
        row.push(of(go.iter().map(|go| (go.plain.found, go.plain.runs))));
        row.push(of(go.iter().filter_map(|go| go.race).map(|race| (race.found, race.runs))));
    }
    row
}

fn share<'a>(tallies: impl Iterator<Item = &'a Tally>) -> String {
    of(tallies.map(|tally| (tally.found, tally.runs)))
}

/// Empty where nothing was run.
pub(crate) fn of(counts: impl Iterator<Item = (usize, usize)>) -> String {
    let (found, runs) = counts.fold((0, 0), |sum, (found, runs)| (sum.0 + found, sum.1 + runs));
    if runs == 0 { String::new() } else { format!("{found}/{runs}") }
}

fn times(ratios: impl Iterator<Item = f64>) -> String {
    let mut ratios: Vec<_> = ratios.collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).map_or_else(String::new, |ratio| format!("{ratio:.1}x"))
}
