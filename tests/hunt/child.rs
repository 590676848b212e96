//! A process of the test's own: this binary again, told by a variable which program to be.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = "CHECKEDMAP_TEST_PROGRAM";

/// What a child has left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    /// What the program has told by [`tell`].
    pub(crate) told: Vec<(String, String)>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn told(&self, name: &str) -> &str {
        let found = self.told.iter().find(|(told, _)| told == name);
        let (_, value) = found.unwrap_or_else(|| panic!("no {name:?} in {:?}; stderr:\n{}", self.told, self.stderr));
        value
    }

    #[track_caller]
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.told(name).parse().expect("it is a number")
    }
}

/// Tells the test something.
pub(crate) fn tell(name: &str, value: impl std::fmt::Display) {
    println!("told {name}={value}");
}

/// Runs `program` if this process is the child that was made for it.
pub(crate) fn is_child(program: &str) -> bool {
    std::env::var_os(PROGRAM).is_some_and(|name| name == program)
}

/// Runs the test `path`, `module::name`, again as a child with these variables and none of the library's others.
pub(crate) fn run(path: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHECKEDMAP_") {
            command.env_remove(name);
        }
    }
    let command = command.args(["--exact", path, "--nocapture", "--test-threads=1"]).env(PROGRAM, path);
    let output = command.env("RUST_BACKTRACE", "0").envs(variables.iter().copied()).output().expect("it runs");
    let Output { status, stdout, stderr } = output;
    let stdout = String::from_utf8_lossy(&stdout);
    // The harness writes the test's name before what the test itself prints.
    let told = stdout.lines().filter_map(|line| line.split_once("told ")?.1.split_once('='));
    Ran {
        code: status.code(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        told: told.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

/// A place for a plan, gone with the value.
pub(crate) struct PlanPath(tempfile::TempDir);

impl PlanPath {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("hunt.plan")
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap_or_default()
    }

    /// How long the first pair that is still hunted is to be delayed first, in nanoseconds.
    #[track_caller]
    pub(crate) fn first_delay(&self) -> u64 {
        let text = self.text();
        let delay = text.lines().find_map(|line| line.strip_prefix("candidate\t")?.split('\t').next());
        delay.expect("it is still hunted").parse().expect("it is a number")
    }

    /// Lines of pairs in this state.
    pub(crate) fn count(&self, state: &str) -> usize {
        self.text().lines().filter(|line| line.starts_with(&format!("{state}\t"))).count()
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the directory's name is text")
}
