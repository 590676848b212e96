//! `checkedmap-report`: what many processes reported as JSON lines, merged and ranked.
//!
//! Reports are read through the library's own types. Conflicts of one map, kind and pair of sites are one finding, whichever
//! process met them; the counts of a finding add up to what its processes have counted.
#![forbid(unsafe_code)]

mod finding;
mod format;
mod input;
mod merge;
mod options;
mod since;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use format::Format;
use merge::Merge;
use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("checkedmap-report: {trouble}");
            ExitCode::from(2)
        }
    }
}

/// Says whether there is nothing to fail on.
fn run(options: &Options) -> Result<bool, String> {
    let mut merge = Merge::new(options.since);
    for source in input::sources(&options.files, options.allow_missing)? {
        merge.read(&source)?;
    }
    let summary = merge.finish();
    for warning in &summary.warnings {
        eprintln!("checkedmap-report: warning: {warning}");
    }
    let text = match options.format {
        Format::Text => format::text::render(&summary, options.top),
        Format::Json => format::json::render(&summary, options.top),
        Format::Markdown => format::markdown::render(&summary, options.top),
        Format::Github => format::github::render(&summary, options.top),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever pipes into `head` has seen enough; the verdict stands.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(format!("stdout: {error}")),
        _ => {}
    }
    Ok(!options.fail_on.is_met(&summary))
}
