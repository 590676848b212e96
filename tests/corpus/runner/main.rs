//! Runs small programs with and without races, passively, in hunt mode and with stale checks, and keeps score.
//!
//! Hunting, stale checks and configuration are process-wide, so each repetition is a process of its own: this program, run
//! again with the name of one of its `programs/`.

mod child;
mod classic;
mod figures;
mod go;
mod mode;
mod options;
mod page;
#[path = "../programs/mod.rs"]
mod programs;
mod score;
mod survey;
mod table;
mod targets;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use options::Options;
use programs::Program;

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match &options.program {
        Some(name) => child::run(name).map(|()| true),
        None => survey(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("checkedmap-corpus: {trouble}");
            ExitCode::from(2)
        }
    }
}

/// Says whether the targets are met, or nobody asked.
fn survey(options: &Options) -> Result<bool, String> {
    let programs = options.programs()?;
    if options.list {
        return print(&table::list(&programs)).map(|()| true);
    }
    let runs = options.runs()?;
    if options.classic {
        return print(&classic::table(runs, options.go())?).map(|()| true);
    }
    let survey = survey::Survey::take(&programs, runs, options.go())?;
    let missed = targets::missed(&survey);
    if let Some(path) = &options.json {
        let text = figures::json(&survey, &missed);
        std::fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    print(&if options.markdown {
        page::markdown(&survey, &missed, &options.command())
    } else {
        table::text(&survey, &missed)
    })?;
    Ok(missed.is_empty() || !options.check)
}

fn print(text: &str) -> Result<(), String> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever pipes into `head` has seen enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("stdout: {error}")),
        _ => Ok(()),
    }
}
