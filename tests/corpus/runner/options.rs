//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::Program;
use crate::{programs, survey};

/// Repetitions of `--short`.
const SHORT: usize = 2;

/// Small programs with and without the races CheckedMap is for: each is run passively, in hunt mode (twice, with one plan)
/// and with stale checks, in processes of its own, and what is reported is held against what is there.
#[derive(Debug, Parser)]
#[command(name = "checkedmap-corpus", max_term_width = 110)]
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Options {
    /// Repetitions of each program in each mode [default: 20]; with fewer, a program that seems to miss its target has 20
    #[arg(long, value_name = "N", conflicts_with = "short")]
    runs: Option<usize>,
    /// `--runs 2 --no-go`: for CI
    #[arg(long)]
    pub(crate) short: bool,
    /// Only this category or program; may be given several times
    #[arg(long, value_name = "CATEGORY[/NAME]")]
    only: Vec<String>,
    /// Leave the Go translations out, even where a go toolchain is present
    #[arg(long)]
    no_go: bool,
    /// Exit with status 1 where a target is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Write every figure to FILE, for machines: the page `corpus` in the documentation says what each field is
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Print Markdown: the tables of the page `corpus` in the documentation
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print the programs, what each expects and where it comes from, and run nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Only the example everybody knows, ten threads that write keys of one map: the table of the page `hunt`
    #[arg(long, conflicts_with_all = ["only", "list", "json", "markdown", "check"])]
    pub(crate) classic: bool,
    /// What the child processes are called with.
    #[arg(long, hide = true, value_name = "CATEGORY/NAME")]
    pub(crate) program: Option<String>,
}

impl Options {
    pub(crate) fn runs(&self) -> Result<usize, String> {
        match self.runs {
            Some(0) => Err("--runs 0 measures nothing; give 1 or more".to_owned()),
            Some(runs) => Ok(runs),
            None if self.short => Ok(SHORT),
            None => Ok(survey::FULL),
        }
    }

    /// The command line that makes the page, whole.
    pub(crate) fn command(&self) -> String {
        let mut command = String::from("cargo run --release -p checkedmap-corpus -- ");
        match self.runs {
            Some(runs) => command.push_str(&format!("--runs {runs} ")),
            None if self.short => command.push_str("--short "),
            None => command.push_str(&format!("--runs {} ", survey::FULL)),
        }
        for only in &self.only {
            command.push_str(&format!("--only {only} "));
        }
        if self.no_go {
            command.push_str("--no-go ");
        }
        command + "--markdown"
    }

    pub(crate) fn go(&self) -> bool {
        !self.no_go && !self.short
    }

    pub(crate) fn programs(&self) -> Result<Vec<&'static Program>, String> {
        for wanted in &self.only {
            if !programs::all().any(|program| program.is(wanted)) {
                return Err(format!("--only {wanted}: no such category or program; --list shows them all"));
            }
        }
        let wanted = |program: &&Program| self.only.is_empty() || self.only.iter().any(|wanted| program.is(wanted));
        Ok(programs::all().filter(wanted).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_says_what_was_asked_for() {
        for (arguments, said) in [
            ("", "--runs 20"),
            ("--runs 3 --no-go", "--runs 3 --no-go"),
            ("--only pools --short --only a/b --check", "--short --only pools --only a/b"),
        ] {
            let words = ["checkedmap-corpus", "--markdown"].into_iter().chain(arguments.split_whitespace());
            let command = Options::parse_from(words).command();
            assert_eq!(command, format!("cargo run --release -p checkedmap-corpus -- {said} --markdown"));
        }
    }
}
