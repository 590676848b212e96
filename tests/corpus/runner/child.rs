//! One repetition of one program, in a process of its own: both ends of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::observe::shared_pairs;
use checkedmap::report::{Record, Severity};

use crate::mode::Mode;
use crate::{Program, classic, programs};

/// No program takes a hundredth of it; one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ahead of the nanoseconds on the child's standard output.
const ELAPSED: &str = "elapsed_ns=";

/// Ahead of the number of near misses, on a line of its own.
const NEAR_MISSES: &str = "near_misses=";

/// What came of one repetition.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The time between the program's first line and its last.
    pub(crate) elapsed: Duration,
    /// Conflicts and suspects by the name of their kind.
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    /// How often two threads came to one map within the hunt's window, one of them to write; 0 outside hunt mode.
    pub(crate) near_misses: u64,
}

/// The child's end.
pub(crate) fn run(name: &str) -> Result<(), String> {
    let run = match classic::keys(name) {
        Some(keys) => Box::new(move || classic::ten_threads(keys)) as Box<dyn Fn() + std::panic::UnwindSafe>,
        None => {
            let program = programs::all().find(|program| program.path() == name);
            Box::new(program.ok_or_else(|| format!("no program is called {name:?}; --list shows them all"))?.run)
        }
    };
    let started = Instant::now();
    // Conflicts with no way to wait panic in every mode; the report is what counts.
    let _ = catch_unwind(run);
    println!("{ELAPSED}{}", started.elapsed().as_nanos());
    println!("{NEAR_MISSES}{}", shared_pairs().pairs.iter().map(|pair| pair.near_misses).sum::<u64>());
    Ok(())
}

/// The parent's end. `directory` keeps the plan from one run in hunt mode to the next.
pub(crate) fn observe(program: &Program, mode: Mode, directory: &Path) -> Result<Outcome, String> {
    observe_named(&program.path(), mode, directory)
}

pub(crate) fn observe_named(name: &str, mode: Mode, directory: &Path) -> Result<Outcome, String> {
    let in_directory = |file: &str| directory.join(file);
    let (reports, errors) = (in_directory("reports.jsonl"), in_directory("stderr"));
    let trouble = |what: String| format!("{name} ({mode:?}): {what}");
    remove(&reports).map_err(trouble)?;
    let executable = std::env::current_exe().map_err(|error| trouble(format!("this program's file: {error}")))?;
    let mut command = Command::new(executable);
    mode.configure(&mut command, &reports, &in_directory("plan"));
    let errors_file = File::create(&errors).map_err(|error| trouble(format!("{}: {error}", errors.display())))?;
    command.args(["--program", name]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors_file);
    let mut child = command.spawn().map_err(|error| trouble(format!("cannot be started: {error}")))?;
    let status = wait(&mut child, PATIENCE).map_err(trouble)?;
    let mut output = String::new();
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_string(&mut output).map_err(|error| trouble(format!("its output: {error}")))?;
    }
    let number = |label| output.lines().find_map(|line| line.strip_prefix(label)?.parse().ok());
    match (number(ELAPSED), number(NEAR_MISSES)) {
        (Some(elapsed), Some(near_misses)) if status.success() => {
            let kinds = kinds(&reports).map_err(trouble)?;
            Ok(Outcome { elapsed: Duration::from_nanos(elapsed), kinds, near_misses })
        }
        _ => {
            let errors = fs::read_to_string(&errors).unwrap_or_default();
            Err(trouble(format!("ended with {status}\n{errors}")))
        }
    }
}

pub(crate) fn wait(child: &mut Child, patience: Duration) -> Result<ExitStatus, String> {
    let deadline = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_micros(500)),
            Ok(None) => {
                // It may have ended by itself just now.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("hangs: killed after {patience:?}"));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", path.display())),
        _ => Ok(()),
    }
}

/// The conflicts of a file of reports, each counted as often as it happened.
fn kinds(reports: &Path) -> Result<BTreeMap<&'static str, u64>, String> {
    let text = match fs::read_to_string(reports) {
        Ok(text) => text,
        // The file is made by the first report.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(format!("{}: {error}", reports.display())),
    };
    let mut kinds = BTreeMap::new();
    for line in text.lines() {
        let (kind, count) = match Record::from_json(line).map_err(|error| format!("its reports: {error}"))? {
            Record::Report(report) => (report.kind.as_str(), report.count),
            Record::Repeat(repeat) => (repeat.kind.as_str(), repeat.count),
            // A hint says itself that it is less than a suspect; counts of either come after the first of them.
            Record::Suspect(suspect) if suspect.severity == Severity::Suspect => (suspect.kind.as_str(), suspect.count),
            Record::Suspect(_) | Record::SuspectRepeat(_) => continue,
            other => return Err(format!("its reports: an unknown record, {other:?}")),
        };
        *kinds.entry(kind).or_insert(0) += count;
    }
    Ok(kinds)
}
