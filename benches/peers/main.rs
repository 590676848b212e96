//! CheckedMap beside the maps and locks it stands in for, in one run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

mod alternate;
mod conflict;
mod count;
mod go;
mod keys;
mod matrix;
mod noise;
mod options;
mod output;
mod race;
mod stats;
mod subjects;
mod table;
mod targets;
mod turns;
mod work;

use options::{Errand, HELP, Options};
use targets::Results;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => return fail(&error),
    };
    let done = match &options.errand {
        Errand::Help => {
            print!("{HELP}");
            Ok(())
        }
        Errand::Count { subject, operation, times } => {
            be_quiet();
            count::count(subject, operation, *times)
        }
        Errand::Alternate { rounds } => {
            alternate::errand(*rounds);
            Ok(())
        }
        Errand::Compare => compare(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &str) -> ExitCode {
    eprintln!("peers: {error}");
    ExitCode::from(2)
}

fn compare(options: &Options) -> Result<(), String> {
    let began = Instant::now();
    be_quiet();
    let go = if options.go { go::Go::start(&options.out.join("go")) } else { None };
    let mut tables = matrix::run(options, &threads(), go.as_ref());
    tables.extend(turns::run(options));
    let wants = |title| options.wants(title);
    let worst = if wants("alternating owners") { alternate::run(options.quick) } else { Vec::new() };
    let stalls = if wants("conflict") { conflict::run(options.quick) } else { Vec::new() };
    let results = Results { tables, worst, stalls };
    let targets = results.targets();
    targets::print(&targets);
    let version = go.as_ref().map(|go| go.version.as_str());
    output::write(&options.out, &results, &targets, version)
        .map_err(|error| format!("cannot write to {}: {error}", options.out.display()))?;
    println!("\n{:.0} s; peers.json and peers.svg are in {}", began.elapsed().as_secs_f64(), options.out.display());
    Ok(())
}

/// No reports on the terminal, and a degraded map stays one until the end.
fn be_quiet() {
    checkedmap::Config::new().with_report([]).with_recover(Duration::from_secs(3600)).apply();
}

/// One, two, and all processors where there are more.
fn threads() -> Vec<usize> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut threads = vec![1, 2];
    if processors > 2 {
        threads.push(processors.min(work::THREADS));
    }
    threads
}
