//! The page of the documentation.

use std::fmt::Write as _;

use crate::figures;
use crate::score::{Score, Tally};
use crate::survey::Survey;
use crate::table::{legend, of, rows};
use crate::targets;

const PROGRAM_HEADINGS: [&str; 7] = [
    "program",
    "what is wrong in it",
    "found as it is",
    "found by a hunt",
    "by a second hunt",
    "found by stale checks",
    "what it follows",
];
const GO_HEADINGS: [&str; 2] = ["Go", "Go -race"];

/// The page, which `command` has made.
pub(crate) fn markdown(survey: &Survey, missed: &[String], command: &str) -> String {
    let mut page = String::from(
        "How many races are found: the corpus, and its score.\n\n\
         The corpus is a collection of small programs. Each does what a published bug did, or what a program without that bug \
         does. Every run is a process of its own, with nothing switched on, in [hunt mode](crate::docs::hunt) twice over, and \
         with [stale checks](crate::docs::stale); what is reported is held against what is there.\n\n\
         This page is made by\n\n```sh\n",
    );
    let _ = writeln!(page, "{command} > src/docs/corpus.md\n```\n");
    page.push_str(&table(&rows(survey)));
    let _ = writeln!(page, "\n{}\n", legend(survey));
    let _ = writeln!(page, "{}\n", targets::rule());
    for target in missed {
        let _ = writeln!(page, "- **Missed**: {target}");
    }
    page.push_str(if missed.is_empty() { "All targets are met.\n" } else { "" });
    page.push_str("\n# The programs\n\n");
    page.push_str(&table(&programs(survey)));
    let _ = write!(page, "\n{}", figures::PAGE);
    page
}

fn programs(survey: &Survey) -> Vec<Vec<String>> {
    let with_go = survey.go.is_present();
    let [headings @ .., last] = PROGRAM_HEADINGS;
    let go = GO_HEADINGS.iter().filter(|_| with_go);
    let mut rows = vec![headings.iter().chain(go).chain([&last]).map(|heading| (*heading).to_owned()).collect()];
    for score in &survey.scores {
        let Score { program, passive, first, second, stale, go, .. } = score;
        let count = |applies: bool, tally: &Tally| of(applies.then_some((tally.found, tally.runs)).into_iter());
        let (overlaps, is_stale) = (program.expectation.overlaps(), program.expectation.is_for_stale_checks());
        let mut row = vec![
            format!("`{}`", program.path()),
            program.expectation.to_string(),
            count(overlaps, passive),
            count(overlaps, first),
            count(overlaps, second),
            count(is_stale, stale),
        ];
        if with_go {
            row.push(of(go.iter().map(|go| (go.plain.found, go.plain.runs))));
            row.push(of(go.iter().filter_map(|go| go.race).map(|race| (race.found, race.runs))));
        }
        row.push(program.source().to_owned());
        rows.push(row);
    }
    rows
}

fn table(rows: &[Vec<String>]) -> String {
    let mut table = String::new();
    for (index, row) in rows.iter().enumerate() {
        let _ = writeln!(table, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(table, "|{}", "---|".repeat(row.len()));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::{self, Presence};
    use crate::programs;

    fn survey(go: Presence) -> Survey {
        let score = |program| {
            let tally = Tally { runs: 3, found: 2, ..Tally::default() };
            let mut score = Score::new(program);
            (score.passive, score.first, score.second, score.stale) =
                (tally.clone(), tally.clone(), tally.clone(), tally);
            let tally = go::Tally { runs: 3, found: 1 };
            score.go = go.is_present().then_some(go::Score { plain: tally, race: Some(tally) });
            score
        };
        let scores = programs::all().map(score).collect();
        Survey { runs: 3, scores, go }
    }

    fn cells(page: &str, begins: &str) -> Vec<String> {
        let line = page.lines().find(|line| line.starts_with(begins)).expect("it is on the page");
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    }

    #[test]
    fn the_page_says_the_command_that_made_it_and_shows_go_where_there_was_go() {
        let page =
            markdown(&survey(Presence::NotAsked), &["a target".to_owned()], "corpus --runs 3 --no-go --markdown");
        assert!(page.contains("```sh\ncorpus --runs 3 --no-go --markdown > src/docs/corpus.md\n```"), "{page}");
        assert!(!page.contains("-race") && page.contains("Go was not asked for"), "{page}");
        assert!(page.contains("fewer than 19 of 20 repetitions"), "{page}");
        assert!(page.contains("- **Missed**: a target\n") && !page.contains("All targets"), "{page}");

        let present = Presence::Present { version: "go9.9".to_owned(), without_race: None };
        let page = markdown(&survey(present), &[], "corpus");
        assert!(page.contains("Go is go9.9.") && page.contains("All targets are met."), "{page}");
        assert_eq!(cells(&page, "| program ")[6..8], GO_HEADINGS);
        let program = cells(&page, "| `unsynchronised/ten_writers`");
        assert_eq!(program[2..8], ["2/3", "2/3", "2/3", "", "1/3", "1/3"], "{program:?}");
    }

    #[test]
    fn a_column_that_does_not_apply_is_blank() {
        let page = markdown(&survey(Presence::NotAsked), &["a target".to_owned()], "corpus");
        let stale = cells(&page, "| check_then_act |");
        assert_eq!(stale[3..6], ["", "", ""], "{stale:?}");
        assert!(!stale[6].is_empty());
        assert!(!page.contains("| – |"), "{page}");
    }
}
