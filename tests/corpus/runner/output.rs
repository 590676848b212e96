//! What people and machines get to see of a survey.

use std::fmt::Write as _;

use serde::Serialize;

use crate::Program;
use crate::go::Presence;
use crate::programs;
use crate::score::{Score, Tally};
use crate::survey::{FULL, Survey};

const HEADINGS: [&str; 11] = [
    "category",
    "programs",
    "benign",
    "passive",
    "hunt, run 1",
    "by run 2",
    "stale",
    "false alarms",
    "false suspects",
    "hunt costs",
    "stale costs",
];
const GO_HEADINGS: [&str; 2] = ["Go", "Go -race"];

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
    let rows = rows(survey);
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
    let _ = writeln!(text, "\n{}", legend(survey));
    if missed.is_empty() {
        text.push_str("All targets are met.\n");
    }
    for target in missed {
        let _ = writeln!(text, "MISSED {target}");
    }
    text
}

/// The page of the documentation.
pub(crate) fn markdown(survey: &Survey) -> String {
    let mut page = String::from(
        "How many races are found: the corpus, and its score.\n\n\
         Each program is small and does what a published bug did, or what a program without that bug does. Each repetition \
         is a process of its own; hunt mode runs twice, the second time with the plan of the first.\n\n\
         This page is made by\n\n```sh\n",
    );
    let _ = writeln!(
        page,
        "cargo run --release -p checkedmap-corpus -- --runs {} --markdown > src/docs/corpus.md\n```\n",
        survey.runs
    );
    page.push_str(&markdown_table(&rows(survey)));
    let _ = write!(page, "\n{}\n\n# The programs\n\n", legend(survey));
    let mut rows =
        vec![["program", "is there", "passive", "hunt, run 1", "by run 2", "stale", "source"].map(str::to_owned)];
    for score in &survey.scores {
        let Score { program, passive, first, second, stale, .. } = score;
        let count = |applies: bool, tally: &Tally| {
            if applies { format!("{}/{}", tally.found, tally.runs) } else { String::new() }
        };
        let (overlaps, is_stale) = (program.expectation.overlaps(), program.expectation.is_for_stale_checks());
        rows.push([
            format!("`{}`", program.path()),
            program.expectation.to_string(),
            count(overlaps, passive),
            count(overlaps, first),
            count(overlaps, second),
            count(is_stale, stale),
            program.source().to_owned(),
        ]);
    }
    page.push_str(&markdown_table(&rows));
    page
}

fn markdown_table<R: AsRef<[String]>>(rows: &[R]) -> String {
    let mut table = String::new();
    for (index, row) in rows.iter().enumerate() {
        let row = row.as_ref();
        let _ = writeln!(table, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(table, "|{}", "---|".repeat(row.len()));
        }
    }
    table
}

fn legend(survey: &Survey) -> String {
    let mut legend = format!(
        "Found: repetitions in which the race was reported, of {} for each program that has one (of {} where a target seemed \
         to be missed); \"by run 2\" counts those of run 1. False alarms and suspects: repetitions in any mode with a kind that is not there. Costs: the median time \
         of a repetition over that of a passive one, the median of the category's programs.",
        survey.runs,
        survey.runs.max(FULL)
    );
    match &survey.go {
        Presence::NotAsked => {}
        Presence::Absent(reason) => {
            let _ = write!(legend, " Go is left out: {reason}.");
        }
        Presence::Present { version, without_race } => {
            let _ = write!(
                legend,
                " Go ({version}): the programs that translate, plain and under its race detector, repetitions that reported."
            );
            if let Some(reason) = without_race {
                let _ = write!(legend, " -race is left out: {reason}.");
            }
        }
    }
    legend
}

/// Headings, one row a category, and the sum.
fn rows(survey: &Survey) -> Vec<Vec<String>> {
    let with_go = matches!(survey.go, Presence::Present { .. });
    let headings = HEADINGS.iter().chain(GO_HEADINGS.iter().filter(|_| with_go));
    let mut rows = vec![headings.map(|heading| (*heading).to_owned()).collect::<Vec<_>>()];
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

fn of(counts: impl Iterator<Item = (usize, usize)>) -> String {
    let (found, runs) = counts.fold((0, 0), |sum, (found, runs)| (sum.0 + found, sum.1 + runs));
    if runs == 0 { "–".to_owned() } else { format!("{found}/{runs}") }
}

fn times(ratios: impl Iterator<Item = f64>) -> String {
    let mut ratios: Vec<_> = ratios.collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1}x"))
}

#[derive(Serialize)]
struct Document<'a> {
    runs: usize,
    go: Option<&'a str>,
    missed: &'a [String],
    programs: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    category: &'a str,
    name: &'a str,
    source: &'a str,
    kinds: Vec<&'static str>,
    passive: Figures,
    hunt_first: Figures,
    hunt_by_second: Figures,
    stale: Figures,
    go: Option<usize>,
    go_race: Option<usize>,
}

#[derive(Serialize)]
struct Figures {
    runs: usize,
    found: usize,
    false_alarms: usize,
    false_suspects: usize,
    times_ns: Vec<u128>,
}

impl From<&Tally> for Figures {
    fn from(tally: &Tally) -> Self {
        let Tally { runs, found, false_alarms, false_suspects, .. } = *tally;
        Self {
            runs,
            found,
            false_alarms,
            false_suspects,
            times_ns: tally.times.iter().map(|time| time.as_nanos()).collect(),
        }
    }
}

/// Every figure, for machines.
pub(crate) fn json(survey: &Survey, missed: &[String]) -> String {
    let entry = |score: &'_ Score| Entry {
        category: score.program.category,
        name: score.program.name,
        source: score.program.source(),
        kinds: score.program.expectation.kinds(),
        passive: (&score.passive).into(),
        hunt_first: (&score.first).into(),
        hunt_by_second: (&score.second).into(),
        stale: (&score.stale).into(),
        go: score.go.as_ref().map(|go| go.plain.found),
        go_race: score.go.as_ref().and_then(|go| go.race).map(|race| race.found),
    };
    let go = match &survey.go {
        Presence::Present { version, .. } => Some(version.as_str()),
        _ => None,
    };
    let document = Document { runs: survey.runs, go, missed, programs: survey.scores.iter().map(entry).collect() };
    let mut text = serde_json::to_string_pretty(&document).expect("strings and numbers are JSON");
    text.push('\n');
    text
}
