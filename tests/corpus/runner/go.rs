//! The programs that translate, as Go programs: what Go's runtime and its race detector see of them.
//!
//! `go/` is one program; its argument is the name of the translation to run. It is built twice, plain and with `-race`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::Program;
use crate::child::wait;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");
/// What Go's runtime dies with, and what `-race` prints.
const FATAL: &str = "fatal error: concurrent map";
const RACE: &str = "WARNING: DATA RACE";
/// A program built with `-race` sleeps at its end, for a second if it is not told otherwise, so that other goroutines may
/// report. Those of the corpus have joined theirs by then.
const RACE_OPTIONS: &str = "atexit_sleep_ms=5";
const PATIENCE: Duration = Duration::from_secs(30);

/// What of Go took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Version, and why `-race` is missing if it is.
    Present { version: String, without_race: Option<String> },
    /// Why nothing was run.
    Absent(String),
    /// The command line leaves it out.
    NotAsked,
}

impl Presence {
    pub(crate) fn is_present(&self) -> bool {
        matches!(self, Self::Present { .. })
    }
}

/// One translation's repetitions.
pub(crate) struct Score {
    pub(crate) plain: Tally,
    pub(crate) race: Option<Tally>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) runs: usize,
    /// Repetitions in which a race was reported.
    pub(crate) found: usize,
}

/// The built programs.
pub(crate) struct Translations {
    pub(crate) presence: Presence,
    names: Vec<String>,
    plain: PathBuf,
    race: PathBuf,
    directory: Option<TempDir>,
}

impl Translations {
    pub(crate) fn build(wanted: bool) -> Result<Self, String> {
        let nothing = |presence| {
            let [plain, race] = [PathBuf::new(), PathBuf::new()];
            Ok(Self { presence, names: Vec::new(), plain, race, directory: None })
        };
        if !wanted {
            return nothing(Presence::NotAsked);
        }
        let Some(version) = go(&["version"]).output().ok().filter(|output| output.status.success()) else {
            eprintln!("go is not installed: the Go translations are left out");
            return nothing(Presence::Absent("no `go` is installed".to_owned()));
        };
        let version = String::from_utf8_lossy(&version.stdout).trim().trim_start_matches("go version ").to_owned();
        let directory = tempfile::tempdir().map_err(|error| format!("a directory for the Go programs: {error}"))?;
        let (plain, race) = (directory.path().join("plain"), directory.path().join("race"));
        build(&plain, &[])?;
        let without_race = build(&race, &["-race"]).err();
        if let Some(reason) = &without_race {
            eprintln!("go -race needs cgo and a C compiler: its column is left out: {reason}");
        }
        let names = Command::new(&plain).output().map_err(|error| format!("the Go programs: {error}"))?;
        let names = String::from_utf8_lossy(&names.stdout).lines().map(str::to_owned).collect();
        let presence = Presence::Present { version, without_race };
        Ok(Self { presence, names, plain, race, directory: Some(directory) })
    }

    /// `None` where the program is not translated, or there is no Go.
    pub(crate) fn observe(&self, program: &Program, runs: usize) -> Result<Option<Score>, String> {
        let name = program.path();
        if self.names.contains(&name) { self.repeat(&name, runs, !program.expectation.is_benign()) } else { Ok(None) }
    }

    /// `None` where there is no Go. A racy program may die of its race.
    pub(crate) fn repeat(&self, name: &str, runs: usize, racy: bool) -> Result<Option<Score>, String> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let mut score = Score { plain: Tally::default(), race: self.has_race().then(Tally::default) };
        for _ in 0..runs {
            score.plain.add(reports(&self.plain, name, directory.path(), FATAL, racy)?);
            if let Some(race) = &mut score.race {
                race.add(reports(&self.race, name, directory.path(), RACE, racy)?);
            }
        }
        Ok(Some(score))
    }

    fn has_race(&self) -> bool {
        matches!(self.presence, Presence::Present { without_race: None, .. })
    }
}

impl Tally {
    fn add(&mut self, found: bool) {
        self.runs += 1;
        self.found += usize::from(found);
    }
}

fn go(arguments: &[&str]) -> Command {
    let mut command = Command::new("go");
    // The toolchain that is here, and no network.
    command.args(arguments).current_dir(SOURCES).env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod");
    command.env("GOPROXY", "off").stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn build(program: &Path, flags: &[&str]) -> Result<(), String> {
    let mut command = go(&["build"]);
    command.args(flags).arg("-o").arg(program).arg(".");
    let output = command.output().map_err(|error| format!("go build: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("go build {}: {}", flags.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

/// Runs a translation once; says whether it printed the mark of a race. One that tears its map may crash or hang before the check
/// speaks: then nothing was reported.
fn reports(program: &Path, name: &str, directory: &Path, mark: &str, racy: bool) -> Result<bool, String> {
    let trouble = |what: String| format!("{name} (Go): {what}");
    let path = directory.join("stderr");
    let errors = File::create(&path).map_err(|error| trouble(error.to_string()))?;
    let mut command = Command::new(program);
    command.arg(name).env("GORACE", RACE_OPTIONS).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    let mut child = command.spawn().map_err(|error| trouble(error.to_string()))?;
    let ended = wait(&mut child, PATIENCE);
    let mut text = String::new();
    File::open(&path)
        .and_then(|mut errors| errors.read_to_string(&mut text))
        .map_err(|error| trouble(error.to_string()))?;
    let well = ended.as_ref().is_ok_and(|status| status.success());
    if text.contains(mark) {
        return Ok(true);
    }
    if well || racy {
        return Ok(false);
    }
    Err(trouble(match ended {
        Ok(status) => format!("ended with {status}\n{text}"),
        Err(what) => what,
    }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What a shell script in the place of a translation comes to.
    fn outcome(script: &str, racy: bool) -> Result<bool, String> {
        let directory = tempfile::tempdir().expect("a directory");
        let name = directory.path().join("script");
        std::fs::write(&name, script).expect("it is written");
        let name = name.to_str().expect("a temporary path is text");
        reports(Path::new("/bin/sh"), name, directory.path(), FATAL, racy)
    }

    #[test]
    fn a_program_that_dies_of_its_race_without_a_word_has_not_reported_it() {
        assert_eq!(outcome(&format!("echo '{FATAL} writes' >&2; exit 2"), true), Ok(true));
        assert_eq!(outcome("echo 'unexpected fault address 0x0' >&2; exit 2", true), Ok(false));
        assert_eq!(outcome("exit 0", true), Ok(false));
        let trouble = outcome("echo 'unexpected fault address 0x0' >&2; exit 2", false).expect_err("it has no race");
        assert!(trouble.contains("(Go): ended with") && trouble.contains("unexpected fault"), "{trouble}");
    }
}
