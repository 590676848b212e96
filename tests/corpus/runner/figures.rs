//! Every figure, for machines.

use serde::Serialize;

use crate::go::Presence;
use crate::score::{Score, Tally};
use crate::survey::Survey;

/// What each field says.
pub(crate) const PAGE: &str = "\
# For machines

`--json FILE` writes every figure as one JSON object:

| field | |
|---|---|
| `runs` | how often each program was run in each mode |
| `go` | the version of Go, or `null` where none took part |
| `missed` | a line of text for each target that is missed; empty where all are met |
| `programs[].category`, `.name` | which program |
| `programs[].source` | what it follows: an issue, a pull request, a test |
| `programs[].kinds` | the kinds of conflict that are there; `stale_check` for one that only stale checks see; empty where it is correct |
| `programs[].passive`, `.hunt_first`, `.hunt_by_second`, `.stale` | the runs with nothing switched on, of a first hunt, of a first and a second hunt together, with stale checks |
| `programs[].passive.runs` and so on | how many there were, which is more than `runs` where a target seemed to be missed |
| `programs[].passive.found` | runs that reported what is there, and that this mode is for |
| `programs[].passive.false_alarms`, `.false_suspects` | runs that reported an overlap, or suspected a stale lookup, that is not there |
| `programs[].passive.times_ns` | how long each took, in nanoseconds, without the start of its process |
| `programs[].go`, `.go_race` | runs in which Go's own check spoke, and its race detector; `null` where there is none |
";

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::programs;

    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                found.insert(name.clone());
                names(value, found);
            }),
            Value::Array(values) => values.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_on_the_page_and_the_page_has_no_other() {
        let scores = programs::all().map(Score::new).collect();
        let survey = Survey { runs: 1, scores, go: Presence::NotAsked };
        let document: Value = serde_json::from_str(&json(&survey, &[])).expect("it is JSON");
        let mut fields = BTreeSet::new();
        names(&document, &mut fields);
        let first_column = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let documented: BTreeSet<String> = first_column
            .flat_map(|cell| cell.split('`').filter(|part| !part.contains(' ')))
            .flat_map(|path| path.split('.'))
            .map(|name| name.trim_end_matches("[]").to_owned())
            .filter(|name| !name.is_empty() && name != ",")
            .collect();
        assert_eq!(documented, fields);
    }
}
