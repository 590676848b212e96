//! The command line.

use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "\
CheckedMap beside the maps and locks it stands in for, in one run.

usage: cargo bench --bench peers [-- OPTIONS]

  --quick         fewer sizes and shorter rounds: under a minute
  --out DIR       where peers.json and peers.svg go, relative to the workspace [default: the target directory's peers/]
  --only TEXT     only the tables whose title contains TEXT; targets that need others are left open
  --no-go         leave Go out even where a go toolchain is present
  -h, --help      this text

All subjects of a table take turns, round by round, and a round in which the kernel took the processor away is played
again. A target that only disturbed rounds speak of is left open. Times are medians over rounds with the 10th and the 90th percentile; ratios are of medians.
";

/// What a hidden child run measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Everything.
    Compare,
    /// One access kind of one subject so many times, under an instruction counter.
    Count {
        subject: String,
        operation: String,
        times: u64,
    },
    /// The hand-over at streaks of all lengths, with whatever regimes the environment allows.
    Alternate {
        rounds: usize,
    },
    Help,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) errand: Errand,
    pub(crate) quick: bool,
    pub(crate) go: bool,
    pub(crate) only: Option<String>,
    pub(crate) out: PathBuf,
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { errand: Errand::Compare, quick: false, go: true, only: None, out: target_directory().join("peers") };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = |what: &str| arguments.next().ok_or_else(|| format!("{argument} needs {what}"));
            match argument.as_str() {
                // cargo's own.
                "--bench" => {}
                "--quick" => options.quick = true,
                "--no-go" => options.go = false,
                "--out" => options.out = workspace().join(value("a directory")?),
                "--only" => options.only = Some(value("a part of a title")?),
                "--count" => {
                    let (subject, operation) = (value("a subject")?, value("an operation")?);
                    let times = value("a number")?;
                    let times = times.parse().map_err(|_| format!("--count: {times:?} is not a whole number"))?;
                    options.errand = Errand::Count { subject, operation, times };
                }
                "--alternate" => {
                    let rounds = value("a number")?;
                    let rounds =
                        rounds.parse().map_err(|_| format!("--alternate: {rounds:?} is not a whole number"))?;
                    options.errand = Errand::Alternate { rounds };
                }
                "-h" | "--help" => options.errand = Errand::Help,
                other => {
                    return Err(format!(
                        "unknown option {other:?}; allowed are --quick, --out, --only, --no-go, --help"
                    ));
                }
            }
        }
        Ok(options)
    }

    pub(crate) fn wants(&self, title: &str) -> bool {
        self.only.as_ref().is_none_or(|part| title.contains(part.as_str()))
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The benchmark lives in `<target>/<profile>/deps/`.
fn target_directory() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(3).map_or_else(|| workspace().join("target"), Path::to_path_buf)
}
