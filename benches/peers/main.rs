//! CheckedMap beside the maps and locks it stands in for, in one run.

use std::process::ExitCode;

mod go;
mod keys;
mod matrix;
mod noise;
mod options;
mod race;
mod stats;
mod subjects;
mod table;
mod work;

use options::{Errand, HELP, Options};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("peers: {error}");
            return ExitCode::from(2);
        }
    };
    match options.errand {
        Errand::Help => print!("{HELP}"),
        _ => {
            quiet();
            let go = if options.go { go::Go::start(&options.out.join("go")) } else { None };
            matrix::run(&options, &[1, 2], go.as_ref());
        }
    }
    ExitCode::SUCCESS
}

/// No reports on the terminal, and a degraded map stays one until the end.
fn quiet() {
    checkedmap::Config::new().with_report([]).with_recover(std::time::Duration::from_secs(3600)).apply();
}
